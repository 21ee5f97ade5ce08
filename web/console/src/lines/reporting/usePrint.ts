import { useEffect, useRef, useState } from 'react';
import { useAbout } from '@/shared/about';
import { Problem } from '@/api/http';

/** A file and the name the server gives it. */
export type Made = { blob: Blob; name: string };

type Waiting<F> = { format: F; seconds: number; why: string };
type Printing<F> = { format: F; seconds: number };

/** What is worth asking for again by itself; a printer without a font stays without one. */
const PASSES = new Set(['print.not_ready', 'busy']);

/** Hands a made file to the browser under the server's name for it. */
export function hand({ blob, name }: Made): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Asks for a file, of a brief or a report. On a first start the printer may still be being built: the server then says when to
 * ask again, the page counts down and asks, until the file comes or the reader stops it.
 */
export function usePrint<F extends string>(make: (format: F) => Promise<Made>) {
  const [printing, setPrinting] = useState<Printing<F> | null>(null);
  const [waiting, setWaiting] = useState<Waiting<F> | null>(null);
  const [error, setError] = useState<unknown>(null);
  // One that is being built is worth asking for: the server then says when to ask again.
  const none = useAbout().about.printer === 'none';
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const clock = useRef<ReturnType<typeof setInterval> | undefined>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      clearInterval(clock.current);
    },
    [],
  );

  const countDown = (w: Waiting<F>) => {
    setWaiting(w);
    timer.current = setTimeout(() => (w.seconds > 1 ? countDown({ ...w, seconds: w.seconds - 1 }) : void ask(w.format)), 1000);
  };
  const ask = async (format: F) => {
    setPrinting({ format, seconds: 0 });
    clock.current = setInterval(() => setPrinting((p) => p && { ...p, seconds: p.seconds + 1 }), 1000);
    setError(null);
    try {
      hand(await make(format));
      setWaiting(null);
    } catch (e) {
      if (e instanceof Problem && e.retryAfterS !== null && PASSES.has(e.body.code)) countDown({ format, seconds: e.retryAfterS, why: e.body.title });
      else {
        setWaiting(null);
        setError(e);
      }
    } finally {
      clearInterval(clock.current);
      setPrinting(null);
    }
  };
  return {
    none,
    busy: printing !== null || waiting !== null,
    printing,
    waiting,
    error,
    start: (format: F) => void ask(format),
    stop: () => {
      clearTimeout(timer.current);
      setWaiting(null);
    },
  };
}
