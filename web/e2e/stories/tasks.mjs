// A task from the office to a group and back: registered, handed out, signed for, reported, looked at by a second person, struck
// off; on pages alone.
import assert from 'node:assert/strict';
import { fitsAcross, touchable, wordsOnly } from '../check.mjs';
import { visitor } from '../browser.mjs';

export const sizes = ['desk', 'phone'];

export async function run({ page, open, base, browser, size, expectRefusal }) {
  const { roles, now } = await (await page.request.get(`${base}/api/v1/about`)).json();
  const group = roles.find((role) => role.role === 'office' && role.id !== 'office') ?? roles.find((role) => role.id === 'group');
  assert.ok(group, 'the demonstration has a group');

  // The office registers a measure: nothing that words may not bear.
  await open('/measures');
  const words = page.locator('[data-register] textarea');
  await words.fill('Call 13812340004 about the gates.');
  expectRefusal(422);
  await page.locator('[data-register] button[type=submit]').click();
  await page.locator('[data-register] .field-wrong').waitFor();
  await words.fill('Check every gate, and say how many there are.');
  await page.locator('[data-register] button[type=submit]').click();
  const measure = page.locator('[data-measure=M1]');
  await measure.waitFor();
  // To one group alone, until a later day.
  await measure.locator('[data-open=hand-out]').click();
  await measure.locator('[data-field=unit] button').click();
  await measure.locator('[data-field=unit] input').fill(group.unit_code);
  await measure.locator('[data-field=unit] .change-found button').first().click();
  await measure.locator('[data-field=which] select').selectOption('alone');
  const later = new Date(Date.parse(now) + 2 * 86_400_000).toISOString().slice(0, 10);
  await measure.locator('[data-field=due] input').click();
  await page.locator(`.ant-picker-dropdown td[title="${later}"]`).first().click();
  if (size === 'phone') await touchable(page, '[data-hand-out]');
  await measure.locator('[data-send=hand-out]').click();
  await measure.locator('[data-handed="1"]').waitFor();
  await measure.locator('[data-stand]').first().waitFor();
  await wordsOnly(page);
  if (size === 'phone') await fitsAcross(page);

  // The group finds it waiting, signs, reports.
  const g = await visitor(browser, base, { size });
  const took = await g.page.request.post(`${base}/api/v1/demo/role`, { data: { role: group.id } });
  assert.ok(took.ok(), await took.text());
  await g.open('/tasks');
  await g.page.locator('[data-waiting="1"]').waitFor();
  await g.page.locator('[data-task="M1-1"] a').first().click();
  await g.page.locator('main[data-state=assigned]').waitFor();
  if (size === 'phone') await fitsAcross(g.page);
  await g.page.locator('[data-deed=sign]').click();
  await g.page.locator('main[data-state=signed]').waitFor();
  await g.page.locator('[data-deed=report]').click();
  await g.page.locator('[data-doing=report] textarea').fill('Three gates, one of them closed.');
  await g.page.locator('[data-send=report]').click();
  await g.page.locator('main[data-state=reported]').waitFor();
  assert.equal(await g.page.locator('[data-step]').count(), 3, 'given, signed for, reported');
  await wordsOnly(g.page);
  assert.deepEqual(g.faults, []);
  await g.context.close();

  // The office looks at it: once sent back, then struck off.
  await open('/tasks');
  await page.locator('[data-task="M1-1"] a').first().click();
  await page.locator('[data-deed=verify]').waitFor();
  await page.locator('[data-deed=verify]').click();
  await page.locator('[data-doing=verify] textarea').fill('Seen from the road.');
  await page.locator('[data-send=verify]').click();
  await page.locator('main[data-state=struck_off]').waitFor();
  await page.locator('[data-step=verify]').getByText('Seen from the road.').waitFor();
  if (size === 'phone') await touchable(page, 'main');
  await open('/tasks');
  await page.locator('[data-waiting="0"]').waitFor({ state: 'attached' });
}
