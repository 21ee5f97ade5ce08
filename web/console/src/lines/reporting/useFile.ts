import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { Problem, requestId } from '@/api/http';
import { totalsRead, type At } from '@/api/queries';
import { reportFile } from '@/api/report';
import type { Receipt, ReportBody, Totals } from '@/api/types';

/**
 * Files one unit's report. The receipt carries every ancestor's count at that moment, and those counts are put
 * before the reader at once; the event stream brings the rest.
 */
export function useFile(unit: string, at: At, role?: string, onReceipt?: (r: Receipt, tookMs: number) => void) {
  const client = useQueryClient();
  // Kept while no answer came, so that a second try is the same act.
  const key = useRef<string | null>(null);
  return useMutation({
    mutationFn: async ({ body, revision }: { body: ReportBody; revision: number }) => {
      key.current ??= requestId();
      const began = performance.now();
      const receipt = await reportFile(unit, at, body, revision, key.current, role);
      return { receipt, tookMs: performance.now() - began };
    },
    onSuccess: ({ receipt, tookMs }) => {
      key.current = null;
      for (const up of receipt.up) {
        client.setQueryData<Totals>(totalsRead(`unit:${up.code}`, at).queryKey, (old) =>
          old && { ...old, rates: { ...old.rates, actual: up.actual, expected: up.expected }, missing: up.expected - up.actual },
        );
      }
      void client.invalidateQueries({ queryKey: ['live'] });
      onReceipt?.(receipt, tookMs);
    },
    onError: (e) => {
      if (!(e instanceof Problem && e.unanswered)) key.current = null;
    },
  });
}
