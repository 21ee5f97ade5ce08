// The event stream itself, in a page or in the worker that all tabs share. The browser reconnects after a broken line,
// but gives up for good on a refusal (nobody logged in yet, a server that is just starting): here it is asked again.

export type Message = { kind: string; data?: string };

const KINDS = ['totals', 'incident', 'frozen', 'clock', 'tree', 'lagged'];
const AGAIN_MS = 3_000;

export type Stream = { isOpen: () => boolean; close: () => void };

/** Opens the stream; it stays open, or is asked for again, until `close`. */
export function openStream(receive: (m: Message) => void): Stream {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource('/api/v1/events');
    for (const kind of KINDS) source.addEventListener(kind, (e) => receive({ kind, data: (e as MessageEvent<string>).data }));
    source.addEventListener('open', () => receive({ kind: 'open' }));
    source.addEventListener('error', () => {
      receive({ kind: 'down' });
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return {
    isOpen: () => source.readyState === EventSource.OPEN,
    close: () => {
      clearTimeout(timer);
      source.close();
    },
  };
}
