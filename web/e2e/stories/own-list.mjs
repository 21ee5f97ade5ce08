// Their own workbook: what would come of it first, and an operation of their own after the second look.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { eventually, tick, wordsOnly } from '../check.mjs';

export const sizes = ['desk'];

const CSV = '\ufeffcode,name,parent\nHQ,Harbour Trust,\nHQ-1,North Terminal,HQ\nHQ-2,South Terminal,HQ\nHQ-3,Lost Depot,NOWHERE\n';

export async function run({ page, context, open, base, faults, expectRefusal, folder }) {
  await open('/start');
  assert.match(await page.locator('main').innerText(), /return to the demonstration/);
  // Where it will lie is said before, and it stays there.
  const kept = `${folder}/muster-own.db`;
  const says = (within) => page.locator(`${within} [data-kept]`).innerText();
  assert.ok((await says('main')).includes(`serve --database ${kept}`));
  await page.locator('[data-own]').click();
  await page.locator('[data-office]').fill('Harbour duty room');
  await page.locator('[data-account]').fill('chief');
  await page.locator('[data-password]').fill('a long enough password');
  await page.locator('[data-begin]').click();
  // It begins at an address of its own, beside the demonstration.
  await page.locator('[data-file]').waitFor({ state: 'attached' });
  assert.notEqual(new URL(page.url()).origin, base);
  assert.equal(await page.locator('[data-demo-back]').getAttribute('href'), `${base}/`, 'the way back');
  assert.equal(await page.locator('[data-simulated]').count(), 0, 'their own figures are not simulated');
  await page.locator('[data-file]').setInputFiles({ name: 'units.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
  const preview = page.locator('[data-preview]');
  await preview.waitFor();
  assert.ok(existsSync(kept));
  const text = await preview.innerText();
  assert.match(text, /Rows\s*4/);
  assert.match(text, /Accepted\s*3/);
  assert.match(text, /Refused\s*1/);
  assert.match(text, /C5|NOWHERE/, 'the finding names its cell');
  // The form that comes with it is told before, item by item, and need not be given.
  const starter = page.locator('[data-starter]');
  await starter.locator('summary').click();
  const items = await starter.locator('ol li').count();
  assert.match(await starter.innerText(), new RegExp(`asked for ${items} items a day, by 15:00`));
  await starter.locator('[data-give]').uncheck();
  assert.match(await starter.innerText(), /nothing is asked of them yet/);
  await starter.locator('[data-give]').check();
  await page.locator('[data-import]').click();
  // What was done, and what comes next.
  await page.locator('[data-imported]').waitFor();
  assert.match(await page.locator('[data-imported] h1').innerText(), /^3 units were added/);
  assert.match(await page.locator('[data-next="accounts"]').innerText(), / user set .*--database .*muster-own\.db/);
  assert.ok((await says('main')).includes(`serve --database ${kept}`));
  await page.locator('[data-next="asked"]').click();
  await page.waitForURL((url) => url.pathname === '/catalogue');
  await page.locator('.page').getByText('daily').first().waitFor();
  await page.goto(new URL('/phone', page.url()).href);
  await page.locator('[data-zero]').waitFor();
  await eventually('who has not reported', () => page.locator('[data-choose]').innerText(), (said) => said.includes('3 of 3 not reported'));
  await page.goto(new URL('/units', page.url()).href);
  await page.getByText('Harbour Trust').first().waitFor();
  await page.getByText('North Terminal').first().waitFor();
  // Everybody in the list is asked for today's report, and nobody has reported.
  await page.goto(new URL('/', page.url()).href);
  await eventually('the desk of their own', () => tick(page, 'expected'), (n) => n === 3);
  assert.equal(await tick(page, 'missing'), 3);
  // The office's own report stands beside its units, so that the tiles add up to the sentence.
  await page.locator('.tile[data-own-report]').waitFor();
  const tiles = await page.locator('.tile .tile-count').allInnerTexts();
  assert.deepEqual(tiles.map((text) => text.replace(/\s/g, '')), ['0/1', '0/1', '0/1']);
  // The live line follows the login: it was refused nothing, and nothing has to be loaded anew.
  assert.equal(await page.locator('.stale').count(), 0, 'live right after the beginning');
  assert.deepEqual(faults, []);
  // A session that ends leads to the login, and the login back to where one was.
  expectRefusal(401);
  await context.clearCookies();
  await page.goto(new URL('/missing', page.url()).href);
  await page.waitForURL((url) => url.pathname === '/login');
  await page.locator('input[autocomplete="username"]').fill('chief');
  await page.locator('input[type="password"]').fill('a long enough password');
  await page.locator('form button[type="submit"]').click();
  await page.waitForURL((url) => url.pathname === '/missing');
  await page.locator('.missing-table').waitFor();
  assert.equal(await page.locator('.stale').count(), 0);
  // Who began it, before there was a tree, may change what belongs to the whole.
  for (const path of ['/parties', '/catalogue']) {
    await page.goto(new URL(path, page.url()).href);
    await page.locator('[data-new]').first().waitFor();
  }
  assert.deepEqual(faults, []);
  await another({ page, open, faults, folder, says });
}

/** Come from the demonstration again: the one there is, by name, or another beside it, to which no form is given. */
async function another({ page, open, faults, folder, says }) {
  await open('/start');
  const there = page.locator('[data-own-there]');
  assert.match(await there.innerText(), /Harbour duty room/);
  assert.match(await there.innerText(), /Begun /);
  await wordsOnly(page);
  await there.locator('[data-go-on]').click();
  await page.waitForURL((url) => url.pathname === '/');
  assert.equal(await eventually('the desk of the one there is', () => tick(page, 'expected'), (n) => n === 3), 3);
  await open('/start');
  assert.ok((await says('main section:last-of-type')).includes(`${folder}/muster-own-2.db`));
  await page.locator('[data-own]').click();
  await page.locator('[data-office]').fill('Second duty room');
  await page.locator('[data-account]').fill('chief');
  await page.locator('[data-password]').fill('a long enough password');
  await page.locator('[data-begin]').click();
  await page.locator('[data-file]').setInputFiles({ name: 'units.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
  await page.locator('[data-give]').uncheck();
  await page.locator('[data-import]').click();
  await page.locator('[data-imported]').waitFor();
  assert.equal(await page.locator('[data-next="fill"]').count(), 0, 'nothing is asked, so nothing is filled in');
  assert.match(await page.locator('[data-imported]').innerText(), /Nothing is asked of the units yet/);
  assert.deepEqual(await (await page.request.get(new URL('/api/v1/forms', page.url()).href)).json(), { items: [] });
  await page.goto(new URL('/', page.url()).href);
  await page.locator('[data-bare]').waitFor();
  await open('/start');
  assert.equal(await page.locator('[data-own-there]').count(), 2);
  assert.deepEqual(faults, []);
}
