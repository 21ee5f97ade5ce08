// One event stream for all tabs of a browser: HTTP/1.1 allows six connections to a host, and an office opens ten tabs.
/// <reference lib="webworker" />
import { openStream, type Stream } from './stream';

const ports = new Set<MessagePort>();
let stream: Stream | null = null;
/** For whom the stream was opened: what it tells depends on who listens. */
let who = '';

function tell(message: object): void {
  ports.forEach((p) => p.postMessage(message));
}

(self as unknown as SharedWorkerGlobalScope).onconnect = (e) => {
  const port = e.ports[0]!;
  port.addEventListener('message', (m: MessageEvent<{ bye?: boolean; as?: string }>) => {
    if (m.data.bye) {
      ports.delete(port);
      if (ports.size === 0) {
        stream?.close();
        stream = null;
      }
      return;
    }
    ports.add(port);
    if (stream && who === m.data.as) {
      if (stream.isOpen()) port.postMessage({ kind: 'open' });
      return;
    }
    stream?.close();
    who = m.data.as ?? '';
    stream = openStream(tell);
  });
  port.start();
};
