// What is one's own, and what is done for another: tokens shown once, an authenticator from the first code to the last, acting
// for a leader who never logs in, and who may do what at a unit and by a post.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { visitor } from '../browser.mjs';
import { eventually, pageFaults } from '../check.mjs';
import { begun, login, PASSWORD, said } from '../own.mjs';

export const sizes = ['desk', 'phone'];

const CSV = 'code,name,parent\nHQ,Harbour Trust,\nH1,North Terminal,HQ\nH11,North Quay,H1\n';
const LANGUAGES = ['zh-CN', 'zh-TW', 'en'];

async function operation(v) {
  const { page, folder, binary } = v;
  const { url, post } = await begun(v, CSV);
  await post('/forms/starter');
  const leader = await page.request.put(`${url}/api/v1/units/HQ/posts/leader`, { data: { names: { 'zh-Hans': '组长', 'zh-Hant': '組長', en: 'Leader' } } });
  assert.ok(leader.ok(), await leader.text());
  const done = spawnSync(binary, ['user', 'set', 'liu', '--role', 'filler', '--unit', 'H11', '--database', join(folder, 'muster-own.db')], { input: `${PASSWORD}\n`, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return url;
}

async function fit({ page }, size, found) {
  const serious = await pageFaults(page, size, '.acting-bar, main');
  found.push(...serious);
}

/** A token is shown once, lets a program in over its scope, says when it was used, and lets nobody in once it is ended. */
async function tokens(v, base, size, found) {
  const { page, open } = v;
  await open('/me');
  const section = page.locator('[data-tokens]');
  await section.locator('[data-ask="token"]').click();
  assert.equal(await section.locator('[data-may="grant.give"]').count(), 0, 'no program gives roles');
  await section.locator('[data-field="label"] input').fill('nightly export');
  assert.ok(await section.locator('[data-token-issue]').isDisabled(), 'a token of nothing is none');
  await section.locator('[data-may="figure.read"]').check();
  await section.locator('[data-field="days"] select').selectOption('7');
  await fit(v, size, found);
  await section.locator('[data-token-issue]').click();
  const says = (await section.locator('[data-token-says]').innerText()).trim();
  assert.match(says, /^mst_[0-9a-f]{64}$/);
  assert.match(await section.innerText(), /never shown again/);
  await section.locator('[data-token-copy]').click();
  await eventually('it is copied', () => page.evaluate(() => navigator.clipboard.readText()), (text) => text === says);
  await fit(v, size, found);
  assert.match(await section.locator('[data-token="nightly export"]').innerText(), /Read figures, briefs and notices[^]*never used/);
  const ask = (path) => fetch(`${base}/api/v1${path}`, { headers: { authorization: `Bearer ${says}` } }).then((answer) => answer.status);
  assert.equal(await ask('/totals?node=unit:HQ'), 200);
  assert.equal(await ask('/accounts'), 403);
  await open('/me');
  assert.equal((await page.content()).includes(says), false, 'shown once');
  assert.match(await section.locator('[data-token="nightly export"]').innerText(), /last used/);
  await section.locator('[data-ask="token-end"]').click();
  await section.locator('[data-token-end]').click();
  await eventually('it is gone', () => section.locator('[data-token]').count(), (n) => n === 0);
  assert.equal(await ask('/totals?node=unit:HQ'), 401);
}

/** Codes of an authenticator (RFC 6238), each a later one than before: none is taken twice. */
function authenticator(secret) {
  const bits = [...secret.replace(/[\s=]/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  let last = 0;
  return () => {
    const now = Math.floor(Date.now() / 30_000);
    last = Math.max(last + 1, now - 1);
    assert.ok(last <= now + 1, 'the story is ahead of the clock');
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(last));
    const hash = createHmac('sha1', key).update(step).digest();
    const at = hash.at(-1) & 15;
    return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  };
}

async function totp(v, size, found) {
  const { page, open } = v;
  await open('/me');
  await page.locator('[data-totp-begin]').click();
  const code = authenticator(await page.locator('[data-totp-secret]').innerText());
  await page.locator('[data-totp-shown] svg').waitFor();
  await fit(v, size, found);
  v.expectRefusal(422);
  const digits = page.locator('[data-digits="confirm"]');
  const first = code();
  await digits.fill(first === '000000' ? '111111' : '000000');
  await page.locator('[data-say="confirm"]').click();
  await page.locator('[data-totp] .refusal').waitFor();
  assert.equal(await digits.inputValue(), '');
  await digits.fill(`${first.slice(0, 3)} ${first.slice(3)}`);
  await page.locator('[data-say="confirm"]').click();
  await page.locator('[data-totp="true"] [data-totp-done="set"]').waitFor();

  // The next login asks for it, and says so before anything else.
  await page.locator('[data-leave]').click();
  await page.waitForURL((url) => url.pathname === '/login');
  await said(v, 'duty');
  const field = page.locator('[data-code]');
  await field.waitFor();
  assert.equal(await page.locator('.refusal').count(), 0, 'what is wanting is asked for, and no refusal');
  assert.ok(await field.evaluate((e) => document.activeElement === e), 'one goes on typing there');
  await fit(v, size, found);
  await field.fill('12345');
  await page.locator('form button[type="submit"]').click();
  await page.locator('.refusal').waitFor();
  await page.locator('[data-code]').fill(code());
  await page.locator('form button[type="submit"]').click();
  await page.waitForURL((url) => url.pathname !== '/login');

  await open('/me');
  await page.locator('[data-ask="totp-end"]').click();
  await page.locator('[data-digits="end"]').fill(code());
  await page.locator('[data-say="end"]').click();
  await page.locator('[data-totp="false"] [data-totp-done="ended"]').waitFor();
  const told = await page.locator('[data-entries]').innerText();
  assert.match(told, /Authenticator set up/);
}

/** What the leader decided by telephone is done and told as theirs; ended, what is done is one's own again. */
async function acting(v, size, found) {
  const { page, open } = v;
  await open('/');
  await page.locator('[data-act]').click();
  await page.locator('[data-field="post"] select').selectOption('leader');
  assert.ok(await page.locator('[data-acting-start]').isDisabled(), 'by what means is not said yet');
  await page.locator('[data-field="means"] select').selectOption('telephone');
  const when = page.locator('[data-field="at"] input');
  const now = await when.inputValue();
  await when.fill(`${Number(now.slice(0, 4)) + 1}${now.slice(4)}`);
  assert.ok(await page.locator('[data-acting-start]').isDisabled(), 'nobody decides in the future');
  await when.fill(now);
  await fit(v, size, found);
  await page.locator('[data-acting-start]').click();
  const bar = page.locator('[data-acting="HQ/leader"]');
  assert.match(await bar.innerText(), /You act for Leader, Harbour Trust \(decided \d\d:\d\d, by telephone\)/);
  // The post is given a role, on behalf of who decided it.
  await open('/units/HQ/post/leader');
  const roles = page.locator('[data-post-roles]');
  await roles.locator('[data-ask="give"]').click();
  await roles.locator('[data-field="role"] select').selectOption('viewer');
  await fit(v, size, found);
  await roles.locator('[data-give]').click();
  await roles.locator('[data-granted="viewer"]').waitFor();
  await bar.locator('[data-acting-end]').click();
  await eventually('the bar is gone', () => page.locator('[data-acting]').count(), (n) => n === 0);
  await roles.locator('[data-ask="take"]').click();
  await roles.locator('[data-take]').click();
  await eventually('the role is gone', () => roles.locator('[data-granted]').count(), (n) => n === 0);

  await open('/journal');
  const acted = (action) => page.locator(`[data-action="${action}"]`).first().locator('[data-acted]');
  assert.match(await acted('grant.give').innerText(), /decided by Leader, Harbour Trust \(.*by telephone\)/);
  assert.equal(await acted('grant.end').count(), 0, 'that was their own');
  await fit(v, size, found);
  // Whoever logs out acts for nobody.
  await open('/acting');
  await page.locator('[data-field="post"] select').selectOption('leader');
  await page.locator('[data-field="means"] select').selectOption('meeting');
  await page.locator('[data-acting-start]').click();
  await page.locator('[data-acting]').waitFor();
  await open('/me');
  await page.locator('[data-leave]').click();
  await page.waitForURL((url) => url.pathname === '/login');
  assert.equal(await page.locator('[data-acting]').count(), 0);
  await login(v, 'duty');
  assert.equal(await page.locator('[data-acting]').count(), 0);
}

/** Who may do what: the office sees everybody, a clerk what they have themselves. */
async function granted(office, clerk, size, found) {
  const opened = async ({ page, open }, unit) => {
    await open(`/units/${unit}`);
    await page.locator('[data-who] summary').click();
    await page.locator('[data-who] h3').first().waitFor();
    const rows = await page.locator('[data-who] [data-granted]').evaluateAll((all) => all.map((e) => `${e.dataset.granted} ${e.dataset.at}`));
    return rows.sort();
  };
  assert.deepEqual(await opened(office, 'H11'), ['filler H11', 'office ']);
  assert.match(await office.page.locator('[data-who]').innerText(), /Who may do what here[^]*Given here[^]*liu[^]*Given above, and holding here too[^]*duty[^]*the whole operation/i);
  await fit(office, size, found);
  assert.deepEqual(await opened(clerk, 'H11'), ['filler H11']);
  assert.match(await clerk.page.locator('[data-who]').innerText(), /What I may do here/);
  assert.equal(await clerk.page.locator('[data-act]').count(), 0, 'who only reports acts for nobody');
  await fit(clerk, size, found);
}

/** In every language, with nothing sticking out. */
async function spoken(v, size, found) {
  for (const language of LANGUAGES) {
    for (const path of ['/me', '/acting', '/units/HQ', '/units/HQ/post/leader']) {
      await v.open(`${path}?lang=${language}`);
      if (path === '/units/HQ') await v.page.locator('[data-who] summary').click();
      assert.equal(await v.page.evaluate(() => document.documentElement.lang), language, path);
      await eventually(`${path} is drawn`, () => v.page.locator('p.state[role=status]').count(), (n) => n === 0);
      await fit(v, size, found);
    }
  }
}

export async function run(v) {
  const { browser, size } = v;
  const base = await operation(v);
  const visit = () => visitor(browser, base, { size });
  const [office, clerk] = [await visit(), await visit()];
  for (const one of [office, clerk]) one.expectRefusal(401);
  const found = [];
  await login(office, 'duty');
  await login(clerk, 'liu');
  await tokens(office, base, size, found);
  await totp(office, size, found);
  await acting(office, size, found);
  await granted(office, clerk, size, found);
  await spoken(office, size, found);
  assert.deepEqual(found, []);
  for (const { context, faults } of [office, clerk]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
}
