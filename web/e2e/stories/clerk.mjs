// A site's clerk at eleven at night: figures, a mistake found at its field, a correction with its reason.
import assert from 'node:assert/strict';
import { eventually, fitsAcross, touchable } from '../check.mjs';

export const sizes = ['phone'];

export async function run({ page, open, base, faults }) {
  await page.request.post(`${base}/api/v1/demo/role`, { data: { role: 'clerk' } });
  await open('/phone');
  await page.locator('[data-fill]').waitFor();
  await touchable(page, '.phone');
  await fitsAcross(page);
  await page.locator('[data-fill]').click();
  await touchable(page, '.phone');
  const fever = page.locator('[data-field="fever"]');
  await fever.fill('一个');
  assert.equal(await fever.getAttribute('aria-invalid'), 'true');
  assert.equal(await page.locator('[data-send]').isDisabled(), true, 'a wrong figure cannot be sent');
  await fever.fill('１');
  assert.equal(await fever.inputValue(), '1', 'the digits of a Chinese keyboard are digits');
  // A reload in the middle keeps what was typed.
  await page.reload();
  await page.locator('[data-fill]').click();
  assert.equal(await fever.inputValue(), '1');
  for (const input of await page.locator('[data-field]').all()) {
    if ((await input.inputValue()) === '') await input.fill('0');
  }
  await page.locator('[data-send]').click();
  const first = await page.locator('[data-receipt]').innerText();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.locator('[data-correct]').click();
  await page.locator('[data-field="fever"]').fill('2');
  assert.equal(await page.locator('[data-send]').isDisabled(), true, 'a correction needs its reason');
  await page.locator('[data-reason]').fill('Counted the night shift too');
  await page.locator('[data-send]').click();
  const second = await eventually('a second receipt', () => page.locator('[data-receipt]').innerText().catch(() => ''), (r) => r !== '' && r !== first);
  assert.notEqual(first, second);
  assert.match(await page.locator('.phone-receipt').innerText(), /Revision 2/);
  assert.deepEqual(faults, []);
}
