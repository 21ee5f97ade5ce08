// Acting for somebody (代办): who decided what is done from here on, when, and by what means. It is kept in the tab alone, for
// an hour at most, and goes along with every change that is sent.
import { useSyncExternalStore } from 'react';

export const MEANS = ['oral', 'telephone', 'message', 'written', 'meeting'] as const;
export type Means = (typeof MEANS)[number];

export type Acting = {
  /** Whose tab it is; another account acts for nobody. */
  account: string;
  unit: { code: string; name: string };
  post: { code: string; name: string };
  /** When it was decided, as the server writes an instant. */
  at: string;
  means: Means;
  /** When it ends by itself, in ms of this machine's clock. */
  until: number;
};

const KEPT = 'muster.acting';
export const LASTS_MS = 3_600_000;
const asked = new Set<() => void>();
let read: { text: string | null; acting: Acting | null } = { text: null, acting: null };

/** Who is acted for now; the same object while nothing changes. */
export function acting(): Acting | null {
  const text = sessionStorage.getItem(KEPT);
  if (text !== read.text) {
    try {
      read = { text, acting: text === null ? null : (JSON.parse(text) as Acting) };
    } catch {
      read = { text, acting: null };
    }
  }
  return read.acting !== null && Date.now() < read.acting.until ? read.acting : null;
}

/** Acts for somebody from here on; null: for nobody any more. */
export function act(next: Acting | null): void {
  if (next === null) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, JSON.stringify(next));
  for (const tell of asked) tell();
}

function listen(tell: () => void): () => void {
  asked.add(tell);
  // An hour that is over is seen without anybody touching the page.
  const timer = setInterval(tell, 5_000);
  return () => {
    asked.delete(tell);
    clearInterval(timer);
  };
}

export const useActing = (): Acting | null => useSyncExternalStore(listen, acting);

/** What changes nothing of the operation: one's own login and account, the demonstration's clock, and questions that are sent as a POST. */
const OWN = /^\/api\/v1\/(?:session|sessions|letters|resets|link|demo|operation|oidc)(?:[/?]|$)|^\/api\/v1\/(?:reports\/check|imports\/book\/look)(?:\?|$)/;

/**
 * Whether a request says who decided it. All that changes something does: what nobody can do for another (a report) the server
 * then refuses, rather than that it is done in one's own name unnoticed.
 */
export const saysWho = (method: string, url: string): boolean => !['GET', 'HEAD'].includes(method.toUpperCase()) && !OWN.test(url);

/** The header of a request, where somebody is acted for. */
export function actingFor(method: string, url: string): Record<string, string> {
  const now = saysWho(method, url) ? acting() : null;
  if (now === null) return {};
  const code = encodeURIComponent;
  return { 'acting-for': `unit=${code(now.unit.code)}; post=${code(now.post.code)}; at=${now.at}; means=${now.means}` };
}
