// The server's clock, running here between two answers. The demonstration's clock is far from the wall's.
import { useEffect, useState } from 'react';
import { useAbout } from './about';

/** Milliseconds by the server's clock, once a second. */
export function useNow(): number {
  const { about, askedAt } = useAbout();
  const base = Date.parse(about.now);
  const [wall, setWall] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setWall(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return base + Math.max(0, wall - askedAt);
}

/** Whether an instant has passed by the server's clock; unlike `useNow` it speaks once, when it does. */
export function usePast(instant: string | undefined): boolean {
  const { about, askedAt } = useAbout();
  const [passed, setPassed] = useState<string>();
  useEffect(() => {
    if (instant === undefined) return undefined;
    const left = Date.parse(instant) - Date.parse(about.now) - Math.max(0, Date.now() - askedAt);
    if (left > 86_400_000) return undefined;
    const timer = setTimeout(() => setPassed(instant), Math.max(0, left));
    return () => clearTimeout(timer);
  }, [instant, about.now, askedAt]);
  return instant !== undefined && passed === instant;
}

/** `14:47:03` in the offset of a given instant: the office's wall, not the reader's laptop. */
export function clockText(ms: number, like: string, seconds = true): string {
  const said = /([+-])(\d\d):(\d\d)$/.exec(like);
  const shift = said ? (said[1] === '-' ? -1 : 1) * (Number(said[2]) * 60 + Number(said[3])) : 0;
  return new Date(ms + shift * 60_000).toISOString().slice(11, seconds ? 19 : 16);
}

/** `12:41`, or `1:02:41` above an hour; never below zero. */
export function leftText(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600);
  return h ? `${h}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** `14:05` of an instant as the server wrote it. */
export const timeOf = (instant: string, seconds = false): string => instant.slice(11, seconds ? 19 : 16);
