// One event stream for all tabs of a browser: HTTP/1.1 allows six connections to a host, and an office opens ten tabs.
/// <reference lib="webworker" />
const ports = new Set<MessagePort>();
let source: EventSource | null = null;

function open(): void {
  source = new EventSource('/api/v1/events');
  for (const kind of ['totals', 'incident', 'frozen', 'clock', 'tree', 'lagged']) {
    source.addEventListener(kind, (e) => ports.forEach((p) => p.postMessage({ kind, data: (e as MessageEvent<string>).data })));
  }
  source.addEventListener('open', () => ports.forEach((p) => p.postMessage({ kind: 'open' })));
  source.addEventListener('error', () => ports.forEach((p) => p.postMessage({ kind: 'down' })));
}

(self as unknown as SharedWorkerGlobalScope).onconnect = (e) => {
  const port = e.ports[0]!;
  ports.add(port);
  port.addEventListener('message', (m: MessageEvent<string>) => {
    if (m.data === 'bye') ports.delete(port);
  });
  port.start();
  if (!source || source.readyState === EventSource.CLOSED) open();
  else if (source.readyState === EventSource.OPEN) port.postMessage({ kind: 'open' });
};
