import { expect, it } from 'vitest';
import type { BriefCorrection } from '@/api/generated.schemas';
import { reports } from './BriefLists';

const line = (code: string, element: string, revision: number, day = '2020-02-02'): BriefCorrection => ({
  code, unit: code, element, revision, day, before: null, after: 1, reason: '', at: `${day}T16:00:00+08:00`,
});

it('counts corrections by reports, of which one may fill several lines', () => {
  expect(reports([line('A', 'fever', 2), line('A', 'staff', 2), line('A', 'staff', 3), line('B', 'fever', 2)])).toBe(3);
  expect(reports([line('A', 'fever', 1), line('A', 'fever', 1, '2020-02-01')])).toBe(2);
  expect(reports([])).toBe(0);
});
