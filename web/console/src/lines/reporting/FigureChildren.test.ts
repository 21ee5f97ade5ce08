import { expect, it } from 'vitest';
import type { Totals } from '@/api/generated.schemas';
import { sorted } from './FigureChildren';

const unit = (code: string, value: number | null, missing: number) =>
  ({ node: { code }, missing, zero: 0, rates: { actual: 0 }, elements: [{ element: 'fever', value, yesterday: 1 }] }) as unknown as Totals;
const codes = (items: Totals[]) => items.map((x) => x.node.code).join('');

it('sorts by a column both ways, keeps the office’s order without one, and never takes "not said" for zero', () => {
  const items = [unit('a', 0, 3), unit('b', null, 1), unit('c', 5, 2)];
  expect(codes(sorted(items, null, 'fever'))).toBe('abc');
  expect(codes(sorted(items, 'nonsense', 'fever'))).toBe('abc');
  expect(codes(sorted(items, '-value', 'fever'))).toBe('cab');
  expect(codes(sorted(items, 'value', 'fever'))).toBe('bac');
  expect(codes(sorted(items, 'missing', 'fever'))).toBe('bca');
});

it('sorts a figure of other units than yesterday’s below every change: its difference is none', () => {
  const other = { ...unit('o', 9, 0) };
  other.elements[0]!.other_units = true;
  expect(codes(sorted([other, unit('a', 0, 3), unit('c', 5, 2)], '-change', 'fever'))).toBe('cao');
});
