import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { Problem, requestId } from '@/api/http';
import { totalsRead, unitRead, type At } from '@/api/queries';
import { linkFile, reportFile } from '@/api/report';
import type { CodedBody, ReceiptBody, ReportBody, SheetBody, Totals } from '@/api/generated.schemas';

/**
 * What came of it: the receipt, how every level above that the reader sees stood right after, those further up, of which
 * the reader knows the name alone, and how long the receipt took.
 */
export type Filed = { receipt: ReceiptBody; levels: Totals[]; over: CodedBody[]; tookMs: number };

/** As whom: as themselves, as a role of the demonstration, or as whoever holds the link of this device, who sees nothing above. */
export type As = { role?: string; link?: boolean };

/**
 * Files one unit's report. When the receipt is there, every total above is right already: all levels are asked at
 * once and put before the reader in the same moment; the event stream brings the rest of the page.
 */
export function useFile(sheet: SheetBody, at: At, { role, link }: As, onFiled?: (filed: Filed) => void) {
  const client = useQueryClient();
  // Kept while no answer came, so that a second try is the same act.
  const key = useRef<string | null>(null);
  return useMutation({
    mutationFn: async (body: ReportBody): Promise<Filed> => {
      key.current ??= requestId();
      const began = performance.now();
      const receipt = await (link ? linkFile(at.day, body, sheet.revision, key.current) : reportFile(sheet.unit.code, at, body, sheet.revision, key.current, role));
      const tookMs = performance.now() - began;
      key.current = null;
      if (link) return { receipt, levels: [], over: [], tookMs };
      const reads = [...sheet.path, sheet.unit].map((u) => totalsRead(`unit:${u.code}`, at));
      // The report stands whatever becomes of these reads.
      const [asked, path] = await Promise.all([Promise.allSettled(reads.map((r) => client.fetchQuery({ ...r, queryKey: [...r.queryKey, receipt.receipt], staleTime: 0, gcTime: 0 }))), client.fetchQuery({ ...unitRead(sheet.unit.code, at.day), staleTime: 60_000 }).then((u) => u.path, () => [])]);
      const levels = asked.flatMap((a) => (a.status === 'fulfilled' ? [a.value] : []));
      for (const level of levels) client.setQueryData(totalsRead(`unit:${level.node.code}`, at).queryKey, level);
      const seen = new Set([...sheet.path, sheet.unit].map((u) => u.code));
      return { receipt, levels, over: path.filter((p) => !seen.has(p.code)), tookMs };
    },
    onSuccess: (filed) => {
      onFiled?.(filed);
      void client.invalidateQueries({ queryKey: ['live'] });
    },
    onError: (e) => {
      if (!(e instanceof Problem && e.unanswered)) key.current = null;
    },
  });
}
