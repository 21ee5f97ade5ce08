// The first hour of an office: from an empty database, with the address book that it telephones by, to a report that a unit
// filed by a link without an account, and the brief of the day. How long it took is said.
import assert from 'node:assert/strict';
import { eventually, fitsAcross, tick, wordsOnly } from '../check.mjs';

export const sizes = ['desk'];

const PASSWORD = 'a long enough password';
const BOOK = [
  '某省国资委系统应急通讯录',
  '',
  '序号,单位,部门,姓名,职务,联系电话',
  '1,一、第一集团,,张某甲,主任,０５５１－６２６００００１',
  '2,,办公室,李某乙,值班员,62600002、13800000002',
  '3,,安监部,王某丙,部长,62600003转801',
  '4,二、第二集团,,赵某丁,主任,62600004/62600005',
  '5,,办公室,钱某戊,,无',
  '合计,5,,,,',
  '备注：每月更新',
].join('\n');

export async function run({ page, context, open, browser, faults, size }) {
  const began = Date.now();
  const steps = [];
  const done = (what) => steps.push(`${what} ${((Date.now() - began) / 1000).toFixed(1)} s`);
  // An operation of one's own, in an empty database.
  await open('/start');
  await page.locator('[data-own]').click();
  await page.locator('[data-office]').fill('省国资委应急办');
  await page.locator('[data-account]').fill('duty');
  await page.locator('[data-password]').fill(PASSWORD);
  await page.locator('[data-begin]').click();
  await page.locator('[data-book]').waitFor();
  const url = new URL(page.url()).origin;
  done('begun');

  // The address book as it is.
  await page.locator('[data-book]').click();
  await page.waitForURL((at) => at.pathname === '/units/book');
  await page.locator('[data-file]').setInputFiles({ name: '通讯录.csv', mimeType: 'text/csv', buffer: Buffer.from(`\ufeff${BOOK}`) });
  await page.locator('[data-tree]').waitFor();
  const roles = () => page.locator('[data-column] select').evaluateAll((all) => all.map((s) => s.value).join(' '));
  assert.equal(await roles(), 'skip level1 level2 person post phone');
  assert.equal(await page.locator('.book-line[aria-pressed="true"]').innerText(), '3');
  const units = () => page.locator('[data-tree] [data-unit]').evaluateAll((all) => all.map((li) => li.dataset.unit).join(' '));
  assert.equal(await units(), 'HQ G01 G01-01 G01-02 G02 G02-01');
  assert.match(await page.locator('[data-persons]').innerText(), /^5 names of persons are left out/);
  assert.ok(!(await page.locator('main').innerText()).includes('张某甲'), 'a name of a person is not shown again');
  assert.equal(await page.locator('td[data-finding="book.phone_unread"]').count(), 1);
  // What is said otherwise is read otherwise, at once.
  await page.locator('[data-column="C"] select').selectOption('skip');
  await eventually('one level', units, (now) => now === 'HQ G01 G02');
  await page.locator('[data-column="C"] select').selectOption('level2');
  await eventually('two levels', units, (now) => now === 'HQ G01 G01-01 G01-02 G02 G02-01');
  await page.locator('[data-line="1"] .book-line').click();
  await eventually('another header', () => page.locator('.book-line[aria-pressed="true"]').innerText(), (n) => n === '1');
  await page.locator('[data-line="3"] .book-line').click();
  await eventually('its own header', roles, (now) => now === 'skip level1 level2 person post phone');
  await page.locator('[data-level="2"] select').selectOption('department');
  await eventually('kinds of one’s own', () => page.locator('[data-level="2"] select').inputValue(), (kind) => kind === 'department');
  await fitsAcross(page);
  await wordsOnly(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await fitsAcross(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.locator('[data-give]').check();
  // Told as of a server on PostgreSQL, whose database is no file and whose keys lie wherever they were put.
  await page.route('**/api/v1/about', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), kept: null, database: 'postgres' } });
  });
  await page.locator('[data-import]').click();
  await page.locator('[data-imported]').waitFor();
  const next = () => page.locator('[data-next]').evaluateAll((all) => all.map((one) => one.dataset.next).join(' '));
  assert.equal(await next(), 'links fill asked people accounts', 'links are what comes next');
  assert.match(await page.locator('[data-next="accounts"]').innerText(), / user set NAME .* --database ADDRESS --keys KEYS$/);
  assert.ok(!/the file of this database/.test(await page.locator('[data-imported]').innerText()));
  await page.unroute('**/api/v1/about');
  done('units and form');

  // The same book again changes nothing.
  const post = async (path, data, by = page.request) => {
    const answer = await by.post(`${url}/api/v1${path}`, { data });
    assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
    return answer.json().catch(() => null);
  };
  const again = await page.request.post(`${url}/api/v1/imports/book`, { data: Buffer.from(BOOK), headers: { 'content-type': 'application/octet-stream' } });
  const said = await again.json();
  assert.deepEqual([said.rows, said.unchanged, said.added, said.changed], [5, 5, 0, 0], JSON.stringify(said));

  // A unit is asked by a link, opens it with its PIN on a device of its own, and files.
  await page.locator('[data-next="links"]').click();
  await page.locator('[data-new]').waitFor();
  const { items } = await post('/links', { under: 'HQ' });
  assert.equal(items.length, 6, 'one for each unit');
  const link = items.find((one) => one.unit_code === 'G01-01');
  const { today } = await (await page.request.get(`${url}/api/v1/about`)).json();
  const device = await browser.newContext();
  try {
    await post('/link/open', { token: link.token, pin: link.pin }, device.request);
    const filed = await device.request.put(`${url}/api/v1/link/reports/${today}`, { data: { act: 'zero' } });
    assert.ok(filed.ok(), await filed.text());
    // The unit is there since today, so no other day is offered.
    const phone = await device.newPage();
    await phone.goto(`${url}/fill`);
    await phone.locator('[data-day="today"]').waitFor();
    assert.equal(await phone.locator('[data-day]').count(), 1);
  } finally {
    await device.close();
  }
  done('a report by a link');

  // It is on the desk, and in the brief of the day.
  await page.goto(`${url}/`);
  await eventually('the report on the desk', () => tick(page, 'reported'), (n) => n === 1);
  assert.equal(await tick(page, 'expected'), 6);
  await page.goto(`${url}/brief/${today}`);
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('p.state[role=status]'));
  await wordsOnly(page);
  done('brief');
  assert.deepEqual(faults, []);
  console.log(`first hour (${size}): ${steps.join(', ')}`);
  await context.clearCookies();
}
