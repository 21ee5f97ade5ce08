// The journal has a page: found from the menu by who may, narrowed, an entry opened to its chain and to what it is about.
import assert from 'node:assert/strict';
import { eventually, fitsAcross, touchable, wordsOnly } from '../check.mjs';

export const sizes = ['desk', 'phone'];

export async function run({ page, open, base, faults, expectRefusal, size }) {
  await open('/');
  await page.locator('nav a[href="/journal"]').click();
  const entries = page.locator('[data-entry]');
  await entries.first().waitFor();
  const told = await entries.count();
  assert.ok(told > 20, `${told} entries`);
  await wordsOnly(page);

  // An entry opens to its hash and the one before; and leads to what it is about.
  await entries.first().locator('summary').click();
  const chain = await entries.first().locator('dl').innerText();
  assert.equal(chain.match(/sha256-1:[0-9a-f]{64}/g)?.length, 2, chain);
  if (size === 'phone') {
    await fitsAcross(page);
    await touchable(page, 'main');
  }

  // Narrowed to reports of one unit and day; the address can be sent.
  await page.locator('[data-field=action] select').selectOption('report');
  await page.locator('[data-field=node] input').fill('G03');
  await page.locator('[data-field=to] input').fill('2020-02-02');
  await page.locator('[data-find]').click();
  await eventually('only reports', () => page.locator('[data-entry]').evaluateAll((all) => [...new Set(all.map((e) => e.dataset.action.split('.')[0]))].join()), (kinds) => kinds === 'report');
  const address = new URL(page.url());
  assert.deepEqual([address.searchParams.get('node'), address.searchParams.get('to')], ['G03', '2020-02-02']);
  const first = page.locator('[data-entry]').first();
  const at = await first.getAttribute('data-entry');
  await first.locator('summary').click();

  // The same sheet's own entries, along their links; then the sheet itself.
  await first.locator('[data-same]').click();
  await page.locator('.journal-only').waitFor();
  await page.locator(`[data-entry="${at}"]`).waitFor();
  assert.ok((await page.locator('[data-entry]').count()) < 5);
  await page.locator(`[data-entry="${at}"] summary`).click();
  await page.locator(`[data-entry="${at}"] [data-thing]`).click();
  await page.waitForURL(/\/figure\?node=unit:/);
  await page.goBack();

  // More of a long list is looked for when it is asked for, and the page says how far it looked.
  await open('/journal');
  await page.locator('[data-more]').click();
  await eventually('more entries', () => page.locator('[data-entry]').count(), (n) => n > told);
  assert.match(await page.locator('[data-looked]').innerText(), /back to \d{4}-\d\d-\d\d/);

  // What is not there is said; what is wrong is refused in words.
  expectRefusal(404);
  await page.locator('[data-field=actor] input').fill('nobody-of-that-name');
  await page.locator('[data-find]').click();
  await page.getByText('There is no account').waitFor();
  await page.locator('[data-clear]').click();
  await entries.first().waitFor();

  // A clerk is not offered it, and is refused at the door.
  const refused = await page.request.get(`${base}/api/v1/journal`, { headers: { 'x-muster-role': 'clerk' } });
  assert.equal(refused.status(), 403);
  assert.deepEqual(faults, []);
}
