// Every page in every language and size: no key shows through, nothing sticks out, nothing is asked of the outside.
import assert from 'node:assert/strict';
import { fitsAcross, notCut, wordsOnly } from '../check.mjs';
import { visitor } from '../browser.mjs';

export const sizes = ['desk', 'phone'];
const LANGUAGES = ['zh-CN', 'zh-TW', 'en'];
export const PAGES = ['/', '/side-by-side', '/phone', '/missing', '/contradictions', '/corrections', '/figure', '/brief', '/units', '/units/book', ...['facts', 'add', 'move', 'merge', 'split', 'close'].map((act) => `/units/G03/change?do=${act}`), ...['', '?show=elements', '?show=assignments', '/element', '/element/fever', '/form', '/form/daily', '/assignment', '/assignment/1'].map((rest) => `/catalogue${rest}`), ...['', '/duty'].map((rest) => `/units/G03/post${rest}`), '/parties', '/parties/change', '/parties/change/H1', '/journal', '/journal?action=brief', '/findings', '/tasks', '/tasks?show=open', '/measures', '/outbox', '/check', '/notices', '/start', '/login', '/people', '/people/add', '/links', '/roles', '/me', '/privacy', '/acting', '/letter', '/forgot'];

/** A body beside the tree, which the demonstration has none of: so that its page has something to show. */
export const aside = (page, base) => page.request.post(`${base}/api/v1/parties`, { data: { code: 'H1', names: { 'zh-Hans': '市第一医院', 'zh-Hant': '市第一醫院', en: 'First Hospital' }, kind: 'hospital', place: '340100', closed: '2020-02-01' } });

/** The page of a link without a PIN, of the clerk's unit: it opens wherever it is visited. */
export async function linked(page, base) {
  const { roles } = await (await page.request.get(`${base}/api/v1/about`)).json();
  const under = roles.find((role) => role.id === 'clerk').unit_code;
  const issued = await page.request.post(`${base}/api/v1/links`, { data: { under, alone: true, pin: false } });
  return `/fill#${(await issued.json()).items[0].token}`;
}

export async function run({ page, browser, base, size }) {
  await aside(page, base);
  const pages = [...PAGES, await linked(page, base)];
  for (const language of LANGUAGES) {
    const v = await visitor(browser, base, { size, language });
    for (const path of pages) {
      await v.open(path);
      assert.equal(await v.page.evaluate(() => document.documentElement.lang), language, path);
      await wordsOnly(v.page);
      if (size === 'phone') await fitsAcross(v.page);
      if (path === '/contradictions') await notCut(v.page, 'main');
      if (path === '/brief') await notCut(v.page, '.brief');
      if (path === '/figure') {
        await v.page.locator('[data-whole=sum]').waitFor();
        await notCut(v.page, 'main');
      }
      assert.equal(await v.page.locator('[data-simulated]').count(), 1, `${path} says that it is simulated`);
    }
    assert.deepEqual(v.faults, [], language);
    await v.context.close();
  }
  // A switch on the page speaks at once and is remembered.
  const v = await visitor(browser, base, { size, language: 'zh-CN' });
  await v.open('/');
  await v.page.locator('select').first().selectOption('en');
  await v.page.getByText('Duty desk').first().waitFor();
  await v.open('/missing');
  assert.equal(await v.page.evaluate(() => document.documentElement.lang), 'en');
  await v.context.close();
}
