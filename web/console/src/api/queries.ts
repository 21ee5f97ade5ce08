// One place that names every read: its key, its address, how long it may be believed.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { get, Problem, send } from './http';
import type {
  About,
  BriefCompare,
  BriefDoc,
  Contradiction,
  Desk,
  Disagreements,
  Missing,
  Page,
  Revision,
  Series,
  Session,
  Sheet,
  Totals,
  Unit,
  UnitFact,
} from './types';

export type At = { day: string; form: string };

export const aboutRead = () =>
  queryOptions({ queryKey: ['about'], queryFn: ({ signal }) => get<About>('/about', undefined, signal), staleTime: 60_000 });

/** Nobody logged in is an answer here, not a failure. */
export const sessionRead = () =>
  queryOptions({
    queryKey: ['session'],
    queryFn: async ({ signal }) => {
      try {
        return await get<Session>('/session', undefined, signal);
      } catch (e) {
        if (e instanceof Problem && (e.status === 401 || e.status === 404)) return null;
        throw e;
      }
    },
  });

// Figures carry 'live' first, so that one event can mark them all stale.
export const deskRead = (at: At) =>
  queryOptions({
    queryKey: ['live', 'desk', at],
    queryFn: ({ signal }) => get<Desk>('/desk', at, signal),
    placeholderData: keepPreviousData,
  });

export const totalsRead = (node: string, at: At, asKnownAt?: string) =>
  queryOptions({
    queryKey: ['live', 'totals', node, at, asKnownAt ?? null],
    queryFn: ({ signal }) => get<Totals>('/totals', { node, ...at, as_known_at: asKnownAt }, signal),
  });

export const totalsChildren = (node: string, at: At, asKnownAt?: string) =>
  queryOptions({
    queryKey: ['live', 'children', node, at, asKnownAt ?? null],
    queryFn: ({ signal }) =>
      get<{ items: Totals[] }>('/totals/children', { node, ...at, as_known_at: asKnownAt }, signal),
  });

export const totalsSeries = (node: string, element: string, form: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['live', 'series', node, element, form, from, to],
    queryFn: ({ signal }) => get<Series>('/totals/series', { node, element, form, from, to }, signal),
  });

export const sheetRead = (unit: string, at: At) =>
  queryOptions({
    queryKey: ['live', 'sheet', unit, at],
    queryFn: ({ signal }) => get<Sheet>(`/reports/${encodeURIComponent(unit)}/${at.day}`, { form: at.form }, signal),
  });

export const sheetHistory = (unit: string, at: At) =>
  queryOptions({
    queryKey: ['live', 'history', unit, at],
    queryFn: ({ signal }) =>
      get<{ revisions: Revision[] }>(`/reports/${encodeURIComponent(unit)}/${at.day}/history`, { form: at.form }, signal),
  });

export const missingList = (node: string, at: At, limit: number) =>
  infiniteQueryOptions({
    queryKey: ['live', 'missing', node, at, limit],
    queryFn: ({ pageParam, signal }) => get<Missing>('/missing', { node, ...at, limit, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

export const contradictionList = (node: string, at: At) =>
  queryOptions({
    queryKey: ['live', 'contradictions', node, at],
    queryFn: ({ signal }) => get<{ items: Contradiction[] }>('/contradictions', { node, ...at }, signal),
  });

export const disagreementList = (node: string, at: At) =>
  queryOptions({
    queryKey: ['live', 'disagreements', node, at],
    queryFn: ({ signal }) => get<Disagreements>('/disagreements', { node, ...at }, signal),
  });

export const unitList = (q: { under?: string; day: string; depth?: number; q?: string; limit?: number; cursor?: string }) =>
  queryOptions({ queryKey: ['units', q], queryFn: ({ signal }) => get<Page<Unit>>('/units', q, signal), staleTime: 30_000 });

export const unitRead = (code: string, day: string) =>
  queryOptions({
    queryKey: ['unit', code, day],
    queryFn: ({ signal }) => get<Unit>(`/units/${encodeURIComponent(code)}`, { day }, signal),
  });

export const unitHistory = (code: string) =>
  queryOptions({
    queryKey: ['unit-history', code],
    queryFn: ({ signal }) => get<{ facts: UnitFact[] }>(`/units/${encodeURIComponent(code)}/history`, undefined, signal),
  });

export const briefRead = (day: string) =>
  queryOptions({ queryKey: ['live', 'brief', day], queryFn: ({ signal }) => get<BriefDoc>(`/briefs/${day}`, undefined, signal) });

export const briefList = () =>
  queryOptions({
    queryKey: ['live', 'briefs'],
    queryFn: ({ signal }) => get<{ items: { day: string; frozen: boolean; made_at: string }[] }>('/briefs', undefined, signal),
  });

export const briefCompare = (day: string) =>
  queryOptions({
    queryKey: ['live', 'brief-compare', day],
    queryFn: ({ signal }) => get<BriefCompare>(`/briefs/${day}/compare`, undefined, signal),
    enabled: false,
  });

/** The file and the name the server gives it. */
export async function briefFile(day: string, format: string, lang: string): Promise<{ blob: Blob; name: string }> {
  const response = await send(`/briefs/${day}/file`, { query: { format, lang } });
  const said = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(response.headers.get('content-disposition') ?? '');
  return { blob: await response.blob(), name: said ? decodeURIComponent(said[1]!) : `brief-${day}.${format}` };
}
