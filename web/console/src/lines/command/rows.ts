// A text as rows of two cells: what stands side by side. A row is a paragraph, or a measure cut out of one.
import type { Conjecture, Span } from '@/api/notices';

/** A span with the conjectures that begin at it. */
export type Piece = {
  /** Number of the span, the same in both cells. */
  i: number;
  span: Span;
  /** What is missing before it. */
  missing: Conjecture[];
  /** What is swapped in it; only the first span of a swap bears it. */
  swap?: Conjecture;
  /** A later span of a swap: the readable text has nothing of its own here. */
  covered: boolean;
};

export type Row = { key: string; part: string; measure?: number; pieces: Piece[] };

export const FURNITURE = new Set(['language_switch', 'publisher', 'published_at', 'source', 'views', 'share', 'tools']);

export function rowsOf(spans: Span[], conjectures: Conjecture[]): Row[] {
  const rows: Row[] = [];
  let row: Row | null = null;
  spans.forEach((span, i) => {
    const missing = conjectures.filter((c) => c.start === c.end && c.start === span.start);
    if (span.part === 'layout') {
      if (span.text.includes('\n')) row = null;
      if (missing.length === 0) return;
    }
    const same = row !== null && (FURNITURE.has(span.part) ? FURNITURE.has(row.part) : row.part === span.part && row.measure === span.measure);
    if (row === null || !same) {
      row = { key: `${span.start}`, part: span.part, measure: span.measure, pieces: [] };
      rows.push(row);
    }
    const swap = conjectures.find((c) => c.start < c.end && c.start <= span.start && span.end <= c.end);
    const first = swap?.start === span.start;
    row.pieces.push({ i, span, missing, swap: first ? swap : undefined, covered: swap !== undefined && !first });
  });
  return rows;
}

/** What the furniture of a row says: the value behind the colon, null where it is empty, the whole where there is no colon. */
export function furnitureOf(row: Row): { part: string; value: string | null }[] {
  const said = new Map<string, string>();
  for (const { span } of row.pieces) said.set(span.part, (said.get(span.part) ?? '') + span.repaired);
  return [...said].map(([part, text]) => {
    const colon = text.search(/[:\uff1a]/);
    return { part, value: text.slice(colon + 1).trim() || null };
  });
}

/** The next conjecture that nobody has decided, from one on and round; null when all are. */
export function nextOpen(conjectures: Conjecture[], after: number): number | null {
  const open = conjectures.filter((c) => c.state === 'open');
  return (open.find((c) => c.n > after) ?? open[0])?.n ?? null;
}
