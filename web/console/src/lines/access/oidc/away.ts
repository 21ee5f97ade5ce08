/** Leaves for an address of the web: nothing else is one, whatever a server says. */
export function setOut(url: string): void {
  const { protocol } = new URL(url);
  if (protocol === 'https:' || protocol === 'http:') location.assign(url);
}

/** What a service sent the browser back with. */
export type Brought = { state: string; code?: string; iss?: string; error?: string };

/** Reads it of the page's address; what else stands there is the service's own business. */
export function broughtOf(search: string): Brought | null {
  const said = new URLSearchParams(search);
  const state = said.get('state');
  if (!state) return null;
  const word = (name: string) => said.get(name) ?? undefined;
  return { state, code: word('code'), iss: word('iss'), error: word('error') };
}
