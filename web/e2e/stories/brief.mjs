// The brief on the page: it says why it cannot be frozen yet, its text is written and kept, a file is handed out, a
// figure of the frozen page opens down to the very revision that is in it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { eventually, fitsAcross, notCut, touchable, wordsOnly } from '../check.mjs';

export const sizes = ['desk', 'phone'];
// On a desk as `make demo` starts it, which builds the printer behind the server; on a phone nobody builds one.
export const args = { desk: ['--printer-follows'], phone: [] };

const PROGRESS = 'Twelve sites were checked without notice.';
const FILES = { PDF: '%PDF', DOCX: 'PK', XLSX: 'PK', PNG: '\x89PNG' };
const printer = () => process.env.MUSTER_BIN && existsSync(join(dirname(process.env.MUSTER_BIN), 'muster-print'));

async function early({ page, open }) {
  await open('/brief');
  assert.equal(await page.locator('[data-freeze]').isDisabled(), true, 'not before the cut-off');
  await eventually('the reason', () => page.locator('[data-freeze-why]').innerText(), (why) => /15:00/.test(why));
  const article = page.locator('article.brief');
  assert.doesNotMatch(await article.innerText(), /▲ Missing/, 'before the cut-off nobody is missing');
  const sentence = /on time ([\d.]+%)/i.exec(await article.locator('.brief-sentences').innerText())?.[1] ?? /([\d.]+%)/.exec(await article.locator('.brief-sentences').innerText())?.[1];
  assert.ok((await article.locator('.brief-rates').innerText()).includes(sentence), `the page says ${sentence} too`);
}

/** Before all have reported, the figures are of other units than yesterday's: no change is told of them. */
async function otherUnits({ page, open, size }) {
  const fever = await page.locator('.brief-sentences li').nth(1).innerText();
  assert.match(fever, /New fevers today: [\d,]+ people \([+−±][\d,]+ in the [\d,]+ units that reported both days\)/, 'what happened is compared of the same units');
  const rows = page.locator('.brief-totals tr[data-other-units]');
  assert.ok((await rows.count()) > 0, 'some figures are of other units than yesterday');
  for (const row of await rows.allInnerTexts()) {
    assert.match(row, /other units|[+−±][\d,.]+ \(in both: [\d,]+\)/, 'a change is told of the same units alone');
    assert.match(row, /[\d,]+\/[\d,]+/, 'how many said it');
  }
  if (size === 'phone') assert.match((await rows.allInnerTexts())[0], /yesterday [\d,]+\*? [\d,]+\/[\d,]+/, 'what yesterday was, also where its column is hidden');
  await fitsAcross(page);
  await notCut(page, '.brief');
  await open('/');
  await eventually('the desk says it too', () => page.locator('.figure-card [data-other-units]').allInnerTexts(), (texts) => texts.length > 0 && texts.every((text) => /by [\d,]+: other units/.test(text)));
  await fitsAcross(page);
  await open('/brief');
}

async function write({ page, size, expectRefusal }) {
  for (const part of ['progress', 'problems', 'next']) assert.match(await page.locator(`[data-part="${part}"]`).innerText(), /not written/i, 'nobody wrote that there is nothing');
  await page.locator('[data-narrative-open]').click();
  const progress = page.locator('[data-narrative="progress"]');
  await progress.fill('Call 13800138000');
  if (size === 'phone') await touchable(page, '.brief-actions');
  expectRefusal(422);
  await page.locator('[data-narrative-save]').click();
  const refusal = await page.locator('.brief-narrate .refusal').innerText();
  assert.match(refusal, /Work in progress, paragraph 1/, 'the finding names its place in words');
  await progress.fill(PROGRESS);
  await page.locator('[data-narrative-save]').click();
  await page.locator('[data-part="progress"]', { hasText: PROGRESS }).waitFor();
  await page.reload();
  await page.locator('[data-part="progress"]', { hasText: PROGRESS }).waitFor();
}

async function download({ page, expectRefusal }) {
  if (!printer()) {
    // The server says that the printer is not there yet, and the page asks again by itself until one stops it.
    expectRefusal(503);
    await page.locator('[data-format="pdf"]').click();
    assert.match(await page.locator('.brief-wait').innerText(), /not ready.*PDF/s);
    await page.locator('.brief-wait button').click();
    await page.locator('.brief-wait').waitFor({ state: 'detached' });
    console.log('      no printer beside the server: the page says so');
    return;
  }
  for (const [format, head] of Object.entries(FILES)) {
    const since = Date.now();
    const [file] = await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), page.locator(`[data-format="${format.toLowerCase()}"]`).click()]);
    const bytes = await readFile(await file.path());
    assert.ok(bytes.toString('latin1').startsWith(head), `${format}: ${bytes.subarray(0, 8)}`);
    console.log(`      ${file.suggestedFilename()}: ${Math.round(bytes.length / 1000)} kB after ${Date.now() - since} ms`);
  }
}

/** Where nobody builds a printer there is nothing to wait for. */
async function noPrinter({ page }) {
  if (printer()) return;
  await page.locator('[data-no-printer]', { hasText: 'has no printer' }).waitFor();
  assert.equal(await page.locator('[data-format]:not([disabled])').count(), 0, 'what cannot be made is not offered');
}

async function frozen({ page, open }) {
  await open('/');
  await page.locator('[data-skip]').click();
  await page.locator('article[data-frozen="true"]').waitFor({ timeout: 15_000 });
  await page.locator('[data-part="progress"]', { hasText: PROGRESS }).waitFor();
  assert.equal(await page.locator('[data-narrative-open]').count(), 0, 'a frozen page is not written any more');
  // From the first big figure down: as it was known, to the revision that the brief is made of.
  await page.locator('.brief-numbers .brief-link').first().click();
  await page.locator('.figure-known').waitFor();
  for (let level = 0; level < 3; level += 1) {
    const before = page.url();
    await page.locator('.figure-children tr:not([data-own-report]) td a').first().click();
    await page.waitForURL((url) => url.href !== before);
    await page.locator('.crumbs a').nth(level).waitFor();
  }
  await page.locator('[data-in-brief]').first().waitFor();
}

export async function run(v) {
  await early(v);
  await otherUnits(v);
  await wordsOnly(v.page);
  if (v.size === 'phone') await fitsAcross(v.page);
  await write(v);
  await (v.size === 'desk' ? download(v) : noPrinter(v));
  await frozen(v);
  if (v.size === 'phone') await fitsAcross(v.page);
  assert.deepEqual(v.faults, []);
}
