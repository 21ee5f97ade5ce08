// By what a unit is reached, and how far its letters came: a channel is said, tried, said anew and ended; who is missing is
// reminded once, and who has no channel is counted. Where a channel leads is never shown again.
import assert from 'node:assert/strict';
import { eventually, pageFaults } from '../check.mjs';

export const sizes = ['desk', 'phone'];

const KEY = '693a91f6-hidden-key-of-a-robot';

async function fit(page, size) {
  assert.deepEqual(await pageFaults(page, size, 'main'), []);
}

export async function run({ page, base, size, expectRefusal }) {
  const missing = await (await page.request.get(`${base}/api/v1/missing`)).json();
  const unit = missing.items[0].unit.code;

  await page.goto(`${base}/outbox?node=unit:${unit}`);
  // The demonstration sends nothing outside, and says so.
  await page.locator('[data-not-sending]').waitFor();
  await page.locator('[data-add]').click();
  expectRefusal(422);
  const form = page.locator('[data-channel-form]');
  await form.locator('[data-field="channel"] input').fill('Duty Desk');
  await form.locator('[data-field="kind"] select').selectOption('wecom');
  await form.locator('[data-field="key"] input').fill('short');
  await form.locator('[data-channel-set]').click();
  // All that is wrong, each at its field.
  await form.locator('[data-field="channel"] .field-wrong').waitFor();
  await form.locator('[data-field="key"] .field-wrong').waitFor();
  await fit(page, size);
  await form.locator('[data-field="channel"] input').fill('duty');
  await form.locator('[data-field="key"] input').fill(KEY);
  await form.locator('[data-channel-set]').click();
  const channel = page.locator('[data-channel="duty"]');
  await channel.waitFor();
  assert.equal(await channel.getAttribute('data-allowed'), 'false');
  assert.ok(!(await page.content()).includes(KEY), 'a key is never shown again');

  await channel.locator('[data-test]').click();
  await channel.locator('[data-tested]').waitFor();
  await page.locator('[data-letter][data-state="waiting"]').first().waitFor();
  await fit(page, size);

  // Who is missing: one has a channel, the others are to be rung.
  await page.goto(`${base}/missing?node=unit:${unit}`);
  await page.locator('[data-remind]').click();
  const came = page.locator('[data-reminded]');
  await came.waitFor();
  assert.equal(await came.getAttribute('data-reminded'), '1');
  await fit(page, size);
  await page.locator('[data-remind]').click();
  await eventually('reminded once', () => came.getAttribute('data-reminded'), (n) => n === '0');
  await page.goto(`${base}/missing`);
  await page.locator('[data-remind]').click();
  await page.locator('[data-reminded] .mark-warn').first().waitFor();
  await fit(page, size);

  await page.goto(`${base}/outbox?node=unit:${unit}`);
  const letters = page.locator('[data-letter]');
  await eventually('two letters', () => letters.count(), (n) => n === 2);
  await letters.first().locator('summary').click();
  await fit(page, size);
  await page.locator('[data-only="sent"]').click();
  await eventually('none was sent', () => letters.count(), (n) => n === 0);
  await page.locator('[data-only="all"]').click();
  await channel.locator('[data-change]').click();
  await page.locator('[data-channel-form] [data-field="kind"] select').selectOption('folder');
  await page.locator('[data-channel-form] [data-field="address"] input').fill('g1');
  await page.locator('[data-channel-set]').click();
  await channel.locator('[data-end]').click();
  await channel.locator('[data-end-sure]').click();
  await channel.waitFor({ state: 'detached' });
}
