import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { linkIssue } from '@/api/generated';
import type { Issued, Wanted } from './types';

/**
 * Issues links page by page of the server's answers. What was issued stays in hand when a later page fails; it goes on from
 * there. Of a page whose answer was lost, the links are issued anew, and the lost ones open nothing.
 */
export function useIssue() {
  const client = useQueryClient();
  const [issued, setIssued] = useState<Issued | null>(null);
  const [running, setRunning] = useState(false);
  const current = useRef(0);
  const go = async (from: Issued): Promise<void> => {
    current.current += 1;
    const mine = current.current;
    setRunning(true);
    let so = { ...from, error: null as Error | null };
    setIssued(so);
    const { under, alone, form, days, pin } = so.wanted;
    do {
      try {
        const said = await linkIssue({ under: under.code, alone, form: form === '' ? undefined : form, days, pin, cursor: so.next });
        so = { ...so, form: said.form, until: said.expires_at, links: [...so.links, ...said.items], next: said.next_cursor ?? null };
      } catch (e) {
        so = { ...so, error: e as Error };
      }
      if (current.current !== mine) return;
      setIssued(so);
    } while (so.next !== null && so.error === null);
    setRunning(false);
    await client.invalidateQueries({ queryKey: ['links'] });
  };
  return {
    issued,
    running,
    begin: (wanted: Wanted) => void go({ wanted, form: wanted.form, until: '', links: [], next: null, error: null }),
    again: () => issued && void go(issued),
    drop: () => {
      current.current += 1;
      setRunning(false);
      setIssued(null);
    },
  };
}
