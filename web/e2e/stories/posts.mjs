// Posts and duty telephones on the unit's page: added, put right, given to somebody, ended, each looked at first; what is wrong
// stands at its field, who was faster is said plainly, and who may not change them still reads what is theirs.
import assert from 'node:assert/strict';
import { fitsAcross, hands, touchable, wordsOnly } from '../check.mjs';

export const sizes = ['desk', 'phone'];

export async function run({ page, open, base, faults, expectRefusal, size }) {
  const { today } = await (await page.request.get(`${base}/api/v1/about`)).json();
  const unit = async (code, day = today) => (await page.request.get(`${base}/api/v1/units/${code}?day=${day}`)).json();
  const post = async (code, name, day) => (await unit(code, day)).posts.find((p) => p.code === name);
  const { field, look, act } = hands(page);
  const shown = (code) => page.locator(`[data-post="${code}"]`);

  // A new one: what is wrong is told at the first look, each at its field, and nothing is stored.
  await open('/units/G03');
  await shown('duty').locator('a[href^="tel:"]').waitFor();
  if (size === 'phone') await touchable(page, '[data-posts]');
  await page.locator('[data-new-post]').click();
  expectRefusal(422);
  await field('code').fill('night');
  await field('duty_phone').fill('0551 12 and more');
  await field('who').selectOption('other');
  await field('holder').fill('Mr Liu');
  await page.locator('[data-look]').click();
  for (const name of ['names.zh-Hans', 'holder', 'duty_phone']) await page.locator(`[data-field="${name}"] .field-wrong`).waitFor();
  assert.equal(await field('duty_phone').getAttribute('aria-invalid'), 'true');
  await field('names.zh-Hans').fill('夜班');
  await field('names.en').fill('Night desk');
  await field('duty_phone').fill('0551-5550100');
  await field('who').selectOption('me');
  const said = await look();
  assert.match(said, /New post: Night desk/);
  assert.match(said, /Held from .*: Nobody holds it → you \(/);
  assert.match(said, /at once: No telephone → 0551-5550100/);
  if (size === 'phone') {
    await fitsAcross(page);
    await touchable(page, '.change-form');
  }
  assert.equal(await post('G03', 'night'), undefined, 'a look stores nothing');
  await act();
  await shown('night').getByText('0551-5550100').waitFor();
  if (size === 'phone') await fitsAcross(page);
  await wordsOnly(page);
  assert.equal((await post('G03', 'night')).holder, 'role:office');

  // A telephone put right; somebody else was faster, and what one wrote is still there.
  await shown('night').locator('.change-link').click();
  assert.equal(await page.locator('[data-look]').isDisabled(), true, 'nothing changed yet');
  await field('duty_phone').fill('0551-5550101');
  await look();
  const other = await page.request.put(`${base}/api/v1/units/G03/posts/night`, { data: { names: { en: 'Night watch' } } });
  assert.equal(other.status(), 204);
  expectRefusal(412);
  await page.locator('[data-do]').click();
  await page.locator('[data-stale]').waitFor();
  await page.waitForFunction(() => document.querySelector('[data-field="names.en"] input')?.value === 'Night watch');
  assert.equal(await field('duty_phone').inputValue(), '0551-5550101');
  assert.match(await look(), /0551-5550100 → 0551-5550101/);
  await act();
  assert.equal((await post('G03', 'night')).duty_phone, '0551-5550101');

  // Its holder's time ends; a holder that was said of a later day goes, and that is told first.
  const later = await page.request.put(`${base}/api/v1/units/G03/posts/night`, { data: { holder: 'role:clerk', day: '2020-03-01' } });
  assert.equal(later.status(), 204);
  await open('/units/G03/post/night');
  await field('who').selectOption('nobody');
  assert.match(await look(), /→ Nobody holds it[\s\S]*1 holding that was said of later days goes/);
  await act();
  await shown('night').getByText('Nobody holds it').waitFor();
  assert.equal((await post('G03', 'night', '2020-03-02')).holder, null);
  // The history says that it was done, and no number.
  await page.getByText('Duty telephone set').first().waitFor();
  assert.doesNotMatch(await page.locator('.unit-entries').innerText(), /5550/);

  // A telephone taken away.
  await open('/units/G03/post/night');
  await field('duty_phone').fill('');
  assert.match(await look(), /0551-5550101 → No telephone/);
  await act();
  await shown('night').getByText('No telephone').waitFor();

  // A clerk sees the posts of the own unit and changes none.
  await page.request.post(`${base}/api/v1/demo/role`, { data: { role: 'clerk' } });
  const { unit_code: own } = await (await page.request.get(`${base}/api/v1/session`)).json();
  await open(`/units/${own}`);
  await shown('duty').waitFor();
  assert.equal(await page.locator('[data-new-post], [data-posts] .change-link').count(), 0);
  await open(`/units/${own}/post/duty`);
  assert.equal(await page.locator('form').count(), 0);
  // The tree's top is not theirs to see, and the page asks for it.
  assert.deepEqual(faults.filter((f) => !f.startsWith('404')), []);
}
