// A figure that shows when it moves: a wash of colour and by how much, for three seconds.
// Who asked the system for less motion gets the same mark without the fade (base.css).
import { useEffect, useRef, useState } from 'react';
import { count, delta, type Num } from './format';

const SHOWN_MS = 3000;

/** `of` says whose figure it is and of which day: another's figure in its place is no movement. */
export function Tick({ value: said, of, label }: { value: Num; of: string; label?: string }) {
  const value = said ?? null;
  const before = useRef({ of, value });
  const [by, setBy] = useState('');
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const { of: whose, value: old } = before.current;
    before.current = { of, value };
    if (whose !== of) setBy('');
    if (whose !== of || old === null || value === null || old === value) return undefined;
    setBy(delta(value, old));
    setTurn((n) => n + 1);
    const timer = setTimeout(() => setBy(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [value, of]);
  return (
    <span className={by ? 'tick tick-on' : 'tick'} key={turn} data-tick={label}>
      {count(value)}
      {by && <span className="tick-by">{by}</span>}
    </span>
  );
}
