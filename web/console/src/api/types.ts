// What the contract does not say yet. As soon as `openapi.json` has a shape, it goes from here.
import type { FindingBody, UnitLabel } from './generated';

export type Post = UnitLabel & { holder?: string | null; duty_phone?: string | null };

export type Unit = {
  code: string;
  name: string;
  names: { 'zh-Hans'?: string | null; 'zh-Hant'?: string | null; en?: string | null };
  kind: string;
  parent: string | null;
  path: UnitLabel[];
  place: string | null;
  place_name: string | null;
  classes: string[];
  time_zone: string | null;
  opened: string | null;
  closed: string | null;
  posts: Post[];
  has_children?: boolean;
};

export type UnitFact = {
  fact: string;
  since: string;
  until: string | null;
  value: string;
  at?: string | null;
  actor?: string | null;
};

export type Page<T> = { items: T[]; next_cursor: string | null };

export type ImportReport = {
  rows: number;
  accepted: number;
  refused: number;
  added: number;
  changed: number;
  closed: number;
  unchanged: number;
  dry_run: boolean;
  findings: FindingBody[];
  columns: string[];
};

export type BriefDoc = {
  brief: 1;
  lang: string;
  simulated: boolean;
  office: string;
  title: string;
  number?: string | null;
  day: string;
  as_of: string;
  made_at: string;
  frozen: boolean;
  digest?: string | null;
  sentences: string[];
  numbers: { name: string; value: number | null; unit: string; delta: number | null; base: string }[];
  totals: {
    name: string;
    unit: string;
    value: number | null;
    yesterday: number | null;
    delta: number | null;
    said: number;
    base: number;
  }[];
  rates: { expected: number; actual: number; actual_on_time: number; zero: number; missing: number };
  chart: { title: string; days: string[]; series: { name: string; points: (number | null)[] }[] };
  groups: {
    name: string;
    expected: number;
    actual: number;
    on_time: number;
    zero: number;
    missing: number;
    values: { name: string; value: number | null }[];
  }[];
  absent: { unit: string; path: string; group: string; status: 'missing' | 'late'; at?: string | null }[];
  contradictions: { unit: string; text: string }[];
  disagreements: { unit: string; element: string; stated: number; parts: number; said: number }[];
  corrections: {
    unit: string;
    day: string;
    element: string;
    before: number | null;
    after: number | null;
    reason: string;
    at: string;
    revision: number;
  }[];
  narrative: { progress: string[]; problems: string[]; next: string[] };
  lineage: { units: number; revisions: number; heads: string };
  labels: Record<string, string>;
};

export type BriefCompare = {
  day: string;
  frozen_at: string | null;
  differences: { name: string; unit: string | null; frozen: number | null; now: number | null }[];
};
