import { useEffect, useRef, useState } from 'react';
import { Problem } from '@/api/http';
import { briefFile } from '@/api/queries';

export const FORMATS = ['pdf', 'docx', 'xlsx', 'png'] as const;
export type Format = (typeof FORMATS)[number];

type Waiting = { format: Format; seconds: number };

/** Hands a made file to the browser under the server's name for it. */
function hand({ blob, name }: { blob: Blob; name: string }): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Asks for a file of the brief. On a first start the printer may still be being built: the server then says when to
 * ask again, the page counts down and asks, until the file comes or the reader stops it.
 */
export function usePrint(day: string, lang: string) {
  const [busy, setBusy] = useState(false);
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const [error, setError] = useState<unknown>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const countDown = (w: Waiting) => {
    setWaiting(w);
    timer.current = setTimeout(() => (w.seconds > 1 ? countDown({ ...w, seconds: w.seconds - 1 }) : void ask(w.format)), 1000);
  };
  const ask = async (format: Format) => {
    setBusy(true);
    setError(null);
    try {
      hand(await briefFile(day, format, lang));
      setWaiting(null);
    } catch (e) {
      if (e instanceof Problem && e.status === 503 && e.retryAfterS !== null) countDown({ format, seconds: e.retryAfterS });
      else {
        setWaiting(null);
        setError(e);
      }
    } finally {
      setBusy(false);
    }
  };
  return {
    busy: busy || waiting !== null,
    waiting,
    error,
    start: (format: Format) => void ask(format),
    stop: () => {
      clearTimeout(timer.current);
      setWaiting(null);
    },
  };
}
