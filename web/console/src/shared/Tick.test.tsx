import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Tick } from './Tick';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
afterEach(() => vi.useRealTimers());

describe('Tick', () => {
  it('marks a figure that moves, for a while, and never another’s in its place', () => {
    vi.useFakeTimers();
    const box = document.createElement('p');
    const root = createRoot(box);
    const shown = (of: string, value: number | null) => {
      act(() => root.render(<Tick of={of} value={value} />));
      return box.querySelector('.tick-by')?.textContent ?? '';
    };
    expect(shown('AQ 2020-02-03', 2390)).toBe('');
    expect(shown('AQ 2020-02-03', 2391)).toBe('+1');
    expect(shown('G05 2020-02-03', 61)).toBe('');
    expect(shown('G05 2020-02-03', 60)).toBe('−1');
    act(() => vi.advanceTimersByTime(5000));
    expect(shown('G05 2020-02-03', 60)).toBe('');
    expect(shown('G05 2020-02-02', 58)).toBe('');
    expect(shown('G05 2020-02-02', null)).toBe('');
    act(() => root.unmount());
  });
});
