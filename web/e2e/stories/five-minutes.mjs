// The five minutes, as a visitor walks them.
import assert from 'node:assert/strict';
import { eventually, fitsAcross, numberOf, tick, wordsOnly } from '../check.mjs';

const LEVELS = [0, 1, 2, 3];

async function desk({ page, open }) {
  await open('/');
  await page.waitForSelector('[data-group]');
  assert.equal(await page.locator('[data-simulated]').count(), 1, 'says that it is simulated');
  assert.equal(await page.locator('[data-group]').count(), 28, 'tiles');
  assert.equal(await page.locator('.figure-card').count(), 4, 'big figures');
  const [expected, reported, missing] = [await tick(page, 'expected'), await tick(page, 'reported'), await tick(page, 'missing')];
  assert.ok(expected > 2000 && reported > 0 && missing > 0, `${expected} expected, ${reported} reported, ${missing} not`);
  assert.equal(expected, reported + missing, 'expected = reported + not reported');
  const left = () => page.locator('[data-left]').innerText();
  const first = await left();
  assert.ok((await page.locator('[data-request]').count()) > 0, 'requests from below stand on the desk');
  await eventually('the minutes to the cut-off count', left, (now) => now !== first, 3000);
}

/** Two taps on the telephone; the four counters must all have moved within a second of the second tap. */
async function sideBySide({ page, open, size }) {
  await open('/side-by-side');
  await page.waitForSelector('[data-zero]');
  const before = [];
  for (const l of LEVELS) {
    before.push(await eventually(`level ${l}`, () => tick(page, `level-${l}`), Number.isInteger));
  }
  assert.equal(before[3], 0, 'the site has not reported');
  await page.evaluate((levels) => {
    const seen = {};
    window.moved = seen;
    const value = (l) => parseInt(document.querySelector(`[data-tick="level-${l}"]`)?.firstChild?.textContent?.replace(/\D/g, '') ?? '', 10);
    const start = levels.map(value);
    const look = () => {
      for (const l of levels) if (seen[l] === undefined && value(l) > start[l]) seen[l] = performance.now();
      requestAnimationFrame(look);
    };
    look();
    document.addEventListener('click', (e) => e.target.closest('[data-confirm]') && (window.tapped = performance.now()), true);
  }, LEVELS);
  await page.locator('[data-zero]').click();
  await page.locator('[data-confirm]').click();
  const receipt = await page.locator('[data-receipt]').innerText();
  assert.ok(receipt.trim().length > 3, `a receipt number: ${receipt}`);
  const moved = await eventually('all four levels moved', () => page.evaluate(() => window.moved), (m) => LEVELS.every((l) => m[l]));
  const covered = await page.evaluate(() => {
    const over = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const box = (e) => e.getBoundingClientRect();
    const counts = [...document.querySelectorAll('.chain-count, .tile-count')].filter((e) => e.offsetParent && e.querySelector('.tick-by'));
    return { seen: counts.length, covered: counts.filter((e) => over(box(e.querySelector('.tick-by')), box(e.querySelector('.faint')))).length };
  });
  assert.ok(covered.seen >= 4 && covered.covered === 0, `what a count is of stays to be read: ${JSON.stringify(covered)}`);
  const tapped = await page.evaluate(() => window.tapped);
  const took = LEVELS.map((l) => Math.round(moved[l] - tapped));
  assert.ok(Math.max(...took) < 1000, `ms from the tap, by level: ${took}`);
  assert.ok(Math.max(...took) - Math.min(...took) < 100, `the four tick together: ${took}`);
  assert.equal(await tick(page, 'level-3'), 1, 'the site');
  assert.ok((await tick(page, 'level-0')) > before[0], 'the regulator');
  console.log(`      ${size}: receipt ${receipt}; four levels ${took.join(', ')} ms after the tap`);
}

async function missing({ page, open }) {
  await open('/missing');
  await page.waitForSelector('.missing-table tbody tr');
  const total = numberOf(await page.locator('h1').innerText());
  assert.ok(total > 0);
  const phone = await page.locator('.missing-phone a').first().innerText();
  assert.match(phone, /^000/, 'a telephone that does not exist');
  const unit = await page.locator('.missing-table td a').first().innerText();
  await page.locator('[data-copy]').click();
  const text = await eventually('the reminder is copied', () => page.evaluate(() => navigator.clipboard.readText()), (t) => t.includes(unit));
  assert.match(text, /15:00/, 'says until when');
  assert.doesNotMatch(text, /000-/, 'no telephones in a chat');
  // Line and place: the same units, cut by city.
  await page.locator('[data-axis="place"]').click();
  await page.locator('.missing-where', { hasText: 'Anhui' }).waitFor();
  const city = page.locator('.missing-groups a', { hasText: 'Hefei' });
  const there = numberOf(await city.locator('b').innerText());
  await city.click();
  await page.locator('.missing-where', { hasText: 'Hefei' }).waitFor();
  assert.equal(await page.locator('.missing-table tbody tr').count(), there);
}

