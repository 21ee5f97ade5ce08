import { describe, expect, it } from 'vitest';
import type { Conjecture, Span } from '@/api/notices';
import { furnitureOf, nextOpen, rowsOf } from './rows';

const span = (start: number, text: string, part: string, more: Partial<Span> = {}): Span => ({
  start,
  end: start + text.length,
  kind: 'kept',
  part,
  text,
  repaired: text,
  readable: text,
  ...more,
});
const conjecture = (n: number, start: number, end: number, state: Conjecture['state'] = 'open'): Conjecture => ({
  n,
  start,
  end,
  original: '',
  proposed: 'x',
  phrase: 'x',
  reason_code: 'x',
  reason: 'x',
  state,
  decided_by: null,
  decided_at: null,
});

describe('rows', () => {
  it('cuts paragraphs at line ends, measures out of paragraphs, and keeps furniture together', () => {
    const spans = [
      span(0, 'EN\n', 'language_switch'),
      span(3, 'by a\n', 'publisher'),
      span(8, 'says', 'speech'),
      span(12, 'one', 'measure', { measure: 1 }),
      span(15, 'two', 'measure', { measure: 2 }),
      span(18, '\n\n', 'layout'),
      span(20, 'end', 'speech'),
    ];
    const rows = rowsOf(spans, []);
    expect(rows.map((r) => [r.part, r.measure, r.pieces.length])).toEqual([
      ['language_switch', undefined, 2],
      ['speech', undefined, 1],
      ['measure', 1, 1],
      ['measure', 2, 1],
      ['speech', undefined, 1],
    ]);
  });

  it('puts what is missing before its span and a swap over all of its spans', () => {
    const spans = [span(0, 'ab', 'body'), span(2, 'cd', 'body'), span(4, 'ef', 'body')];
    const pieces = rowsOf(spans, [conjecture(1, 2, 2), conjecture(2, 2, 6)])[0]!.pieces;
    expect(pieces.map((p) => [p.missing.map((c) => c.n), p.swap?.n, p.covered])).toEqual([
      [[], undefined, false],
      [[1], 2, false],
      [[], undefined, true],
    ]);
  });

  it('tells what furniture says, and where it says nothing', () => {
    const spans = [span(0, 'EN\n', 'language_switch'), span(3, ' by:', 'publisher'), span(7, 'admin\n', 'publisher'), span(13, 'seen:\n', 'views')];
    expect(furnitureOf(rowsOf(spans, [])[0]!)).toEqual([
      { part: 'language_switch', value: 'EN' },
      { part: 'publisher', value: 'admin' },
      { part: 'views', value: null },
    ]);
  });

  it('goes round to the next open conjecture', () => {
    const all = [conjecture(1, 0, 0), conjecture(2, 1, 1, 'accepted'), conjecture(3, 2, 2)];
    expect(nextOpen(all, 1)).toBe(3);
    expect(nextOpen(all, 3)).toBe(1);
    expect(nextOpen([conjecture(1, 0, 0, 'refused')], 0)).toBeNull();
  });
});
