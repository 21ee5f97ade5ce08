// A real operation: a clerk logs in and stands before the form, chooses among the units he files for, and is told on the
// receipt to whom he reports; who only reads is offered no form.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { visitor } from '../browser.mjs';
import { eventually, fitsAcross, touchable, wordsOnly } from '../check.mjs';

export const sizes = ['phone', 'desk'];

const PASSWORD = 'a long enough password';
const CSV = 'code,name,parent\nHQ,Harbour Trust,\nH1,North Terminal,HQ\nH2,South Terminal,HQ\nH11,North Quay,H1\nH12,North Shed,H1\n';

/** An operation of their own beside the demonstration, with units, the starter form and accounts made as an office makes them. */
async function operation({ page, base, folder, binary }) {
  const post = async (url, options) => {
    const answer = await page.request.post(url, options);
    assert.ok(answer.ok(), `${url}: ${await answer.text()}`);
    return answer;
  };
  const { url } = await (await post(`${base}/api/v1/demo/own`, { data: {} })).json();
  await post(`${url}/api/v1/operation`, { data: { office: 'Harbour duty room', account: 'duty', password: PASSWORD } });
  await post(`${url}/api/v1/imports/units`, { data: Buffer.from(CSV), headers: { 'content-type': 'application/octet-stream' } });
  await post(`${url}/api/v1/forms/starter`);
  // A second form, in which one field must be said.
  const { today } = await (await page.request.get(`${url}/api/v1/about`)).json();
  const items = [{ element: 'fever', required: true }, { element: 'staff_on_site', required: false }];
  await post(`${url}/api/v1/forms`, { data: { code: 'check', names: { en: 'Check', 'zh-Hans': '核对' }, counting: 'parts', as_of_min: 600, cut_off_min: 900, since: today, items } });
  await post(`${url}/api/v1/assignments`, { data: { form: 'check', unit: 'HQ', since: today } });
  for (const [name, role, unit] of [['g1', 'filler', 'H1'], ['g11', 'filler', 'H11'], ['reader', 'viewer', 'H1']]) {
    const done = spawnSync(binary, ['user', 'set', name, '--role', role, '--unit', unit, '--database', join(folder, 'muster-own.db')], { input: `${PASSWORD}\n`, encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
  }
  return url;
}

async function login(page, open, name) {
  await open('/login');
  await page.locator('input[autocomplete="username"]').fill(name);
  await page.locator('input[type="password"]').fill(PASSWORD);
  await page.locator('form button[type="submit"]').click();
  await page.waitForURL((url) => url.pathname !== '/login');
}

const menu = (page) => page.locator('.head-nav nav a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
const unitOf = (page, name) => page.locator('.phone-head strong', { hasText: name }).waitFor();

async function clerk({ page, open }, size) {
  await login(page, open, 'g1');
  assert.equal(new URL(page.url()).pathname, '/phone', 'a clerk begins with the form');
  await unitOf(page, 'North Terminal');
  assert.ok((await menu(page)).includes('/phone'));
  await page.locator('[data-choose]').click();
  await page.locator('[data-awaited] [data-unit="H11"]').waitFor();
  assert.equal(await page.locator('[data-reported] a').count(), 0);
  if (size === 'phone') await touchable(page, '.phone-page');
  await fitsAcross(page);
  await wordsOnly(page);
  await page.locator('[data-unit="H12"]').click();
  await unitOf(page, 'North Shed');
  // Any other by its name or code.
  await page.locator('[data-choose]').click();
  await page.locator('.phone-units input').fill('H11');
  await page.locator('.change-found button').first().click();
  await unitOf(page, 'North Quay');
  assert.equal(new URL(page.url()).search, '?unit=H11');
  // From the figures of a unit, and from the list of those that have not reported.
  await open('/figure?node=unit:H12');
  await page.locator('[data-report]').click();
  await unitOf(page, 'North Shed');
  await open('/missing');
  await fitsAcross(page);
  await page.locator('[data-report="H11"]').click();
  await unitOf(page, 'North Quay');
  // The receipt names all levels, with counts of those that one sees.
  await page.locator('[data-zero]').click();
  await page.locator('.phone-confirm .phone-main').click();
  await page.locator('[data-receipt]').waitFor();
  const levels = await page.locator('.phone-up li').allInnerTexts();
  assert.deepEqual(levels.map((l) => l.replace(/\s+/g, ' ')), ['Harbour Trust above; counted there too', 'North Terminal 1/3 reported', 'North Quay 1/1 reported']);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.locator('[data-correct]').click();
  assert.equal(await page.locator('[data-why]').getAttribute('data-why'), 'same');
  await page.locator('input[data-field="fever"]').fill('2');
  assert.match(await page.locator('[data-why]').innerText(), /reason is still empty/);
  await page.locator('[data-reason]').fill('Counted anew');
  await eventually('nothing in the way', () => page.locator('[data-why]').count(), (n) => n === 0);
  // A figure of a state beside a signed zero: it stays one, and nothing more was said of what happens.
  await page.locator('input[data-field="fever"]').fill('0');
  await page.locator('input[data-field="staff_on_site"]').fill('33');
  await page.locator('[data-send]').click();
  const second = await eventually('the correction', () => page.locator('.phone-receipt').innerText().catch(() => ''), (text) => /Revision 2/.test(text));
  assert.match(second, /Zero report/, 'a zero stays a zero');
  // What must be said is told at its field, and before it is sent, by its name.
  await open('/phone?unit=H12&form=check');
  await page.locator('[data-fill]').click();
  await page.locator('input[data-field="staff_on_site"]').fill('5');
  assert.equal(await page.locator('[data-why]').getAttribute('data-why'), 'lacking');
  assert.match(await page.locator('[data-why]').innerText(), /Still to be filled in: (?!fever)\S/);
  assert.equal(await page.locator('.phone-label', { hasText: 'required' }).count(), 1);
  assert.equal(await page.locator('[data-send]').isDisabled(), true);
  await fitsAcross(page);
  await page.locator('input[data-field="fever"]').fill('0');
  await eventually('all is said', () => page.locator('[data-why]').count(), (n) => n === 0);
  // What was sent is found again below those that are awaited, told by a word, and can be corrected.
  await open('/phone?unit=H12');
  await page.locator('[data-choose]').click();
  const sent = page.locator('[data-reported] [data-unit="H11"]');
  assert.match(await sent.innerText(), /North Quay[^]*● Reported/);
  assert.equal(await page.locator('[data-awaited] [data-unit="H11"]').count(), 0);
  assert.equal(await page.locator('[data-awaited] a').count(), 2);
  await fitsAcross(page);
  if (size === 'phone') await touchable(page, '.phone-page');
  await sent.click();
  await unitOf(page, 'North Quay');
  await page.locator('[data-correct]').waitFor();
}

export async function run(v) {
  const { browser, size } = v;
  const own = await operation(v);
  const visit = () => visitor(browser, own, { size });
  const first = await visit();
  first.expectRefusal(401);
  await clerk(first, size);
  assert.deepEqual(first.faults, []);
  // One unit alone: there is nothing to choose, and no count of those above is told.
  const alone = await visit();
  alone.expectRefusal(401);
  await login(alone.page, alone.open, 'g11');
  await unitOf(alone.page, 'North Quay');
  assert.equal(await alone.page.locator('[data-choose]').count(), 0);
  assert.deepEqual(alone.faults, []);
  const reader = await visit();
  reader.expectRefusal(401);
  await login(reader.page, reader.open, 'reader');
  assert.equal(new URL(reader.page.url()).pathname, '/');
  assert.equal((await menu(reader.page)).includes('/phone'), false);
  await reader.open('/missing');
  await reader.page.locator('.missing-table').waitFor();
  assert.equal(await reader.page.locator('[data-report]').count(), 0);
  await reader.open('/phone');
  assert.match(await reader.page.locator('main').innerText(), /may read, not report/);
  assert.deepEqual(reader.faults, []);
  // The office: no brief of a day that has not begun or on which nothing was asked, and nothing to do with either.
  const office = await visit();
  office.expectRefusal(401);
  office.expectRefusal(404);
  await login(office.page, office.open, 'duty');
  for (const [day, says] of [['2099-01-01', /has not begun/], ['2019-01-01', /^“(?!daily”).+” was asked of nobody/m]]) {
    await office.open(`/brief/${day}`);
    await eventually(`the brief of ${day}`, () => office.page.locator('main').innerText(), (text) => says.test(text));
    assert.equal(await office.page.locator('[data-freeze], [data-format], .brief').count(), 0, day);
  }
  // What somebody else reported the office reads, and is told why it cannot correct it; for the silent it may report.
  await office.open('/figure?node=unit:H11');
  await office.page.locator('[data-of-another]').waitFor();
  assert.equal(await office.page.locator('[data-report]').count(), 0);
  await office.open('/phone?unit=H11');
  await office.page.locator('[data-of-another]').waitFor();
  assert.equal(await office.page.locator('[data-correct]').count(), 0);
  await office.open('/figure?node=unit:H12');
  await office.page.locator('[data-report]').waitFor();
  await office.open('/login');
  assert.equal(await office.page.locator('main p').first().innerText(), 'Logged in as duty');
  assert.deepEqual(office.faults, []);
  for (const { context } of [first, alone, reader, office]) await context.close();
}
