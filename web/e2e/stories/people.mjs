// People and their rights: an account and its letter, opened where it was handed to; a role taken away and its person told; the
// password forgotten and let in again; who keeps accounts and reads no figures; roles by what they may do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { visitor } from '../browser.mjs';
import { eventually, pageFaults } from '../check.mjs';
import { begun, login, PASSWORD } from '../own.mjs';

export const sizes = ['desk', 'phone'];

const OWN = 'tide lamp orchard nine';
const CSV = 'code,name,parent\nHQ,Harbour Trust,\nH1,North Terminal,HQ\nH2,South Terminal,HQ\nH11,North Quay,H1\n';

async function operation(v) {
  const { folder, binary } = v;
  const { url, post } = await begun(v, CSV);
  await post('/forms/starter');
  const done = spawnSync(binary, ['user', 'set', 'keeper', '--role', 'system_admin', '--unit', 'HQ', '--database', join(folder, 'muster-own.db')], { input: `${PASSWORD}\n`, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return url;
}

/** What stands on every page of these: no key, nothing sticking out, large enough for a thumb, nothing that axe minds. */
async function fit({ page }, size, found) {
  const serious = await pageFaults(page, size);
  found.push(...serious);
}

const menu = (page) => page.locator('.head-nav nav a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));

/** Adds somebody at a unit with a role, and answers the address that stands in their letter. */
async function added(office, size, found) {
  const { page, open } = office;
  await open('/people');
  await page.locator('[data-person="duty"]').waitFor();
  await fit(office, size, found);
  await page.locator('[data-new]').click();
  await page.locator('[data-field="name"] input').fill('liu');
  await page.locator('[data-field="unit"] input').fill('H11');
  await page.locator('.change-found button').first().click();
  await page.locator('[data-field="role"] select').selectOption('filler');
  assert.match(await page.locator('[data-field="role"]').innerText(), /May: .*File and correct reports[^]*At North Quay and below/);
  await fit(office, size, found);
  await page.locator('[data-add]').click();
  await page.locator('[data-letter] svg').waitFor();
  assert.match(await page.locator('[data-letter]').innerText(), /Give it to the person only[^]*opens once[^]*Opens until \d{4}-/);
  const address = await page.locator('[data-address]').innerText();
  assert.match(address, /\/letter#[0-9a-f]{64}$/);
  await page.locator('[data-copy]').click();
  await page.getByText('Copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), address);
  await fit(office, size, found);
  // Shown once: on the account's own page it is not, but another can be written.
  await page.locator('[data-to-person]').click();
  await page.locator('[data-write-letter]').waitFor();
  assert.equal(await page.locator('[data-address]').count(), 0);
  // The name is somebody's already: told, and no second account.
  await open('/people/add');
  await page.locator('[data-field="name"] input').fill('liu');
  office.expectRefusal(409);
  await page.locator('[data-add]').click();
  await page.locator('.refusal', { hasText: 'liu' }).waitFor();
  return address;
}

/** The letter in a browser of its person's: a password of their own, and they stand before the day's report. */
async function opened(person, address, size, found) {
  const { page } = person;
  await page.goto(address, { waitUntil: 'load' });
  await page.locator('[data-password="first"]').waitFor();
  assert.equal(page.url().includes('#'), false, 'the token is out of the address bar');
  const fault = () => page.locator('[data-fault]').getAttribute('data-fault');
  await page.locator('[data-password="first"]').fill('short');
  assert.equal(await fault(), 'short');
  await page.locator('[data-password="first"]').fill('密'.repeat(86));
  assert.equal(await fault(), 'long', '258 bytes');
  await page.locator('[data-password="first"]').fill(OWN);
  await page.locator('[data-password="again"]').fill(`${OWN}!`);
  assert.equal(await fault(), 'differ');
  assert.equal(await page.locator('[data-open]').isDisabled(), true);
  await page.locator('[data-password="again"]').fill(OWN);
  await fit(person, size, found);
  await page.locator('[data-open]').click();
  await page.waitForURL((url) => url.pathname === '/phone');
  await page.locator('[data-zero]').click();
  await page.locator('.phone-confirm .phone-main').click();
  await page.locator('[data-receipt]').waitFor();
  assert.equal((await menu(page)).includes('/people'), false);
}

/** It opened once: in somebody else's hand it opens nothing. */
async function spent(thief, address) {
  thief.expectRefusal(401);
  thief.expectRefusal(404);
  await thief.page.goto(address, { waitUntil: 'load' });
  for (const which of ['first', 'again']) await thief.page.locator(`[data-password="${which}"]`).fill('another long password');
  await thief.page.locator('[data-open]').click();
  await thief.page.locator('.refusal', { hasText: 'does not open any more' }).waitFor();
  // Without one the page says so, and leads to the login.
  await thief.open('/letter');
  await thief.page.locator('main a[href="/login"]').waitFor();
}

const idOf = async (page, base, name) => (await (await page.request.get(`${base}/api/v1/accounts?limit=1000`)).json()).items.find((a) => a.name === name).id;

/** Roles on the account's page: what does not go together is refused in words, one is given for some days, one is taken away. */
async function rolesOf(office, base, size, found) {
  const { page, open } = office;
  const id = await idOf(page, base, 'liu');
  await open(`/people/${id}`);
  await page.locator('[data-grant="filler"]').waitFor();
  await page.locator('[data-ask="give"]').click();
  await page.locator('[data-field="role"] select').selectOption('checker');
  office.expectRefusal(409);
  await page.locator('[data-give]').click();
  await page.locator('.refusal', { hasText: '“Checker” and “Filler”' }).waitFor();
  await fit(office, size, found);
  await page.locator('[data-field="role"] select').selectOption('viewer');
  await page.locator('[data-field="unit"] button').click();
  await page.locator('[data-field="unit"] input').fill('H2');
  await page.locator('.change-found button').first().click();
  await page.locator('[data-field="ends"] input').check();
  await page.locator('[data-give]').click();
  await page.locator('[data-grant="viewer"]', { hasText: 'no more from' }).waitFor();
  for (const role of ['filler', 'viewer']) {
    const grant = page.locator(`[data-grant="${role}"]`);
    await grant.locator('[data-ask="take"]').click();
    if (role === 'filler') await fit(office, size, found);
    await grant.locator('[data-take]').click();
    await eventually(`${role} is gone`, () => grant.count(), (n) => n === 0);
  }
  const done = await page.locator('[data-entries] li').evaluateAll((all) => all.map((li) => li.dataset.action));
  assert.deepEqual(done, ['grant.end', 'grant.end', 'grant.give', 'account.enter', 'account.letter', 'grant.give', 'account.set']);
  assert.match(await page.locator('[data-action="grant.give"]').first().innerText(), /Role given: Viewer H2/);
  await fit(office, size, found);
}

/** Who had a role until just now is told so at the next thing they ask, and whom to turn to. */
async function told(person, size, found) {
  const { page } = person;
  person.expectRefusal(403);
  await page.locator('.head-nav nav a[href="/phone"]').click();
  await page.locator('.head-nav nav a').first().click();
  await page.locator('[data-may-not="none"]').waitFor();
  assert.match(await page.locator('main').innerText(), /no role today[^]*liu[^]*Harbour duty room/);
  assert.deepEqual(await menu(page), []);
  await fit(person, size, found);
  // What was done with their account they see themselves.
  await page.locator('main a[href="/me"]').click();
  await page.locator('[data-action="grant.end"]').first().waitFor();
  assert.equal(await page.locator('[data-session="this"]').count(), 1);
  await fit(person, size, found);
}

/** The password changed, and where else one was logged in one is no more. */
async function changed(person, elsewhere) {
  const { page } = person;
  await login(elsewhere, 'liu', OWN);
  await page.reload();
  await page.locator('[data-session="other"] [data-end-session]').waitFor();
  await page.locator('[data-password="old"]').fill('not the old one');
  for (const which of ['first', 'again']) await page.locator(`[data-password="${which}"]`).fill(`${OWN} ten`);
  person.expectRefusal(401);
  await page.locator('[data-change-password]').click();
  await page.locator('.refusal').waitFor();
  await page.locator('[data-password="old"]').fill(OWN);
  await page.locator('[data-change-password]').click();
  await page.locator('[data-done]').waitFor();
  await eventually('logged in here only', () => page.locator('[data-session]').count(), (n) => n === 1);
  elsewhere.expectRefusal(401);
  await elsewhere.page.goto(new URL('/me', page.url()).href);
  await elsewhere.page.waitForURL((url) => url.pathname === '/login');
}

/** Forgotten: six digits on the telephone, not approved yet, approved, in. */
async function forgot(person, office, base, size, found) {
  const { page, open } = person;
  person.expectRefusal(401);
  await open('/me');
  await page.locator('[data-leave]').click();
  await page.waitForURL((url) => url.pathname === '/login');
  await page.locator('[data-forgot]').click();
  await page.locator('[data-name]').fill('liu');
  await fit(person, size, found);
  await page.locator('[data-ask-code]').click();
  const code = await page.locator('[data-code]').innerText();
  assert.match(code, /^\d{3} \d{3}$/);
  for (const which of ['first', 'again']) await page.locator(`[data-password="${which}"]`).fill(OWN);
  person.expectRefusal(409);
  await page.locator('[data-finish]').click();
  await page.locator('[data-waiting]').waitFor();
  assert.equal(await page.locator('.refusal').count(), 0, 'waiting is no refusal');
  await fit(person, size, found);
  // The telephone put the page away meanwhile.
  await page.reload();
  assert.equal(await page.locator('[data-code]').innerText(), code);
  for (const which of ['first', 'again']) await page.locator(`[data-password="${which}"]`).fill(OWN);
  // Digits that nobody was shown open nothing.
  const id = await idOf(office.page, base, 'liu');
  await office.open(`/people/${id}`);
  office.expectRefusal(404);
  const approve = async (digits) => {
    await office.page.locator('[data-let-in] input').fill(digits);
    await office.page.locator('[data-approve]').click();
  };
  await approve(code === '000 000' ? '000001' : '000000');
  await office.page.locator('[data-let-in] .refusal').waitFor();
  await approve(code);
  await office.page.locator('[data-approved]').waitFor();
  await fit(office, size, found);
  await page.locator('[data-finish]').click();
  await page.locator('[data-may-not="none"]').waitFor();
}

/** Who keeps accounts and reads no figures begins with the people, and is led nowhere else. */
async function keeper(v, size, found) {
  v.expectRefusal(401);
  await login(v, 'keeper');
  await v.page.waitForURL((url) => url.pathname === '/people');
  assert.deepEqual(await menu(v.page), ['/units', '/people']);
  await v.open('/figure');
  await v.page.locator('[data-may-not="page"]').waitFor();
  await fit(v, size, found);
  await v.open('/units');
  await v.page.locator('.unit-facts').waitFor();
  await v.open('/people/add');
  assert.equal(await v.page.locator('[data-field="role"]').count(), 0, 'roles are not theirs to give');
  await v.open('/people');
  await v.page.locator('[data-find]').fill('north quay');
  await v.page.locator('[data-person="liu"]').waitFor();
  assert.equal(await v.page.locator('[data-person]').count(), 1);
  await v.open('/roles');
  await v.page.locator('[data-separated="false"]').waitFor();
  const cells = await v.page.locator('[data-permission="grant.give"] td').allTextContents();
  assert.deepEqual(cells.map((text) => text.includes('●')), [false, true, false, false, false, false, false, false, false, true, false]);
  await fit(v, size, found);
  assert.deepEqual(v.faults, []);
}

/** The account ended: nobody is let in by it. */
async function ended(office, person, base) {
  const id = await idOf(office.page, base, 'liu');
  await office.open(`/people/${id}`);
  await office.page.locator('[data-ask="end"]').click();
  await office.page.locator('[data-end]').click();
  await office.page.locator('.person-facts', { hasText: 'ended' }).waitFor();
  // What is kept of its person may still be asked for, and erased.
  assert.deepEqual(await office.page.locator('[data-ask], [data-approve]').evaluateAll((all) => all.map((e) => e.dataset.ask)), ['data', 'erase']);
  await person.page.goto(`${base}/me`);
  await person.page.waitForURL((url) => url.pathname === '/login');
}

export async function run(v) {
  const { browser, size } = v;
  const base = await operation(v);
  const visit = () => visitor(browser, base, { size });
  const [office, person, thief, elsewhere, admin] = [await visit(), await visit(), await visit(), await visit(), await visit()];
  for (const one of [office, person, elsewhere]) one.expectRefusal(401);
  const found = [];
  await login(office, 'duty');
  const address = await added(office, size, found);
  await opened(person, address, size, found);
  await spent(thief, address);
  await rolesOf(office, base, size, found);
  await told(person, size, found);
  await changed(person, elsewhere);
  await forgot(person, office, base, size, found);
  await keeper(admin, size, found);
  await ended(office, person, base);
  assert.deepEqual(found, []);
  for (const { context, faults } of [office, person, thief, elsewhere, admin]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
}
