// A page that is watched: anything it says wrong, and anything it asks of the outside, fails the story.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

export const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser() {
  const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => p && existsSync(p));
  if (!found) throw new Error('no Chromium: install Debian’s package `chromium`, or set CHROMIUM to one');
  return chromium.launch({ executablePath: found, args: QUIET });
}

/**
 * A fresh visitor of a size and language. `faults` collects console errors, page errors, failed answers and requests
 * to anywhere else; `expectRefusal(status)` announces that the story is about to provoke one.
 */
export async function visitor(browser, base, { size = 'desk', language = 'en', reducedMotion } = {}) {
  const context = await browser.newContext({ viewport: SIZES[size], locale: language, hasTouch: size === 'phone', reducedMotion });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: base });
  const faults = [];
  const expected = new Set();
  const page = await context.newPage();
  page.on('console', (m) => {
    if (m.type() !== 'error') return;
    // Chromium repeats every refused request here; `response` below judges those.
    if (m.text().startsWith('Failed to load resource')) return;
    faults.push(`console: ${m.text()}`);
  });
  page.on('pageerror', (e) => faults.push(`page: ${e.message}`));
  page.on('request', (r) => {
    const url = new URL(r.url());
    if (url.hostname !== '127.0.0.1' && !['data:', 'blob:'].includes(url.protocol)) faults.push(`asked the outside: ${r.url()}`);
  });
  page.on('response', (r) => {
    if (r.status() >= 400 && !expected.has(r.status())) faults.push(`${r.status()} ${r.request().method()} ${r.url()}`);
  });
  const open = async (path) => {
    await page.goto(base + path, { waitUntil: 'load' });
    await page.waitForSelector('main');
    await page.waitForFunction(() => !document.querySelector('p.state[role=status]'));
  };
  return { page, context, faults, open, expectRefusal: (status) => expected.add(status) };
}
