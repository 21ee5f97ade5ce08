// The one door to the server: language, request ids, problems, and what to do when the line is down.
import { actingFor } from './acting';
import type { ProblemBody } from './generated.schemas';

/** What the server refused, or why it could not be asked (`status` 0). */
export class Problem extends Error {
  readonly status: number;
  readonly body: ProblemBody;
  readonly retryAfterS: number | null;

  constructor(body: ProblemBody, retryAfterS: number | null) {
    super(body.title);
    this.name = 'Problem';
    this.status = body.status;
    this.body = body;
    this.retryAfterS = retryAfterS;
  }

  /** No answer came: the act may or may not have arrived; the same request id settles it. */
  get unanswered(): boolean {
    return this.status === 0;
  }
}

let language = 'zh-CN';

/** The reader's language goes with every request, so that findings come back in it. */
export function speak(next: string): void {
  language = next;
}

/** A request id that works without a secure context and on the browser floor, where `randomUUID` is missing. */
export function requestId(): string {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6]! & 0x0f) | 0x40;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export function address(path: string, query?: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') params.set(key, String(value));
  }
  const tail = params.toString();
  return `/api/v1${path}${tail ? `?${tail}` : ''}`;
}

/** A problem of our own making, where the server said none. */
const plain = (title: string, status: number, code: string): ProblemBody => ({ type: `urn:muster:problem:${code}`, title, status, code });

async function problemOf(response: Response): Promise<Problem> {
  const retry = Number(response.headers.get('retry-after'));
  let body: ProblemBody;
  try {
    body = (await response.json()) as ProblemBody;
  } catch {
    body = plain(response.statusText || String(response.status), response.status, 'unreadable');
  }
  return new Problem({ ...body, status: response.status }, Number.isFinite(retry) && retry > 0 ? retry : null);
}

/** In the demonstration an act may be done as one of its roles, so that the desk and the telephone fit on one page. */
export const ROLE_HEADER = 'x-muster-role';

/** Any request; throws a `Problem` for everything but success. */
export async function send(path: string, init: RequestInit & { query?: Query } = {}): Promise<Response> {
  const { query, ...rest } = init;
  return fetched(address(path, query), rest);
}

async function fetched(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      credentials: 'same-origin',
      ...init,
      headers: { accept: 'application/json', 'accept-language': language, ...actingFor(init.method ?? 'GET', url), ...init.headers },
    });
  } catch (cause) {
    if ((cause as Error).name === 'AbortError') throw cause;
    throw new Problem(plain('unanswered', 0, 'unanswered'), null);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return (await send(path, { query, signal })).json() as Promise<T>;
}

export async function post<T>(path: string, body?: unknown, query?: Query): Promise<T> {
  const response = await send(path, {
    method: 'POST',
    query,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
  });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** What the generated client calls: an address of the contract, answered as JSON, or a `Problem`. */
export async function request<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await fetched(url, init);
  return (response.status === 204 ? undefined : await response.json()) as T;
}
