// Who asked their system for less motion sees the same change without the movement.
import assert from 'node:assert/strict';
import { visitor } from '../browser.mjs';

export const sizes = ['desk'];

export async function run({ browser, base }) {
  const v = await visitor(browser, base, { reducedMotion: 'reduce' });
  await v.open('/side-by-side');
  await v.page.locator('[data-zero]').click();
  await v.page.locator('[data-confirm]').click();
  const shown = v.page.locator('.tick-on').first();
  await shown.waitFor();
  assert.equal(await shown.evaluate((e) => getComputedStyle(e).animationName), 'none');
  assert.match(await shown.innerText(), /\+1/);
  assert.deepEqual(v.faults, []);
  await v.context.close();
}
