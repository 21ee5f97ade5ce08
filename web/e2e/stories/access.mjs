// Whoever reads with a keyboard or a screen reader: axe finds nothing serious on any page, one step leads past the menu,
// and a page that is opened says its name.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { eventually } from '../check.mjs';
import { aside, linked, PAGES } from './languages.mjs';

export const sizes = ['desk', 'phone'];

const AXE = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** What axe holds to be serious or worse, by rule, with the first places. */
async function faultsOf(page) {
  // As text that is evaluated by the driver: the page's own policy forbids scripts from elsewhere.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
    return serious.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 140)).join(' | ')} (${v.nodes.length})`);
  });
}

const focused = (page) => page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.textContent?.trim().slice(0, 80)}`);

export async function run({ page, open, base, faults, size }) {
  await aside(page, base);
  const found = [];
  for (const path of [...PAGES, await linked(page, base)]) {
    await open(path);
    assert.equal(await page.locator('main').count(), 1, path);
    await eventually(`one main heading on ${path}`, () => page.locator('main h1').count(), (n) => n === 1);
    for (const fault of await faultsOf(page)) found.push(`${path} ${fault}`);
  }
  assert.deepEqual(found, []);
  if (size === 'desk') {
    await open('/');
    await page.keyboard.press('Tab');
    assert.match(await focused(page), /^A Skip to the content/);
    await page.keyboard.press('Enter');
    assert.match(await focused(page), /^DIV/, 'past the menu');
    await page.locator('nav a', { hasText: 'Not reported' }).click();
    await eventually('the heading of the page that was opened', () => focused(page), (text) => /^H1 .*have not reported/.test(text));
    assert.match(await page.title(), /^Not reported · /);
  } else {
    await open('/units');
    const [left, right, width] = await page.locator('.head-nav a.active').evaluate((a) => [a.getBoundingClientRect().left, a.getBoundingClientRect().right, innerWidth]);
    assert.ok(left >= 0 && right <= width, `the open page’s tab is in sight: ${left} to ${right} of ${width}`);
  }
  assert.deepEqual(faults, []);
}
