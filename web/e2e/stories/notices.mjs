// The text it began with: both sides light up together, a conjecture waits for a person's word, a marked file is refused.
import assert from 'node:assert/strict';
import { fitsAcross, wordsOnly } from '../check.mjs';

export const sizes = ['desk', 'phone'];

export async function run({ page, open, expectRefusal, faults, size }) {
  await open('/notices');
  await page.locator('.notice-item').first().click();
  await page.locator('[data-measures] li').nth(4).waitFor();
  assert.equal(await page.locator('[data-measures] li').count(), 5);
  const owners = await page.locator('.notice-owner').allInnerTexts();
  assert.ok(owners.length === 5 && owners.every((o) => /no owner yet/.test(o)), 'nothing is handed out yet');
  await page.locator('[data-meeting]').waitFor();
  await wordsOnly(page);

  const right = page.locator('.notice-readable .sp-decoded');
  if (size === 'desk') {
    await page.locator('.notice-original .sp-decoded').hover();
    assert.match(await right.getAttribute('class'), /lit/, 'the other side lights up');
    assert.match(await page.locator('.notice-strip').innerText(), /B5C4D487/, 'and the bytes are named');
  } else {
    await fitsAcross(page);
    assert.equal(await page.locator('.notice-original').first().isVisible(), false, 'one layer at a time on a phone');
    await page.locator('.notice-choose-received').tap();
    assert.equal(await page.locator('.notice-original').first().isVisible(), true);
    await page.locator('.notice-choose-readable').tap();
  }

  const open_ = page.locator('.cj-open');
  const before = await open_.count();
  const n = await open_.first().getAttribute('data-cj');
  await open_.first().click();
  assert.match(await page.locator('.cj-card').innerText(), /set phrase/, 'the reason stands by it');
  await page.locator('[data-accept]').click();
  await page.locator(`[data-cj="${n}"].cj-accepted`).waitFor();
  assert.equal(await open_.count(), before - 1);
  const next = page.locator('.cj-card');
  assert.match(await next.innerText(), /open/, 'the next open one is shown');
  await page.locator('[data-refuse]').click();
  const left = (k) => page.waitForFunction((n) => document.querySelectorAll('.cj-open').length === n, k);
  await left(before - 2);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.cj-card').count(), 0);

  expectRefusal(422);
  await open('/notices');
  const marked = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('\u673a\u5bc6\u26051\u5e74\n\u901a\u77e5') };
  await page.locator('[data-file]').setInputFiles(marked);
  assert.match(await page.locator('.refusal').innerText(), /secrecy mark/);
  assert.equal(await page.locator('.notice-item').count(), 1, 'nothing of it was kept');
  assert.deepEqual(faults, []);
}
