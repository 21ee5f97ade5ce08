import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { describe, expect, it } from 'vitest';
import { RateOf } from './RateOf';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

describe('RateOf', () => {
  it('names both numbers of a rate, each with its own base', () => {
    const box = document.createElement('p');
    const root = createRoot(box);
    const parts = { numerator_name: '到岗', numerator: 40, denominator_name: '应到', denominator: 1200 };
    act(() => root.render(<RateOf rate={{ ...parts, numerator_said: 7, denominator_said: 9 }} base={10} />));
    expect(box.textContent).toBe('到岗 40 (7/10) ÷ 应到 1,200 (9/10)');
    // Over several days nobody counted who said them.
    act(() => root.render(<RateOf rate={parts} />));
    expect(box.textContent).toBe('到岗 40 ÷ 应到 1,200');
    act(() => root.render(<RateOf rate={parts} short />));
    expect(box.textContent).toBe('40 ÷ 1,200');
    act(() => root.unmount());
  });
});
