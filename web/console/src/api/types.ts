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

export type ElementInfo = { code: string; name: string; class: ElementClass; unit: string };

export type Tile = {
  code: string;
  name: string;
  expected: number;
  reported: number;
  zero: number;
  missing: number;
  late: number;
  fever: number | null;
};

export type DeskFigure = {
  element: string;
  name: string;
  unit: string;
  value: number | null;
  yesterday: number | null;
  said: number;
  base: number;
};

export type Counts = { expected: number; reported: number; zero: number; missing: number; late: number };

export type Desk = {
  day: string;
  now: string;
  form: Coded;
  node: Coded;
  cut_off: string;
  minutes_to_cut_off: number;
  frozen: boolean;
  counts: Counts;
  figures: DeskFigure[];
  tiles: Tile[];
  contradictions: number;
  corrections: number;
  requests: { unit: Coded; text: string }[];
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

export type SheetField = {
  element: string;
  name: string;
  class: ElementClass;
  type: string;
  unit: string;
  required: boolean;
  min: number | null;
  max: number | null;
  value: number | null;
  said: boolean;
  yesterday: number | null;
};

export type Receipt = {
  receipt: string;
  revision: number;
  at: string;
  on_time: boolean;
  act: Act;
  findings: Finding[];
  up: (Coded & { actual: number; expected: number })[];
};

export type SheetAct = { act: Act; at: string; on_time: boolean; actor: string; receipt: string };

export type Sheet = {
  unit: Coded;
  day: string;
  form: Coded & { version: number };
  scope: Scope;
  status: SheetStatus;
  cut_off: string;
  as_of: string;
  revision: number;
  fields: SheetField[];
  notes: { element: string; text: string }[];
  acts: SheetAct[];
  path: Coded[];
};

export type ReportBody = {
  act: Act;
  scope: Scope;
  values: Record<string, number | string | null>;
  reason?: string;
  client_id?: string;
};

export type Revision = {
  revision: number;
  at: string;
  actor: string;
  act: Act;
  reason: string | null;
  changes: { element: string; name: string; before: number | string | null; after: number | string | null }[];
  receipt: string;
};

export type TotalElement = {
  element: string;
  name: string;
  class: ElementClass;
  unit: string;
  value: number | null;
  said: number;
  base: number;
  yesterday: number | null;
  stated?: number | null;
  rate?: number | null;
};

export type Rates = {
  expected: number;
  actual: number;
  actual_on_time: number;
  reporting_rate: number | null;
  reporting_rate_on_time: number | null;
};

export type Totals = {
  node: Coded & { axis: string };
  day: string;
  form: string;
  rates: Rates;
  zero: number;
  missing: number;
  elements: TotalElement[];
  coverage: { units_stated: number; units_parts: number };
};

export type SeriesPoint = { day: string; value: number | null; said: number; base: number };
export type Series = { node: Coded; element: string; points: SeriesPoint[] };

export type MissingItem = {
  unit: Coded;
  path: string;
  group: string;
  post: string | null;
  duty_phone: string | null;
  people: number | null;
};
export type Missing = Page<MissingItem> & {
  groups: { unit: Coded; missing: number }[];
  reminder_text: string;
};

export type Disagreement = {
  unit: Coded;
  element: string;
  stated: number;
  parts: number;
  said: number;
  kind: 'stated_vs_parts';
};

export type Contradiction = {
  unit: Coded;
  element: string;
  zero_signed_at: string;
  report: { receipt: string; actor: string; value: number; revision: number };
  incident: { at: string; value: number; text: string; actor?: string | null };
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