async function contradiction({ page, open }) {
  await open('/contradictions');
  const one = page.locator('.contra').filter({ hasText: '14:05' });
  await one.waitFor();
  const text = await one.innerText();
  assert.match(text, /14:31/);
  assert.match(text, /Contradiction/);
  assert.doesNotMatch(text, /conceal|false|lie|guilty/i, 'no verdict');
}

async function revision({ page, open, base, context }) {
  const api = await (await page.request.get(`${base}/api/v1/about`)).json();
  const read = async (path) => (await page.request.get(`${base}/api/v1${path}`, { headers: { 'accept-language': 'en' } })).json();
  const corrected = (await read(`/corrections?day=${api.today}`)).items.find((c) => c.day === api.today && c.revision === 2);
  assert.ok(corrected, 'a revision 2 of today');
  const unit = await read(`/units/${corrected.unit.code}?day=${api.today}`);
  // Down the tree by clicking: group, firm, site.
  await open(`/figure?node=unit:${unit.path[0].code}`);
  for (const step of unit.path.slice(1)) {
    await page.locator('.figure-children a', { hasText: step.name }).filter({ hasText: new RegExp(`^${step.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) }).first().click();
    await page.locator('.crumbs h1', { hasText: step.name }).waitFor();
  }
  const second = page.locator('[data-revision="2"]');
  await second.waitFor();
  const text = await second.innerText();
  assert.match(text, /Why:/);
  assert.match(text, /receipt/);
  const address = page.url();
  const other = await context.newPage();
  await other.goto(address);
  await other.locator('[data-revision="2"]').waitFor();
  await other.close();
}

async function skip({ page, open }) {
  await open('/');
  await page.waitForSelector('[data-group]');
  await page.locator('[data-skip]').click();
  await page.waitForURL(/\/brief\//);
  await page.locator('article[data-frozen="true"]').waitFor({ timeout: 15_000 });
  const text = await page.locator('article').innerText();
  for (const part of ["Totals", "Groups", "Missing and late", "Contradictions", "Corrections"]) assert.ok(text.includes(part), part);
  assert.match(text, /Missing and late \((1[2-9]|[2-9]\d)\)/);
  await open('/');
  await eventually('twelve are missing, not zero', () => tick(page, 'missing'), (n) => n === 12);
  // One word for one thing, wherever it is told: in the menu, on a tile, among the figures, in the list.
  await page.locator('nav a', { hasText: /^Missing$/ }).waitFor();
  assert.doesNotMatch(await page.locator('body').innerText(), /not reported/i, 'the desk');
  await open('/figure');
  await page.locator('.figure-children').waitFor();
  assert.doesNotMatch(await page.locator('body').innerText(), /not reported/i, 'the figures');
  await open('/missing');
  assert.match(await page.locator('h1').innerText(), /^12 units are missing/);
  await fitsAcross(page);
}

/** Who comes after the freeze is late here and still missing in the brief; the page says both, and the comparison says why. */
async function late({ page, open, base }) {
  const { today: day } = await (await page.request.get(`${base}/api/v1/about`)).json();
  const { items } = await (await page.request.get(`${base}/api/v1/missing?day=${day}`)).json();
  const { unit } = items[0];
  const zero = await page.request.put(`${base}/api/v1/reports/${unit.code}/${day}`, { data: { act: 'zero' }, headers: { 'idempotency-key': `late-${unit.code}` } });
  assert.ok(zero.ok(), await zero.text());
  await open('/');
  await eventually('eleven are missing', () => tick(page, 'missing'), (n) => n === 11);
  assert.match(await page.locator('h1').innerText(), /11 missing, 1 late;.*the brief is frozen/s);
  await open('/missing');
  assert.match(await page.locator('h1').innerText(), /^11 units are missing/);
  assert.match(await page.locator('[data-late]').innerText(), /^1 /);
  assert.match(await page.locator('[data-in-brief]').innerText(), /12 missing/);
  await page.locator('[data-in-brief]').click();
  await page.locator('[data-compare]').click();
  const cause = page.locator(`[data-cause="${unit.code}"]`);
  await cause.waitFor();
  assert.match(await cause.innerText(), /no report → Revision 1 · receipt R/);
  assert.ok((await page.locator('[data-why]').count()) > 0, 'each figure names whose sheet changed it');
  await fitsAcross(page);
  await cause.locator('a').click();
  await page.locator('[data-revision="1"]').waitFor();
}

export const sizes = ['desk', 'phone'];

export async function run(v) {
  await desk(v);
  await wordsOnly(v.page);
  await sideBySide(v);
  await missing(v);
  await contradiction(v);
  await revision(v);
  await skip(v);
  await late(v);
  assert.deepEqual(v.faults, []);
}
