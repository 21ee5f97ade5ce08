// The stories in a real browser, each on a fresh database.
//
//   MUSTER_BIN=target/debug/muster node web/e2e/run.mjs [story ...]
//
// MUSTER_URL=http://127.0.0.1:8020 runs them against a server that is open already (its data will change).
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { openBrowser, visitor } from './browser.mjs';
import { demonstration } from './server.mjs';

const wanted = process.argv.slice(2);
const files = (await readdir(new URL('./stories/', import.meta.url))).filter((f) => f.endsWith('.mjs')).sort();
const names = files.map((f) => f.slice(0, -4)).filter((n) => wanted.length === 0 || wanted.includes(n));

const binary = process.env.MUSTER_BIN;
if (!binary && !process.env.MUSTER_URL) {
  console.error('MUSTER_BIN (the server’s program) or MUSTER_URL (an open server) is needed');
  process.exit(2);
}

const demo = binary ? await demonstration(binary) : null;
let [passed, failed] = [0, 0];

/** Plays one story at one size, on a server of its own. */
async function play(browser, { name, story, size }) {
  const since = Date.now();
  const server = demo ? await demo.start(story.args?.[size]) : { base: process.env.MUSTER_URL.replace(/\/$/, ''), stop: async () => undefined, said: () => '' };
  const v = await visitor(browser, server.base, { size });
  try {
    await story.run({ ...v, browser, base: server.base, size, said: server.said, folder: server.folder, binary });
    passed += 1;
    console.log(`ok    ${name} (${size}) ${((Date.now() - since) / 1000).toFixed(1)} s`);
  } catch (e) {
    failed += 1;
    // Playwright makes the folder.
    const picture = `${process.env.MUSTER_E2E_PICTURES ?? fileURLToPath(new URL('../../target/e2e', import.meta.url))}/${name}-${size}.png`;
    await v.page.screenshot({ path: picture }).catch(() => undefined);
    console.log(`FAIL  ${name} (${size}) at ${v.page.url()}\n${e.stack ?? e}\n${v.faults.join('\n')}\n${server.said().slice(-2000)}\npicture: ${picture}`);
  } finally {
    await v.context.close();
    await server.stop();
  }
}

/** Plays what is left, in a browser of its own. */
async function player(jobs) {
  const browser = await openBrowser();
  try {
    for (let job = jobs.shift(); job; job = jobs.shift()) await play(browser, job);
  } finally {
    await browser.close();
  }
}

const stories = await Promise.all(names.map(async (name) => ({ name, story: await import(`./stories/${name}.mjs`) })));
const jobs = stories.flatMap(({ name, story }) => story.sizes.map((size) => ({ name, story, size })));
// Most of a story is waiting, so two share even two processors; on an open server they would disturb one another.
const players = demo ? Math.max(2, Math.min(4, availableParallelism() / 2)) : 1;
try {
  await Promise.all(Array.from({ length: players }, () => player(jobs)));
} finally {
  await demo?.end();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || passed === 0 ? 1 : 0);
