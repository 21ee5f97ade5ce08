// Notices: texts of a superior, as the server tells them. Positions count characters of the original.
import { queryOptions } from '@tanstack/react-query';
import { get, post, send } from './http';

export type NoticeKind = 'meeting_news' | 'formal_notice' | 'other';
export type SpanKind = 'kept' | 'converted' | 'reading' | 'decoded' | 'furniture';
export type ConjectureState = 'open' | 'accepted' | 'refused';
export type MeasureScope = 'system' | 'enterprises' | 'units' | 'addressee' | 'unstated';

/** A place of the original with what is readable there. */
export type Place = { start: number; end: number; text: string };

export type Span = {
  start: number;
  end: number;
  kind: SpanKind;
  part: string;
  measure?: number;
  text: string;
  repaired: string;
  readable: string;
  reason?: string;
};

export type Conjecture = {
  n: number;
  start: number;
  end: number;
  original: string;
  proposed: string;
  phrase: string;
  reason_code: string;
  reason: string;
  state: ConjectureState;
  decided_by: string | null;
  decided_at: string | null;
};

export type Measure = Place & { n: number; byte_start: number | null; byte_end: number | null; scope: MeasureScope; scope_reason: string; owner: string | null };

export type Meeting = {
  day: string | null;
  said_day: Place | null;
  published_after_days: number | null;
  series_no: number | null;
  bodies: Place[];
  chair_posts: Place[];
  chair_name: Place | null;
  present: Place[];
  attending: Place[];
};

export type Notice = {
  id: string;
  digest: string;
  media_type: string;
  received_at: string;
  kind: NoticeKind;
  kind_reasons: { feature: string; found: boolean; reason: string }[];
  title: string | null;
  publisher: string | null;
  published_at: string | null;
  meeting: Meeting | null;
  spans: Span[];
  conjectures: Conjecture[];
  /** There was more to propose than is kept. */
  conjectures_cut: boolean;
  measures: Measure[];
};

export type NoticeListed = {
  id: string;
  digest: string;
  media_type: string;
  received_at: string;
  kind: NoticeKind;
  title: string | null;
  published_at: string | null;
  meeting_day: string | null;
  measures: number;
  conjectures: number;
  open: number;
};

export const noticeList = () =>
  queryOptions({
    queryKey: ['notices'],
    queryFn: ({ signal }) => get<{ items: NoticeListed[]; next_cursor: string | null }>('/notices', { limit: 1000 }, signal),
  });

/** A text does not change by itself; only a decision of a person changes it, and that answers with the whole. */
export const noticeRead = (id: string) =>
  queryOptions({ queryKey: ['notice', id], queryFn: ({ signal }) => get<Notice>(`/notices/${encodeURIComponent(id)}`, undefined, signal), staleTime: 60_000 });

export async function noticeImport(file: File): Promise<Notice> {
  const response = await send('/notices', {
    method: 'POST',
    query: { name: file.name.slice(0, 300) },
    body: file,
    headers: { 'content-type': file.type || 'application/octet-stream' },
  });
  return response.json() as Promise<Notice>;
}

export const noticeDecide = (id: string, n: number, decision: 'accept' | 'refuse') =>
  post<Notice>(`/notices/${encodeURIComponent(id)}/conjectures/${n}`, { decision });
