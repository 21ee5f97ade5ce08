// What is asked, made on pages: an element, a form that asks it, the form given to a part of the tree, its next version, its
// end. What is wrong stands at its field; who may not change it may still read it.
import assert from 'node:assert/strict';
import { fitsAcross, hands, touchable } from '../check.mjs';

export const sizes = ['desk', 'phone'];

export async function run({ page, open, base, faults, expectRefusal, size }) {
  const read = async (path) => (await page.request.get(`${base}/api/v1${path}`)).json();
  const { field, look, act } = hands(page);

  // An element; without a purpose it cannot be asked.
  await open('/catalogue?show=elements');
  if (size === 'phone') await touchable(page, 'main');
  await page.locator('[data-new]').click();
  await field('code').fill('oxygen');
  await field('names').fill('氧气瓶');
  await field('names.en').fill('Oxygen bottles');
  await field('class').selectOption('state');
  await field('unit').fill('piece');
  await field('over_time').selectOption('last');
  await field('owner').fill('supplies');
  // What is wrong is told at the first look, before anything could be stored.
  expectRefusal(422);
  await page.locator('[data-look]').click();
  await page.locator('[data-field="purpose"] .field-wrong').waitFor();
  assert.equal(await page.locator('[data-do]').count(), 0);
  await field('purpose').fill('to know where it runs out');
  assert.match(await look(), /Oxygen|氧气瓶/);
  await act();
  await page.locator('[data-element="oxygen"]').waitFor();
  assert.equal((await read('/elements')).items.find((e) => e.code === 'oxygen').over_time, 'last');

  // What a frozen day asked stays as it was: said at the day that is wrong.
  await open('/catalogue/element/fever');
  await field('stop').check();
  await field('until').click();
  await page.locator('td[title="2020-02-01"]').click();
  await page.locator('[data-look]').click();
  await page.locator('[data-field="until"] .field-wrong').waitFor();

  // A form of its own, and then its next version.
  await open('/catalogue/form');
  await field('code').fill('oxygen-daily');
  await field('names').fill('氧气日报');
  await field('names.en').fill('Oxygen daily');
  await field('items').selectOption('oxygen');
  await field('items').selectOption('fever');
  await page.locator('[data-item="fever"] button').first().click();
  await field('cut_off_min').fill('09:30');
  await page.locator('[data-field="cut_off_min"] select').selectOption('next');
  await field('counting').selectOption('parts_when_complete');
  const said = await look();
  assert.match(said, /09:30 the next day/);
  if (size === 'phone') {
    await fitsAcross(page);
    await touchable(page, '.change-form .field');
  }
  await act();
  const first = await read('/forms/oxygen-daily');
  assert.deepEqual([first.cut_off_min, first.counting, first.items.map((i) => i.element)], [2010, 'parts_when_complete', ['fever', 'oxygen']]);
  await page.locator('[data-form="oxygen-daily"] a').click();
  await page.locator('[data-item="fever"] button').last().click();
  assert.match(await look(), /Version 2 .*\n.*Left out: /);
  // Somebody else was faster: said plainly, and what one did is still there.
  const { items } = await read('/elements');
  assert.equal((await page.request.post(`${base}/api/v1/elements`, { data: { ...items.find((e) => e.code === 'oxygen'), owner: 'stores' } })).status(), 200);
  expectRefusal(412);
  await page.locator('[data-do]').click();
  await page.locator('[data-stale]').waitFor();
  assert.equal(await page.locator('[data-item="fever"]').count(), 0);
  await look();
  await act();
  assert.equal((await read('/forms')).items.filter((f) => f.code === 'oxygen-daily').length, 2);

  // Given to one group's firms; ended again.
  await open('/catalogue/assignment');
  await field('form').selectOption('oxygen-daily');
  await page.locator('[data-field="unit"] button').click();
  await page.locator('[data-field="unit"] input').fill('G07');
  await page.locator('.change-found button').first().click();
  await page.locator('.catalogue-kind input').nth(3).check();
  assert.match(await look(), /fill in “Oxygen daily”[\s\S]*Units asked on the first day: \d+/);
  await act();
  const given = (await read('/assignments')).items.at(-1);
  assert.deepEqual([given.form, given.unit.code, given.kinds], ['oxygen-daily', 'G07', ['firm']]);
  await page.locator(`[data-series="${given.series}"] a`).click();
  assert.equal(await page.locator('[data-look]').isDisabled(), true, 'nothing changed yet');
  await page.locator('[data-field="stop"] input').check();
  assert.match(await look(), /taken back/);
  await act();
  const { today } = await read('/about');
  assert.equal((await read('/assignments')).items.at(-1).until, today);

  // A clerk reads what is asked, and changes nothing.
  await page.request.post(`${base}/api/v1/demo/role`, { data: { role: 'clerk' } });
  await open('/catalogue');
  await page.locator('[data-form="daily"]').waitFor();
  assert.equal(await page.locator('[data-new], [data-part="assignments"]').count(), 0);
  await open('/catalogue/form/daily');
  assert.equal(await page.locator('form').count(), 0);
  assert.deepEqual(faults, []);
}
