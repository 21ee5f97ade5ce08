// The shapes the server gives, as the pages use them.
// Days are `YYYY-MM-DD`, instants RFC 3339 with offset, numbers are whole or null when not said.

export type Names = { 'zh-CN': string; 'zh-TW': string; en: string };
export type Coded = { code: string; name: string };
export type ElementClass = 'event' | 'state' | 'text';
export type SheetStatus = 'expected' | 'values' | 'zero' | 'late' | 'missing';
export type Act = 'values' | 'zero';
export type Scope = 'alone' | 'below';

export type Role = { id: string; name: string; unit_code: string; unit_name: string };

export type About = {
  product: string;
  version: string;
  office: Names;
  operation: Coded;
  simulated: boolean;
  seed?: number | null;
  now: string;
  clock_offset_ms: number;
  database: string;
  login: 'local' | 'demo';
  roles: Role[];
  today: string;
  form: string;
  root: string;
};

export type Session = { account: string; name: string; role: string; unit: Coded };

export type Rates = {
  expected: number;
  actual: number;
  actual_on_time: number;
  /** Percent, one decimal; null without a base. */
  reporting_rate: number | null;
  reporting_rate_on_time: number | null;
};

export type ElementTotal = {
  element: string;
  name: string;
  class: ElementClass;
  unit: string;
  value: number | null;
  said: number;
  base: number;
  yesterday: number | null;
  stated?: number | null;
  parts?: number | null;
  rate?: { numerator: number; denominator: number } | null;
};

export type Totals = {
  node: Coded;
  kind: string;
  day: string;
  form: string;
  rates: Rates;
  zero: number;
  missing: number;
  late: number;
  elements: ElementTotal[];
  coverage: { by_parts: number; by_statements: number };
  has_statement: boolean;
};

export type Tile = { unit: Coded; rates: Rates; zero: number; missing: number; late: number; elements: ElementTotal[] };

export type Desk = {
  day: string;
  now: string;
  form: string;
  form_name: string;
  cut_off: string;
  minutes_to_cut_off: number;
  frozen: boolean;
  totals: Totals;
  /** Codes of elements of `totals`, the four to look at first. */
  figures: string[];
  tiles: Tile[];
  contradictions: number;
  corrections: number;
  requests?: { unit: Coded; text: string }[];
};

export type Post = Coded & { holder?: string | null; duty_phone?: string | null };

export type Unit = {
  code: string;
  name: string;
  names: { 'zh-Hans'?: string | null; 'zh-Hant'?: string | null; en?: string | null };
  kind: string;
  parent: string | null;
  path: Coded[];
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

export type Said = number | string | null;

export type ValueType =
  | { kind: 'integer' }
  | { kind: 'decimal'; scale: number }
  | { kind: 'choice'; codes: string[] }
  | { kind: 'text' }
  | { kind: 'rate'; numerator: string; denominator: string };

export type SheetField = {
  element: string;
  name: string;
  class: ElementClass;
  value_type: ValueType;
  unit: string;
  required: boolean;
  min: number;
  max: number | null;
  said: boolean;
  value: Said;
  yesterday: Said;
};

export type Sheet = {
  unit: Coded;
  /** Units above it that the reader may know of, the top first; not the unit itself. */
  path: Coded[];
  day: string;
  form: string;
  form_name: string;
  version: number;
  scope: Scope;
  status: SheetStatus;
  as_of: string;
  cut_off: string;
  revision: number;
  fields: SheetField[];
  act: { act: Act; first_at: string; last_at: string; on_time: boolean } | null;
};

export type ReportBody = { act: Act; scope: Scope; values: Record<string, Said>; reason?: string };

export type Receipt = {
  receipt: string;
  unit: string;
  day: string;
  act: Act;
  revision: number;
  at: string;
  on_time: boolean;
  findings?: Finding[];
};

export type Change = { element: string; name: string; before: Said; after: Said };

export type Revision = {
  revision: number;
  at: string;
  actor: string;
  action: string;
  act: Act | null;
  reason: string | null;
  receipt: string;
  changes: Change[];
};

export type SeriesPoint = { day: string; value: number | null; expected: number; actual: number };
export type Series = { element: string; name: string; points: SeriesPoint[] };

export type MissingUnit = { unit: Coded; path: Coded[]; post: string | null; duty_phone: string | null; people: number | null };
export type Missing = {
  day: string;
  cut_off: string;
  missing: number;
  groups: { unit: Coded; missing: number; expected: number }[];
  items: MissingUnit[];
  next_cursor: string | null;
  reminder_text: string;
};

export type Disagreement = { unit: Coded; element: string; element_name: string; stated: number; below: number; said: number; agrees: boolean };
export type Disagreements = { compared: number; agree: number; items: Disagreement[] };

export type Incident = { id: string; unit: Coded; element: string; element_name: string; value: number; at: string; text: string };
export type Contradiction = {
  unit: Coded;
  element: string;
  element_name: string;
  reported: number;
  zero: boolean;
  reported_at: string;
  incidents: Incident[];
};

export type Finding = {
  row?: number | null;
  column?: string | null;
  cell?: string | null;
  field?: string | null;
  code: string;
  severity: 'note' | 'warn' | 'refuse';
  message: string;
};

export type ImportReport = {
  rows: number;
  accepted: number;
  refused: number;
  added: number;
  changed: number;
  closed: number;
  unchanged: number;
  dry_run: boolean;
  findings: Finding[];
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

/** RFC 9457 problem with the house's stable code. */
export type ProblemBody = {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  findings?: Finding[];
};
