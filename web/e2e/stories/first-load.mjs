// What a first visit costs over the wire, and that a second tab shares the event stream.
import assert from 'node:assert/strict';

export const sizes = ['desk'];
const FIRST_LOAD_BYTES_MAX = 350_000;

export async function run({ page, context, open, base, faults }) {
  const client = await context.newCDPSession(page);
  await client.send('Network.enable');
  const wire = new Map();
  const names = new Map();
  client.on('Network.responseReceived', (e) => names.set(e.requestId, new URL(e.response.url).pathname));
  client.on('Network.loadingFinished', (e) => wire.set(e.requestId, e.encodedDataLength));
  await open('/');
  await page.waitForSelector('[data-group]');
  let bytes = 0;
  for (const [id, size] of wire) if (!names.get(id)?.startsWith('/api/')) bytes += size;
  console.log(`      first load: ${Math.round(bytes / 1000)} kB`);
  assert.ok(bytes > 50_000 && bytes <= FIRST_LOAD_BYTES_MAX, `${bytes} bytes`);
  // Ten tabs: with a stream each, the browser's six connections would be used up and the tenth would hang.
  for (let i = 0; i < 9; i += 1) {
    const tab = await context.newPage();
    await tab.goto(base);
    await tab.waitForSelector('[data-group]', { timeout: 10_000 });
  }
  assert.deepEqual(faults, []);
}
