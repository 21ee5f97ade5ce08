// Who stands below the top: every page of the menu begins at their own unit, nothing that is offered is a dead end, and a
// change of roles is not shown as a movement of figures.
import assert from 'node:assert/strict';
import { eventually, fitsAcross, notCut, numberOf, tick, wordsOnly } from '../check.mjs';

export const sizes = ['desk', 'phone'];

const take = (page, role) => page.locator('select').nth(1).selectOption(role);

/** Every entry of the menu, from the first to the last, and what the desk leads to. */
async function walk({ page, open, size }, expected) {
  await open('/');
  await eventually('the desk of their own unit', () => tick(page, 'expected'), (n) => n === expected);
  const entries = await page.locator('.head-nav nav a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  assert.ok(entries.length >= 7 && entries.includes('/missing') && entries.includes('/units'), `${entries}`);
  assert.equal(entries.includes('/brief'), false, 'a brief is of the whole');
  assert.equal(await page.locator('main a[href^="/brief"]').count(), 0, 'nor does the desk lead there');
  for (const path of entries) {
    await page.locator(`.head-nav nav a[href="${path}"]`).click();
    await page.waitForURL((url) => url.pathname === path);
    await page.locator('main h1').first().waitFor({ state: 'attached' });
    await eventually(`${path} is drawn`, () => page.locator('p.state[role=status]').count(), (n) => n === 0);
    assert.equal(await page.locator('.refusal').count(), 0, `${path} is refused: ${await page.locator('.refusal').allInnerTexts()}`);
    await wordsOnly(page);
    if (size === 'phone') await fitsAcross(page);
    if (path === '/contradictions' || path === '/figure') await notCut(page, 'main');
  }
  await open('/');
  await page.locator('a.desk-missing').click();
  await eventually('who has not reported', () => page.locator('main').innerText(), (text) => text.includes(`of ${expected} expected`));
  await open('/brief');
  assert.match(await page.locator('main').innerText(), /A brief is of the whole/);
}

/** Another role has other figures: none of them has moved. What is expected stays on a day, so any mark on it is false. */
async function change({ page, open }) {
  await take(page, 'office');
  await open('/');
  await page.waitForSelector('[data-group]');
  await page.evaluate(() => {
    window.marks = [];
    new MutationObserver(() => window.marks.push(...[...document.querySelectorAll('[data-tick="expected"] .tick-by')].map((e) => e.textContent))).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  for (const [role, expected] of [['group', 61], ['office', 2390], ['firm', 8]]) {
    await take(page, role);
    await eventually(`the desk of the ${role}`, () => tick(page, 'expected').catch(() => NaN), (n) => n === expected);
  }
  assert.deepEqual(await page.evaluate(() => window.marks), []);
}

/** What the desk counts is what its link opens: so many corrections, and beside them what came late. */
async function corrections({ page, open }) {
  await open('/');
  const told = numberOf((await page.locator('[data-corrections]').innerText()).replace(/^\D+/, ''));
  await page.locator('[data-corrections]').click();
  await page.locator('[data-part="anew"]').waitFor();
  assert.equal(Number(await page.locator('[data-part="anew"]').getAttribute('data-count')), told);
  assert.equal(numberOf((await page.locator('[data-part="anew"] h2').innerText()).replace(/^\D+/, '')), told);
  assert.equal(await page.locator('[data-part="anew"] li').count(), told);
  assert.ok((await page.locator('[data-part="first"] li').count()) > 0);
  await wordsOnly(page);
  await fitsAcross(page);
}

/** Who may take in a text is asked for one; who may not reads those that came, and is not led into a refusal. */
async function notices({ page, open }, asked) {
  await open('/notices');
  await page.locator('.notice-item').first().waitFor();
  assert.equal(await page.locator('[data-file]').count(), asked);
}

/** The list of parts is as long as its heading says. */
async function below({ page, open }) {
  await open('/figure');
  const head = page.locator('[data-below]');
  await head.waitFor();
  assert.equal(await page.locator('.figure-children tbody tr:not([data-own-report])').count(), Number(await head.getAttribute('data-below')));
  assert.match(await head.innerText(), /^43 units below, 15 of them not asked/);
}

export async function run(v) {
  const { page, base, faults, size } = v;
  await page.request.post(`${base}/api/v1/demo/role`, { data: { role: 'group' } });
  await walk(v, 61);
  await notices(v, 0);
  await change(v);
  await walk(v, 8);
  await page.request.post(`${base}/api/v1/demo/role`, { data: { role: 'office' } });
  await notices(v, 1);
  await corrections(v);
  if (size === 'desk') await below(v);
  else {
    await v.open('/contradictions');
    await page.locator('.contra-totals td').first().waitFor();
    await notCut(page, 'main');
  }
  assert.deepEqual(faults, []);
}
