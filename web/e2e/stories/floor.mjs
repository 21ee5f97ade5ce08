// The oldest browser that is promised: a real Chrome 88 draws the pages and says nothing wrong.
// It is driven by its own --dump-dom, since today's drivers do not speak to it.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { linked } from './languages.mjs';

export const sizes = ['desk'];
const MAJOR = 88;

/** The packed browser of the package, unpacked once into the clone: what an earlier clone left proves nothing of this one. */
function chrome() {
  const packed = fileURLToPath(new URL('../node_modules/chrome-aws-lambda/bin/', import.meta.url));
  const home = fileURLToPath(new URL(`../../../target/chrome-${MAJOR}/`, import.meta.url));
  const binary = join(home, 'chromium');
  if (!existsSync(binary)) {
    mkdirSync(home, { recursive: true });
    for (const [name, folder] of [['swiftshader', 'swiftshader'], ['aws', '.']]) {
      mkdirSync(join(home, folder), { recursive: true });
      execFileSync('tar', ['xf', '-', '-C', join(home, folder)], { input: brotliDecompressSync(readFileSync(join(packed, `${name}.tar.br`))) });
    }
    const part = `${binary}.${process.pid}`;
    writeFileSync(part, brotliDecompressSync(readFileSync(join(packed, 'chromium.br'))));
    chmodSync(part, 0o755);
    renameSync(part, binary);
  }
  return { binary, env: { ...process.env, LD_LIBRARY_PATH: join(home, 'lib') } };
}

/** The page as that browser drew it, with a mark in it, and what it wrote to its console. */
async function dump({ binary, env }, address, mark = '') {
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--single-process', '--no-zygote', '--enable-logging=stderr', '--window-size=1440,900', '--virtual-time-budget=20000', '--dump-dom', address];
  // Its headless mode of those days sometimes dies before it has written anything, and on a busy machine writes before the
  // answers are there: its clock is its own. Neither says anything of the page, which is drawn at one of four tries or wrong.
  for (let tries = 4; ; tries -= 1) {
    const seen = await new Promise((done) => {
      execFile(binary, args, { env, timeout: 60_000, maxBuffer: 1 << 26 }, (e, html, said) => done({ e, html, said: said.split('\n').filter((l) => l.includes('CONSOLE')) }));
    });
    if (seen.html !== '' && !seen.e && (seen.html.includes(mark) || tries === 1)) return seen;
    if (tries === 1) throw seen.e ?? new Error(`${address}: nothing drawn`);
  }
}

export async function run({ page, base }) {
  const browser = chrome();
  const agent = await dump(browser, 'data:text/html,<script>document.write(navigator.userAgent)</script>');
  assert.match(agent.html, new RegExp(`Chrome/${MAJOR}\\.`));
  const marks = { '/': 'data-group=', '/side-by-side': 'data-level=', '/phone': 'class="phone"', '/missing': 'missing-table', '/figure': 'figure-children', '/brief': 'class="card brief"', '/units': 'unit-facts', '/units/G03/change': 'change-form', '/units/G03/post/duty': 'change-form', '/parties': 'data-new', '/catalogue': 'data-form=', '/catalogue/form/daily': 'data-item=', '/start': 'data-own', '/people': 'data-person=', '/people/add': 'change-form', '/roles': 'data-matrix', '/links': 'data-new', '/me': 'data-my-roles', '/privacy': 'data-privacy=', '/letter#token': 'data-password=', '/forgot': 'data-name' };
  marks[await linked(page, base)] = 'class="phone"';
  for (const [path, mark] of Object.entries(marks)) {
    const { html, said } = await dump(browser, base + path, mark);
    assert.ok(html.includes(mark), `${path} shows ${mark}`);
    assert.deepEqual(said, [], path);
  }
}
