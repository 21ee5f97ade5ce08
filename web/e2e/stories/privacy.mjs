// What is kept of persons: read by everybody, said by the office, taken along by whose it is; an account that is erased is
// nobody's.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { visitor } from '../browser.mjs';
import { eventually, pageFaults } from '../check.mjs';
import { begun, login } from '../own.mjs';

export const sizes = ['desk', 'phone'];

const CSV = 'code,name,parent\nHQ,Harbour Trust,\nH1,North Terminal,HQ\n';

async function operation(v) {
  const { url, post } = await begun(v, CSV);
  const { id } = await (await post('/accounts', { data: { name: 'zhangsanfeng', unit: 'H1' } })).json();
  return { url, id };
}

/** What stands on every page of these: no key, nothing sticking out, large enough for a thumb, nothing that axe minds. */
async function fit(page, size) {
  const serious = await pageFaults(page, size);
  assert.deepEqual(serious, [], page.url());
}

async function saved(page, click) {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  return JSON.parse(await readFile(await file.path(), 'utf8'));
}

export async function run({ page: first, base, browser, size }) {
  const { url, id } = await operation({ page: first, base });
  const { page, context, open, faults, expectRefusal } = await visitor(browser, url, { size });
  expectRefusal(401);
  await login({ page, open }, 'duty');
  const text = (selector) => page.locator(selector).innerText();

  // What is kept of oneself one takes along.
  await open('/me');
  const own = await saved(page, () => page.locator('[data-take-along]').click());
  assert.equal(own.account.name, 'duty');
  assert.equal(own.sessions.length >= 1, true);

  // Every field says what for, on what basis, until when.
  await page.locator('[data-kept] a').click();
  await page.locator('[data-privacy="duty_phone"]').waitFor();
  assert.match(await text('[data-privacy="duty_phone"]'), /What for[^]*Legal basis[^]*Art\. 13[^]*30 days/);
  await fit(page, size);

  // The office says the basis in its own words, and the days.
  await page.locator('[data-privacy="duty_phone"] [data-ask]').click();
  await page.locator('[data-privacy="duty_phone"] [data-field="basis"] input').fill('Port emergency plan, section 3');
  await page.locator('[data-privacy="duty_phone"] [data-field="keep_days"] input').fill('14');
  await fit(page, size);
  await page.locator('[data-privacy-set]').click();
  await eventually('the basis', () => text('[data-privacy="duty_phone"]'), (said) => /Port emergency plan, section 3[^]*14 days/.test(said));

  // The operation's end; a number of a person in the reason is refused in words.
  await page.locator('[data-privacy-ends] [data-ask]').click();
  await page.locator('[data-privacy-ends] [data-field="reason"] input').fill('ask 13812340000');
  expectRefusal(422);
  await page.locator('[data-privacy-end]').click();
  await page.locator('[data-privacy-ends] .refusal').waitFor();
  await page.locator('[data-privacy-ends] [data-field="reason"] input').fill('The port is open again');
  await page.locator('[data-privacy-end]').click();
  await eventually('the end', () => text('[data-privacy-ends]'), (said) => said.includes('The port is open again'));
  await fit(page, size);

  // Somebody asked: their data is taken out for them, and who they are is erased.
  await open(`/people/${id}`);
  await page.locator('[data-erasing] [data-ask="data"]').click();
  await page.locator('[data-asked="data"] [data-field="purpose"] input').fill('they asked for it');
  const theirs = await saved(page, () => page.locator('[data-take-data]').click());
  assert.equal(theirs.account.name, 'zhangsanfeng');
  await page.locator('[data-erasing] [data-ask="erase"]').click();
  await page.locator('[data-asked="erase"] [data-field="purpose"] input').fill('they asked for it');
  await fit(page, size);
  await page.locator('[data-erase]').click();
  await eventually('the title', () => text('main h1'), (said) => said === '(erased)');
  const history = await text('main');
  assert.match(history, /Account erased[^]*What is kept of a person told to them/);
  assert.doesNotMatch(history, /zhangsanfeng/);
  await fit(page, size);
  await open('/people');
  await eventually('the list', () => text('main'), (said) => said.includes('(erased)') && !said.includes('zhangsanfeng'));
  assert.deepEqual(faults, []);
  await context.close();
}
