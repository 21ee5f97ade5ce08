// Units are changed on a page: what would happen first, then doing it; what is wrong stands at its field; what somebody else
// changed meanwhile is said, and nothing is lost.
import assert from 'node:assert/strict';
import { fitsAcross, hands, touchable } from '../check.mjs';

export const sizes = ['desk', 'phone'];

export async function run({ page, open, base, faults, expectRefusal, size }) {
  const { today } = await (await page.request.get(`${base}/api/v1/about`)).json();
  const unit = async (code) => (await page.request.get(`${base}/api/v1/units/${code}`)).json();
  const { field, look, act } = hands(page);
  const pick = async (name, code) => {
    await page.locator(`[data-field="${name}"] input`).fill(code);
    await page.locator('.change-found button').first().click();
  };

  // A name: from the unit's own page, looked at, taken back by a further touch, looked at again, done.
  await open('/units/G03');
  await page.locator('[data-change]').click();
  await field('names.en').fill('Xuan Steel Works');
  assert.equal(await page.locator('[data-do]').count(), 0, 'nothing is done before it is looked at');
  assert.match(await look(), /Xuan Steel Group → Xuan Steel Works/);
  await field('names.en').fill('Xuan Steel Mills');
  assert.equal(await page.locator('[data-do]').count(), 0, 'a further touch takes the look away');
  await look();
  if (size === 'phone') {
    await fitsAcross(page);
    await touchable(page, '.change-form');
  }
  assert.equal((await unit('G03')).names.en, 'Xuan Steel Group', 'a look stores nothing');
  await act();
  await page.getByRole('heading', { name: 'Xuan Steel Mills' }).waitFor();

  // What is wrong stands at its field.
  expectRefusal(422);
  await open('/units/G03/change');
  await field('place').fill('12x');
  await page.locator('[data-look]').click();
  await page.locator('[data-field="place"] .field-wrong').waitFor();
  assert.equal(await field('place').getAttribute('aria-invalid'), 'true');
  // What would be taken in, and is worth a look, is told before it is done.
  await field('place').fill('999999');
  assert.match(await look(), /999999/);
  await page.locator('[data-noted="unit.place_unknown"]').waitFor();

  // Somebody else was faster: it is said, the latest is shown, and what one wrote is still there.
  expectRefusal(412);
  await field('place').fill('340100');
  await look();
  const other = await page.request.patch(`${base}/api/v1/units/G03`, { data: { names: { en: 'Xuan Iron' } } });
  assert.equal(other.status(), 200);
  await page.locator('[data-do]').click();
  await page.locator('[data-stale]').waitFor();
  await page.waitForFunction(() => document.querySelector('[data-field="names.en"] input')?.value === 'Xuan Iron');
  assert.equal(await field('place').inputValue(), '340100');
  assert.match(await look(), /340100/);
  await act();
  const { names, place } = await unit('G03');
  assert.deepEqual([names.en, place], ['Xuan Iron', '340100']);

  // A new unit below; a move that takes along what is below.
  await open('/units/G03/change?do=add');
  await field('code').fill('G03-NEW');
  await field('names.zh-Hans').fill('新设公司');
  await field('kind').selectOption('firm');
  assert.match(await look(), /opening: 1$/m);
  await act();
  assert.equal((await unit('G03-NEW')).parent, 'G03');
  await open('/units/G03-F01/change?do=move');
  await pick('parent', 'G04');
  const moves = await look();
  assert.match(moves, /moving: 1/);
  assert.match(moves, /going along: \d+/);
  await act();
  assert.equal((await unit('G03-F01')).parent, 'G04');

  // A split, and a merge.
  await open('/units/G05-F01/change?do=split');
  for (const [i, code] of ['G05-FA', 'G05-FB'].entries()) {
    await field(`into[${i}].code`).fill(code);
    await field(`into[${i}].names.zh-Hans`).fill(`分设${i + 1}`);
  }
  const selects = page.locator('[data-given] select');
  await selects.first().waitFor();
  for (let i = 0; i < (await selects.count()); i += 1) await selects.nth(i).selectOption({ index: 1 + (i % 2) });
  assert.match(await look(), /opening: 2, closing: 1/);
  await act();
  await open('/units/G05-F03/change?do=merge');
  await pick('from', 'G05-F02');
  assert.match(await look(), /closing: 1/);
  await act();

  // Closing: not while something is open below it, unless all of it closes.
  expectRefusal(409);
  await open('/units/G06-F01/change?do=close');
  await page.locator('[data-look]').click();
  await page.locator('.refusal').waitFor();
  await page.locator('[data-field="below"] input').check();
  assert.match(await look(), /closing: \d+/);
  await act();
  const tomorrow = new Date(Date.parse(today) + 86_400_000).toISOString().slice(0, 10);
  assert.equal((await page.request.get(`${base}/api/v1/units/G06-F01?day=${tomorrow}`)).status(), 404, 'closed from tomorrow on');
  await page.getByRole('heading', { level: 1 }).waitFor();

  // Its page leads on from there; of one that became part of another, to that one.
  await open(`/units/G06-F01?day=${tomorrow}`);
  await page.locator('[data-away] .refusal').waitFor();
  if (size === 'phone') await fitsAcross(page);
  await page.locator('[data-away] a').first().click();
  await page.locator('.unit-facts').waitFor();
  assert.ok(page.url().includes(today), 'as it was on its last day');
  await open(`/units/G05-F02?day=${tomorrow}`);
  await page.locator('[data-away] a[href*="G05-F03"]').click();
  await page.locator('.unit-facts').waitFor();

  // Whoever reported today is there today.
  await open(`/units/G07-F01/change?do=close&day=${today}`);
  await page.locator('[data-field="below"] input').check();
  await page.locator('[data-look]').click();
  await page.locator('.refusal', { hasText: `It can be done from ${tomorrow} on` }).waitFor();

  // Who may not is told so, and asked for nothing.
  await page.request.post(`${base}/api/v1/demo/role`, { data: { role: 'clerk' } });
  await open('/units/G03');
  assert.equal(await page.locator('[data-change]').count(), 0);
  await open('/units/G03/change');
  assert.equal(await page.locator('form').count(), 0);
  assert.deepEqual(faults.filter((f) => !f.startsWith('404')), []);
}
