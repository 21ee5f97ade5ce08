// The text it began with: the news of a meeting, kept byte for byte, made readable, each conjecture for a person.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, fitsAcross, wordsOnly } from '../check.mjs';

export const sizes = ['desk', 'phone'];

// It lies beside the project, with the other public texts.
const SHARED = process.env.MUSTER_SHARED ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const TEXT = join(SHARED, 'directive/000_b61d33ae5f7da04e.txt');

export async function run({ page, open, size, faults }) {
  if (!existsSync(TEXT)) {
    console.log(`      left out: ${TEXT} is not here`);
    return;
  }
  await open('/notices');
  await page.locator('[data-file]').setInputFiles(TEXT);
  await page.waitForURL(/\/notices\/.+/);
  await page.locator('[data-measures]').waitFor();
  assert.equal(await page.locator('.notice-measures > li').count(), 5, 'five measures');
  assert.match(await page.locator('[data-measures]').innerText(), /no owner yet/i);
  const open0 = await page.locator('.cj-open').count();
  assert.ok(open0 >= 25, `${open0} conjectures are open; none is applied in silence`);
  await page.locator('.cj-open').first().click();
  await page.locator('.cj-card .act').click();
  await eventually('one conjecture is accepted', () => page.locator('.cj-open').count(), (n) => n === open0 - 1);
  if (size === 'phone') await fitsAcross(page);
  await wordsOnly(page);
  assert.deepEqual(faults, []);
}
