// One place that names every read: its key, its address, how long it may be believed.
import { infiniteQueryOptions, keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query';
import * as api from './generated';
import type { Element, Form, JournalListParams, LetterState, LinkOpened, Narrative, PartyBody, UnitBody, UnitListParams } from './generated.schemas';
import { Problem, send } from './http';

export type At = { day: string; form: string };

export const aboutRead = () =>
  queryOptions({ queryKey: ['about'], queryFn: ({ signal }) => api.aboutRead({ signal }), staleTime: 60_000 });

/** Nobody logged in is an answer here, not a failure. */
export const sessionRead = () =>
  queryOptions({
    queryKey: ['session'],
    queryFn: async ({ signal }) => {
      try {
        return await api.sessionRead({ signal });
      } catch (e) {
        if (e instanceof Problem && e.status === 401) return null;
        throw e;
      }
    },
  });

/** Another account looks from here on: who it is, and nothing stays that the one before was told. */
export async function become(client: QueryClient): Promise<void> {
  const session = await api.sessionRead();
  // Both at once: the pages are drawn anew for the account, and none asks as the next what the one before was looking at.
  client.removeQueries({ predicate: ({ queryKey: [name] }) => name !== 'about' && name !== 'session' });
  client.setQueryData(sessionRead().queryKey, session);
}

// Figures carry 'live' first, so that one event can mark them all stale.
export const deskRead = (at: At) =>
  queryOptions({
    queryKey: ['live', 'desk', at],
    queryFn: ({ signal }) => api.deskRead(at, { signal }),
    placeholderData: keepPreviousData,
  });

export const totalsRead = (node: string, at: At, asKnownAt?: string) =>
  queryOptions({
    queryKey: ['live', 'totals', node, at, asKnownAt ?? null],
    queryFn: ({ signal }) => api.totalsRead({ node, ...at, as_known_at: asKnownAt }, { signal }),
  });

export const totalsChildren = (node: string, at: At, asKnownAt?: string) =>
  queryOptions({
    queryKey: ['live', 'children', node, at, asKnownAt ?? null],
    queryFn: ({ signal }) => api.totalsChildren({ node, ...at, as_known_at: asKnownAt }, { signal }),
  });

export const totalsSeries = (node: string, element: string, form: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['live', 'series', node, element, form, from, to],
    queryFn: ({ signal }) => api.totalsSeries({ node, element, form, from, to }, { signal }),
  });

/** The version of a form that is asked on a day. */
export const formRead = (code: string, day: string) =>
  queryOptions({ queryKey: ['form', code, day], queryFn: ({ signal }) => api.formRead(code, { day }, { signal }), staleTime: 60_000 });

/** All that is asked of whom, and the tag by which it is known whether somebody changed it since. */
export type Catalogue = { elements: Element[]; forms: Form[]; etag: string | null };

export const catalogueRead = () =>
  queryOptions({
    queryKey: ['catalogue'],
    queryFn: async ({ signal }): Promise<Catalogue> => {
      // The elements' tag is asked for first: a change in between is then found, not passed over.
      const elements = await send('/elements', { signal });
      const { items } = (await elements.json()) as { items: Element[] };
      return { etag: elements.headers.get('etag'), elements: items, forms: (await api.formList({ signal })).items };
    },
  });

/** Of whom forms are asked; only for who stands at the top of the tree. */
export const assignmentList = () =>
  queryOptions({ queryKey: ['assignments'], queryFn: ({ signal }) => api.assignmentList({ signal }) });

/** The sheet of a unit; or of the unit whose link is open on this device, whatever unit is said. */
export const sheetRead = (unit: string, { day, form }: At, link = false) =>
  queryOptions({
    queryKey: ['live', 'sheet', link ? null : unit, { day, form }],
    queryFn: ({ signal }) => (link ? api.linkSheet(day, { signal }) : api.reportRead(unit, day, { form }, { signal })),
  });

export const sheetHistory = (unit: string, { day, form }: At, link = false) =>
  queryOptions({
    queryKey: ['live', 'history', link ? null : unit, { day, form }],
    queryFn: ({ signal }) => (link ? api.linkHistory(day, { signal }) : api.reportHistory(unit, day, { form }, { signal })),
  });

