import { describe, expect, it } from 'vitest';
import { clockText, leftText, timeOf } from './clock';
import { count, delta, percent } from './format';

describe('numbers', () => {
  it('shows what was not said as a dash, never as zero', () => {
    expect([count(null), count(undefined), count(0)]).toEqual(['—', '—', '0']);
  });
  it('gives no change where one side was not said', () => {
    expect([delta(3, 1), delta(1, 3), delta(2, 2), delta(null, 2), delta(2, null)]).toEqual(['+2', '−2', '±0', '', '']);
  });
  it('does not round a missing report away, and agrees with the sentence of the brief', () => {
    expect([percent(2393, 2394), percent(2394, 2394), percent(0, 3), percent(1, 0)]).toEqual(['>99.9%', '100.0%', '0.0%', '—']);
    expect([percent(2378, 2390), percent(2337, 2390), percent(1, 2390)]).toEqual(['99.5%', '97.8%', '<0.1%']);
  });
});

describe('the clock', () => {
  it('reads in the office’s offset, whatever the reader’s is', () => {
    const ms = Date.parse('2020-02-03T14:47:05+08:00');
    expect(clockText(ms, '2020-02-03T00:00:00+08:00')).toBe('14:47:05');
    expect(clockText(ms, '2020-02-03T00:00:00-05:30', false)).toBe('01:17');
    expect(timeOf('2020-02-03T14:31:09+08:00', true)).toBe('14:31:09');
  });
  it('counts down and stops at zero', () => {
    expect([leftText(774_000), leftText(3_661_000), leftText(-5)]).toEqual(['12:54', '1:01:01', '0:00']);
  });
});
