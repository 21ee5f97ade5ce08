// The way back to the demonstration from an operation that was opened beside it. Only the port is handed over: whatever an
// address says, the way back stays on this machine.
const KEPT = 'muster.demo-port';

/** The address at which an own operation begins, or goes on, told where it was opened from. */
export const besideDemo = (url: string, language: string, begun: boolean): string => `${url}${begun ? '/' : '/start'}?lang=${language}&demo=${location.port}`;

/** The demonstration from which this operation was opened in this tab, or null. */
export function demoBeside(): string | null {
  const told = new URLSearchParams(location.search).get('demo');
  if (told !== null && /^\d{1,5}$/.test(told)) sessionStorage.setItem(KEPT, told);
  const port = sessionStorage.getItem(KEPT);
  return port === null ? null : `http://${location.hostname}:${port}/`;
}
