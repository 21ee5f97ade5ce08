// The few questions that stories ask, with answers that say what was seen.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

/** Waits until `read()` satisfies `fits`, and answers what was read; says the last thing seen when it never did. */
export async function eventually(what, read, fits, ms = 5000) {
  const until = Date.now() + ms;
  let seen;
  do {
    seen = await read();
    if (fits(seen)) return seen;
    await new Promise((r) => setTimeout(r, 50));
  } while (Date.now() < until);
  assert.fail(`${what}: after ${ms} ms still ${JSON.stringify(seen)}`);
}

/** The number that a text begins with, thousands separated or not. */
export const numberOf = (text) => Number(/-?[\d,]+/.exec(text)?.[0].replaceAll(',', '') ?? NaN);

export const tick = async (page, label) => numberOf(await page.locator(`[data-tick="${label}"]`).first().innerText());

/** Nothing sticks out at the side: a phone page is never dragged sideways. */
export async function fitsAcross(page) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= window, `${page.url()} is ${wide} px wide in a window of ${window}`);
}

/** No table within is cut at the side: all its columns are in sight without moving it. */
export async function notCut(page, within) {
  const cut = await page.evaluate(
    (selector) => [...document.querySelectorAll(`${selector} .scroll-x`)].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.innerText.slice(0, 60)),
    within,
  );
  assert.deepEqual(cut, [], `cut at the right on ${page.url()}`);
}

/** All that a finger must hit is at least 44 px high. */
export async function touchable(page, within) {
  const small = await page.evaluate((selector) => {
    const all = [...document.querySelectorAll(`${selector} button, ${selector} input:not([type=file]), ${selector} select, ${selector} textarea, ${selector} .change-link, ${selector} .act`)];
    return all
      // A box is ticked by its words too.
      .map((e) => (e.type === 'checkbox' ? (e.closest('label') ?? e) : e))
      .map((e) => [e.outerHTML.slice(0, 80), Math.round(e.getBoundingClientRect().height)])
      .filter(([, h]) => h > 0 && h < 44);
  }, within);
  assert.deepEqual(small, [], 'smaller than 44 px');
}

/** No key of the language files shows through, and nothing reads as a program's blank. */
export async function wordsOnly(page) {
  const text = await page.locator('body').innerText();
  const raw = text.match(/\b(?:shell|nav|demo|lost|state|status|act|list|unit|desk|side|phone|missing|contradictions|disagreements|figure|brief|login|units|fact|kind|severity|start|notice|notices|change|catalogue|posts|parties|corrections|begin|journal|people|person|book|letter|enter|forgot|password|roles|may_not|seat|permission|action|me|links|fill|acting|granted|privacy|oidc|outbound)\.[a-z_]+\b/g);
  assert.equal(raw, null, `a key shows through on ${page.url()}`);
  assert.doesNotMatch(text, /\bNaN\b|\bundefined\b|\[object |Invalid Date/, page.url());
}

/** The hands of a page that changes something: its fields, a look at what would happen, doing it. */
export function hands(page) {
  return {
    field: (name) => page.locator(`[data-field="${name}"]`).locator('input, select').first(),
    look: async () => {
      await page.locator('[data-look]').click();
      await page.locator('[data-preview]').waitFor();
      return page.locator('[data-preview]').innerText();
    },
    act: async () => {
      await page.locator('[data-do]').click();
      await page.locator('[data-done]').waitFor();
    },
  };
}

const AXE = await readFile(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** What stands on every page: no key, nothing sticking out, large enough for a thumb within a part of it. Answers what axe minds. */
export async function pageFaults(page, size, within = 'main') {
  await wordsOnly(page);
  await fitsAcross(page);
  if (size === 'phone') await touchable(page, within);
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${location.pathname} ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 140)).join(' | ')}`);
  });
}