/** That no link is open on this device, by the code of why: none was opened (`link.needed`), or it was ended or replaced (`link.ended`). */
export type NoLink = { none: string };
export type LinkHere = LinkOpened | NoLink;
export const noLink = (why: string): LinkHere => ({ none: why });

/** What the link of this device opens; that none is open is an answer, not a failure. */
export const linkRead = () =>
  queryOptions({
    queryKey: ['link'],
    queryFn: async ({ signal }): Promise<LinkHere> => {
      try {
        return await api.linkRead({ signal });
      } catch (e) {
        if (e instanceof Problem && e.status === 401) return { none: e.body.code };
        throw e;
      }
    },
  });

/** Links of a unit and all below it that open now. A page may be empty and still not be the last. */
export const linkList = (under: string) =>
  infiniteQueryOptions({
    queryKey: ['links', under],
    queryFn: ({ pageParam, signal }) => api.linkList({ under, limit: 1000, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const missingList = (node: string, at: At, limit: number) =>
  infiniteQueryOptions({
    queryKey: ['live', 'missing', node, at, limit],
    queryFn: ({ pageParam, signal }) => api.missingList({ node, ...at, limit, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const reportedList = (node: string, at: At, limit: number) =>
  infiniteQueryOptions({
    queryKey: ['live', 'reported', node, at, limit],
    queryFn: ({ pageParam, signal }) => api.reportedList({ node, ...at, limit, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const classList = () => queryOptions({ queryKey: ['classes'], queryFn: ({ signal }) => api.classList({ signal }), staleTime: 60_000 });

export const contradictionList = (node: string, at: At) =>
  queryOptions({
    queryKey: ['live', 'contradictions', node, at],
    queryFn: ({ signal }) => api.contradictionList({ node, ...at }, { signal }),
  });

export const disagreementList = (node: string, at: At) =>
  queryOptions({
    queryKey: ['live', 'disagreements', node, at],
    queryFn: ({ signal }) => api.disagreementList({ node, ...at }, { signal }),
  });

export const correctionList = (node: string, at: At) =>
  queryOptions({
    queryKey: ['live', 'corrections', node, at],
    queryFn: ({ signal }) => api.correctionList({ node, ...at }, { signal }),
  });

export const unitList = (q: UnitListParams) =>
  queryOptions({ queryKey: ['units', q], queryFn: ({ signal }) => api.unitList(q, { signal }), staleTime: 30_000 });

export const unitRead = (code: string, day: string) =>
  queryOptions({ queryKey: ['unit', code, day], queryFn: ({ signal }) => api.unitRead(code, { day }, { signal }) });

/** A unit on a day, and the tag by which it is known whether somebody changed it since. */
export type UnitAt = { unit: UnitBody; etag: string | null };

export const unitAt = (code: string, day: string) =>
  queryOptions({
    queryKey: ['unit-at', code, day],
    queryFn: async ({ signal }): Promise<UnitAt> => {
      const response = await send(`/units/${encodeURIComponent(code)}`, { query: { day }, signal });
      return { etag: response.headers.get('etag'), unit: (await response.json()) as UnitBody };
    },
    gcTime: 0,
  });

/** Bodies beside the tree, by code. */
export const partyList = () =>
  infiniteQueryOptions({
    queryKey: ['parties'],
    queryFn: ({ pageParam, signal }) => api.partyList({ limit: 100, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

/** A body beside the tree, and the tag by which it is known whether somebody changed it since. */
export type PartyAt = { party: PartyBody; etag: string | null };

export const partyAt = (code: string) =>
  queryOptions({
    queryKey: ['party-at', code],
    queryFn: async ({ signal }): Promise<PartyAt> => {
      const response = await send(`/parties/${encodeURIComponent(code)}`, { signal });
      return { etag: response.headers.get('etag'), party: (await response.json()) as PartyBody };
    },
    gcTime: 0,
  });

/** The journal, the latest first; each page says how far it looked. */
export const journalList = (q: JournalListParams) =>
  infiniteQueryOptions({
    queryKey: ['journal', q],
    queryFn: ({ pageParam, signal }) => api.journalList({ ...q, limit: 50, after: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.more ?? null,
  });

export const unitHistory = (code: string) =>
  queryOptions({ queryKey: ['unit-history', code], queryFn: ({ signal }) => api.unitHistory(code, { signal }) });

/** Who may log in, by login name. A page may be short and still not be the last. */
export const accountList = () =>
  infiniteQueryOptions({
    queryKey: ['accounts'],
    queryFn: ({ pageParam, signal }) => api.accountList({ limit: 100, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const accountRead = (id: string) => queryOptions({ queryKey: ['account', id], queryFn: ({ signal }) => api.accountRead(id, { signal }) });

export const accountHistory = (id: string) => queryOptions({ queryKey: ['account-history', id], queryFn: ({ signal }) => api.accountHistory(id, { signal }) });

/** By which services of groups one may log in. */
export const oidcList = () => queryOptions({ queryKey: ['oidc'], queryFn: ({ signal }) => api.oidcList({ signal }), staleTime: 60_000 });

/** The logins of such services that open the reader's own account. */
export const oidcOwn = () => queryOptions({ queryKey: ['oidc-own'], queryFn: ({ signal }) => api.oidcOwn({ signal }) });

/** The same of an account. */
export const oidcOf = (id: string) => queryOptions({ queryKey: ['oidc-of', id], queryFn: ({ signal }) => api.oidcOf(id, { signal }) });

/** What each role may do, and which of them the reader may give. */
export const roleList = () => queryOptions({ queryKey: ['roles'], queryFn: ({ signal }) => api.roleList({ signal }), staleTime: 60_000 });

/** Where the reader is logged in. */
export const sessionList = () => queryOptions({ queryKey: ['sessions'], queryFn: ({ signal }) => api.sessionList({ signal }) });

/** What is kept of persons. */
export const privacyRead = () => queryOptions({ queryKey: ['privacy'], queryFn: ({ signal }) => api.privacyRead({ signal }) });

/** Tokens of the reader's own that hold. */
export const tokenList = () => queryOptions({ queryKey: ['tokens'], queryFn: ({ signal }) => api.tokenList({ signal }) });

/** Whether the reader's account has an authenticator. */
export const totpRead = () => queryOptions({ queryKey: ['totp'], queryFn: ({ signal }) => api.totpRead({ signal }) });

/** Who may do what: at a unit, with what holds there from above, or by a post (`UNIT/POST`). A page may be short and still not be the last. */
export const grantList = (of: { unit: string } | { post: string }) =>
  infiniteQueryOptions({
    queryKey: ['grants', of],
    queryFn: ({ pageParam, signal }) => api.grantList({ ...of, above: 'unit' in of ? true : undefined, limit: 100, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? null,
  });

/** What was done with the reader's own account. */
export const sessionHistory = () => queryOptions({ queryKey: ['session-history'], queryFn: ({ signal }) => api.sessionHistory({ signal }) });

export const briefRead = (day: string, form: string) =>
  queryOptions({ queryKey: ['live', 'brief', day, form], queryFn: ({ signal }) => api.briefRead(day, { form }, { signal }) });

export const briefCompare = (day: string, form: string) =>
  queryOptions({
    queryKey: ['live', 'brief-compare', day, form],
    queryFn: ({ signal }) => api.briefCompare(day, { form }, { signal }),
    enabled: false,
  });

/** What the office wrote, and the tag by which it is known whether somebody wrote since. */
export type NarrativeAt = { narrative: Narrative; etag: string | null };

export const narrativeRead = (day: string, form: string) =>
  queryOptions({
    queryKey: ['narrative', day, form],
    queryFn: async ({ signal }): Promise<NarrativeAt> => {
      const response = await send(`/briefs/${day}/narrative`, { query: { form }, signal });
      return { etag: response.headers.get('etag'), narrative: (await response.json()) as Narrative };
    },
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

export const narrativeSet = (day: string, form: string, narrative: Narrative, etag: string | null) =>
  api.briefNarrativeSet(day, narrative, { form }, { headers: etag ? { 'if-match': etag } : {} });

export const briefLineage = (day: string, unit: string) =>
  queryOptions({
    queryKey: ['live', 'brief-lineage', day, unit],
    queryFn: async ({ signal }) => {
      try {
        return await api.briefLineage(day, { unit }, { signal });
      } catch (e) {
        // A day that is not frozen has none, and that is no failure.
        if (e instanceof Problem && (e.status === 404 || e.status === 409)) return null;
        throw e;
      }
    },
  });

export const requestList = (node: string, at: At) =>
  queryOptions({
    queryKey: ['requests', node, at],
    queryFn: ({ signal }) => api.requestList({ node, ...at }, { signal }),
    // Words are not figures: they need not tick.
    refetchInterval: 15_000,
  });

/** A file and the name the server gives it. */
async function made(path: string, query: Record<string, string>, otherwise: string): Promise<{ blob: Blob; name: string }> {
  const response = await send(path, { query });
  const said = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(response.headers.get('content-disposition') ?? '');
  return { blob: await response.blob(), name: said ? decodeURIComponent(said[1]!) : otherwise };
}

export const briefFile = (day: string, format: string, lang: string) => made(`/briefs/${day}/file`, { format, lang }, `brief-${day}.${format}`);

/** One unit's report on paper; of the unit whose link is open on this device by the link's own door, which knows unit and form. */
export const reportPaper = (unit: string, { day, form }: At, format: string, lang: string, link?: boolean) =>
  link
    ? made(`/link/reports/${day}/file`, { format, lang }, `report-${day}.${format}`)
    : made(`/reports/${encodeURIComponent(unit)}/${day}/file`, { format, lang, form }, `report-${day}.${format}`);

/** A scan of a report's signed page, by its digest. */
export const reportScan = (unit: string, { day, form }: At, digest: string) =>
  made(`/reports/${encodeURIComponent(unit)}/${day}/scan`, { digest, form }, `scan-${day}`);

/** What inspectors found, the latest first; about a unit and those below it, or about the reader's own part. */
export const findingList = (node: string | null) =>
  infiniteQueryOptions({
    queryKey: ['findings', node],
    queryFn: ({ pageParam, signal }) => api.findingList({ node: node ?? undefined, limit: 50, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? null,
  });

/** What waits for the reader, the nearest date first. */
export const waitingList = () =>
  infiniteQueryOptions({
    queryKey: ['waiting'],
    queryFn: ({ pageParam, signal }) => api.waitingList({ limit: 50, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? null,
  });

/** Open tasks of the reader's own part, the nearest date first. */
export const taskList = () =>
  infiniteQueryOptions({
    queryKey: ['tasks'],
    queryFn: ({ pageParam, signal }) => api.taskList({ limit: 50, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? null,
  });

/** A task. */
export const taskRead = (id: string) => queryOptions({ queryKey: ['task', id], queryFn: ({ signal }) => api.taskRead(id, { signal }) });

/** What was done with it, the latest first. */
export const taskSteps = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['task', id, 'steps'],
    queryFn: ({ pageParam, signal }) => api.taskSteps(id, { limit: 50, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? null,
  });

/** Its parts, at most a thousand. */
export const taskParts = (id: string) => queryOptions({ queryKey: ['task', id, 'parts'], queryFn: ({ signal }) => api.taskParts(id, { limit: 1000 }, { signal }) });

/** Measures, the latest first. */
export const measureList = () =>
  infiniteQueryOptions({
    queryKey: ['measures'],
    queryFn: ({ pageParam, signal }) => api.measureList({ limit: 50, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? null,
  });

/** How far one is, by what lies right below the unit that registered it. */
export const measureProgress = (id: string) => queryOptions({ queryKey: ['measures', id, 'progress'], queryFn: ({ signal }) => api.measureProgress(id, undefined, { signal }) });

/** The channels of a unit: never where they lead. */
export const channelList = (unit: string) => queryOptions({ queryKey: ['channels', unit], queryFn: ({ signal }) => api.channelList(unit, { signal }) });

/** Letters to a unit and those below it, or to the reader's own part; of one state, or of all. They move on by themselves. */
export const outboxList = (node: string | null, state: LetterState | null) =>
  infiniteQueryOptions({
    queryKey: ['outbox', node, state],
    queryFn: ({ pageParam, signal }) => api.outboxList({ node: node ?? undefined, state: state ?? undefined, limit: 50, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? null,
    refetchInterval: 10_000,
  });
