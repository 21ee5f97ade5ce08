// Live figures: the server says which figures moved, the query cache asks again. No figure travels in an event,
// so a lost event costs a moment and never leaves a wrong number standing.
import type { Query, QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { openStream, type Message } from './stream';

/** Asked again at most this often while reports pour in. */
const PACE_MS = 300;
/** These do not move with every report; they are asked again when the day freezes or the reader looks. */
const SLOW = new Set(['series', 'brief', 'briefs', 'brief-compare', 'brief-lineage']);

let up = true;
const watchers = new Set<() => void>();

function setUp(next: boolean): void {
  if (up === next) return;
  up = next;
  watchers.forEach((w) => w());
}

function shared(as: string, receive: (m: Message) => void): () => void {
  const worker = new SharedWorker(new URL('./live.worker.ts', import.meta.url), { type: 'module', name: 'muster-live' });
  worker.port.addEventListener('message', (e: MessageEvent<Message>) => receive(e.data));
  worker.port.start();
  worker.port.postMessage({ as });
  const bye = () => worker.port.postMessage({ bye: true });
  addEventListener('pagehide', bye);
  return () => {
    removeEventListener('pagehide', bye);
    bye();
    worker.port.close();
  };
}

/** Listens as an account until the returned function is called. */
export function listen(client: QueryClient, as: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  const moving = (q: Query) => q.queryKey[0] === 'live' && !SLOW.has(String(q.queryKey[1]));
  const refresh = () => {
    last = Date.now();
    timer = undefined;
    void client.invalidateQueries({ predicate: moving });
  };
  const receive = ({ kind }: Message) => {
    if (kind === 'down') return setUp(false);
    const wasDown = !up;
    setUp(true);
    if (kind === 'open' && !wasDown) return undefined;
    if (kind === 'totals' || kind === 'incident' || kind === 'lagged') {
      timer ??= setTimeout(refresh, Math.max(0, last + PACE_MS - Date.now()));
      return undefined;
    }
    // The clock, the close of a day and the tree change everything that a page may show.
    void client.invalidateQueries();
    return undefined;
  };
  const stop = typeof SharedWorker === 'undefined' ? openStream(receive).close : shared(as, receive);
  return () => {
    clearTimeout(timer);
    stop();
    // Nobody listens: nothing is stale yet for whoever comes next.
    setUp(true);
  };
}

/** False while the event stream is down: figures may be old, and the page says so. */
export function useLiveUp(): boolean {
  return useSyncExternalStore(
    (w) => {
      watchers.add(w);
      return () => watchers.delete(w);
    },
    () => up,
  );
}
