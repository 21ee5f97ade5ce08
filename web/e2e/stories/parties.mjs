// Bodies beside the tree have a page: found from the units, added, changed, ended, each looked at first.
import assert from 'node:assert/strict';
import { fitsAcross, hands, touchable, wordsOnly } from '../check.mjs';

export const sizes = ['desk', 'phone'];

export async function run({ page, open, base, faults, expectRefusal, size }) {
  const party = async (code) => (await page.request.get(`${base}/api/v1/parties/${code}`)).json();
  const { field, look, act } = hands(page);

  // From the units; what is wrong is told at its field before anything is stored.
  await open('/units');
  await page.locator('[data-parties]').click();
  await page.locator('[data-new]').click();
  expectRefusal(422);
  await field('code').fill('H1');
  await field('place').fill('34x');
  await page.locator('[data-look]').click();
  for (const name of ['names.zh-Hans', 'kind', 'place']) await page.locator(`[data-field="${name}"] .field-wrong`).waitFor();
  await field('names.zh-Hans').fill('市第一医院');
  await field('names.en').fill('First Hospital');
  await field('kind').selectOption('hospital');
  // A place that no list knows is taken, and said at the look.
  await field('place').fill('349901');
  const said = await look();
  assert.match(said, /New: 市第一医院 \(Hospital\)/);
  assert.match(said, /place code 3499/);
  if (size === 'phone') {
    await fitsAcross(page);
    await touchable(page, '.change-form');
  }
  assert.equal((await page.request.get(`${base}/api/v1/parties/H1`)).status(), 404, 'a look stores nothing');
  await act();
  await page.locator('[data-party="H1"]').getByText('First Hospital').waitFor();
  await wordsOnly(page);
  if (size === 'phone') {
    await fitsAcross(page);
    await touchable(page, 'main');
  }

  // The same code again is refused at the field.
  expectRefusal(409);
  await page.locator('[data-new]').click();
  await field('code').fill('H1');
  await field('names.zh-Hans').fill('另一家');
  await field('kind').selectOption('press');
  await page.locator('[data-look]').click();
  await page.locator('[data-field="code"] .field-wrong').waitFor();

  // Changed; somebody else was faster, and what one wrote is still there.
  await open('/parties');
  await page.locator('[data-party="H1"] .change-link').click();
  await field('place').fill('340100');
  await look();
  expectRefusal(412);
  assert.equal((await page.request.patch(`${base}/api/v1/parties/H1`, { data: { names: { en: 'City Hospital' } } })).status(), 200);
  await page.locator('[data-do]').click();
  await page.locator('[data-stale]').waitFor();
  await page.waitForFunction(() => document.querySelector('[data-field="names.en"] input')?.value === 'City Hospital');
  assert.equal(await field('place').inputValue(), '340100');
  // It ends.
  await page.locator('[data-field="closed"] input[type="checkbox"]').check();
  assert.match(await look(), /349901 → 340100[\s\S]*First day without it: empty → 2020-02-03/);
  await act();
  await page.locator('[data-party="H1"]').getByText('there no more').waitFor();
  const { place, closed, names } = await party('H1');
  assert.deepEqual([place, closed, names.en], ['340100', '2020-02-03', 'City Hospital']);

  // Who may not change them still reads them.
  await page.request.post(`${base}/api/v1/demo/role`, { data: { role: 'clerk' } });
  await open('/parties');
  await page.locator('[data-party="H1"]').waitFor();
  assert.equal(await page.locator('[data-new], .change-link').count(), 0);
  await open('/parties/change/H1');
  assert.equal(await page.locator('form').count(), 0);
  assert.deepEqual(faults, []);
}
