// Links: an office issues them for a group and hands them out; a telephone opens one with its PIN, files a zero in two taps, and is
// told when the link is ended. What a first visit costs a telephone.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SIZES, visitor } from '../browser.mjs';
import { eventually, pageFaults } from '../check.mjs';

export const sizes = ['desk', 'phone'];

const PASSWORD = 'a long enough password';
const CSV = 'code,name,kind,parent,opened\nHQ,Harbour Trust,unit,,2020-01-01\nG1,North Group,unit,HQ,2020-01-01\nS1,North Quay,site,G1,2020-01-01\nS2,North Yard,site,G1,2020-01-01\nG2,South Group,unit,HQ,2020-01-01\n';
const printer = () => process.env.MUSTER_BIN && existsSync(join(dirname(process.env.MUSTER_BIN), 'muster-print'));
/** So much a telephone loads at its first visit, over the wire. */
const FIRST_BYTES_MAX = 250_000;

async function operation({ page, base }) {
  const post = async (url, options) => {
    const answer = await page.request.post(url, options);
    assert.ok(answer.ok(), `${url}: ${await answer.text()}`);
    return answer;
  };
  const { url } = await (await post(`${base}/api/v1/demo/own`, { data: {} })).json();
  await post(`${url}/api/v1/operation`, { data: { office: 'Harbour duty room', account: 'duty', password: PASSWORD } });
  await post(`${url}/api/v1/imports/units`, { data: Buffer.from(CSV), headers: { 'content-type': 'application/octet-stream' } });
  await post(`${url}/api/v1/forms/starter`);
  return url;
}

async function login({ page, open }) {
  await open('/login');
  await page.locator('input[autocomplete="username"]').fill('duty');
  await page.locator('input[type="password"]').fill(PASSWORD);
  await page.locator('form button[type="submit"]').click();
  await page.waitForURL((url) => url.pathname !== '/login');
  await page.locator('main').waitFor();
}

/** What stands on every page of these: no key, nothing sticking out, large enough for a thumb, nothing that axe minds. */
async function fit({ page }, small) {
  const serious = await pageFaults(page, small ? 'phone' : 'desk');
  assert.deepEqual(serious, []);
}

const picture = async (page, name) => process.env.MUSTER_LOOK && page.screenshot({ path: `${process.env.MUSTER_LOOK}/${name}.png`, fullPage: true });

/** The office issues links for a group; what is on its cards, and the PINs beside. */
async function issued(office, size) {
  const { page, open } = office;
  await open('/links');
  await page.locator('[data-new]').waitFor();
  assert.match(await page.locator('main').innerText(), /There are no links yet/);
  await page.locator('[data-new]').click();
  await page.locator('[data-field="under"] button').click();
  await page.locator('[data-field="under"] input').fill('North Group');
  await page.locator('.change-found button').first().click();
  await page.locator('[data-field="days"] input').fill('181');
  assert.equal(await page.locator('[data-issue]').isDisabled(), true, 'half a year at most');
  await page.locator('[data-field="days"] input').fill('3');
  await page.locator('[data-issue]').click();
  assert.match(await page.locator('[data-sure]').innerText(), /open no more/);
  await fit(office, size === 'phone');
  await picture(page, `issue-${size}`);
  await page.locator('[data-do]').click();
  await eventually('the links', () => page.locator('[data-issued]').getAttribute('data-issued').catch(() => ''), (n) => n === '3');
  await page.locator('.links-code svg').first().waitFor();
  assert.equal(await page.locator('[data-pin-of="S1"]').isVisible(), false, 'PINs are shown to whoever asks for them');
  await page.locator('[data-show-pins]').click();
  await fit(office, size === 'phone');
  await picture(page, `issued-${size}`);
  const cards = await page.locator('[data-card]').evaluateAll((all) => all.map((card) => [card.dataset.card, { address: card.dataset.address, text: card.innerText }]));
  const pins = await page.locator('[data-pin-of]').evaluateAll((all) => all.map((pin) => [pin.dataset.pinOf, pin.innerText.replace(/\s/g, '')]));
  const [card, pin] = [Object.fromEntries(cards), Object.fromEntries(pins)];
  assert.deepEqual(Object.keys(card), ['G1', 'S1', 'S2']);
  for (const [unit, { text }] of Object.entries(card)) assert.ok(!text.includes(pin[unit]), 'a card bears no PIN');
  assert.match(card.S1.text, /Harbour duty room[^]*North Quay[^]*S1[^]*Opens until 20[^]*camera/);
  // On paper: the cards, and the PINs on pages of their own.
  const download = page.waitForEvent('download');
  await page.locator('[data-csv="links"]').click();
  const file = await readFile(await (await download).path(), 'utf8');
  assert.match(file, /^\ufeffunit,name,form,expires_at,id,address\r\n/);
  assert.equal(file.trim().split('\r\n').length, 4);
  assert.ok(file.includes(card.S1.address) && !file.includes(pin.S1));
  const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  const pages = paper.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
  assert.equal(pages, 2, 'one sheet of cards, one of PINs');
  if (process.env.MUSTER_LOOK) await (await import('node:fs/promises')).writeFile(`${process.env.MUSTER_LOOK}/cards-${size}.pdf`, paper);
  // Whoever leaves what is shown once is asked.
  await page.locator('.head-nav a[href="/units"]').click();
  await page.locator('[data-leaving]').waitFor();
  await page.locator('[data-stay]').click();
  assert.equal(new URL(page.url()).pathname, '/links');
  await page.locator('[data-finished]').click();
  await page.locator('[data-link="S1"]').waitFor();
  assert.match(await page.locator('[data-link="S1"]').innerText(), /Never opened/);
  return { address: card.S1.address, pin: pin.S1 };
}

/** The receipt on paper, for whoever holds the link; without a printer beside the server it says that there is none. */
async function printed(phone) {
  const { page } = phone;
  const pdf = page.locator('.phone-receipt [data-format="pdf"]');
  if (!printer()) {
    await page.locator('[data-no-printer]', { hasText: 'has no printer' }).waitFor();
    assert.equal(await pdf.isDisabled(), true);
    console.log('      no printer beside the server: the receipt says so');
    return;
  }
  const download = page.waitForEvent('download');
  await pdf.click();
  assert.match(await readFile(await (await download).path(), 'latin1'), /^%PDF/);
}

/** A telephone opens a link for the first time; what it loaded, in bytes over the wire. */
async function visit(phone, address) {
  const client = await phone.context.newCDPSession(phone.page);
  await client.send('Network.enable');
  let bytes = 0;
  client.on('Network.loadingFinished', (e) => (bytes += e.encodedDataLength));
  await phone.page.goto(address, { waitUntil: 'load' });
  await phone.page.locator('[data-pin]').waitFor();
  await phone.page.waitForLoadState('networkidle');
  return bytes;
}

export async function run(v) {
  const { browser, size } = v;
  const own = await operation(v);
  const office = await visitor(browser, own, { size });
  office.expectRefusal(401);
  await login(office);
  const { address, pin } = await issued(office, size);
  const phone = await visitor(browser, own, { size: 'phone' });
  phone.expectRefusal(401);
  const bytes = await visit(phone, address);
  console.log(`      first visit of a telephone: ${Math.round(bytes / 1000)} kB`);
  assert.ok(bytes > 50_000 && bytes <= FIRST_BYTES_MAX, `${bytes} bytes`);
  const { page } = phone;
  assert.equal(new URL(page.url()).hash, '', 'what opens it is not left in the address');
  assert.match(await page.locator('main').innerText(), /North Quay[^]*Opens until/);
  await fit(phone, true);
  await picture(page, `pin-${size}`);
  const field = page.locator('[data-pin] input');
  assert.equal(await field.getAttribute('inputmode'), 'numeric');
  assert.equal(await field.getAttribute('autocomplete'), 'one-time-code');
  await field.fill(pin === '123456' ? '654321' : '123456');
  await page.locator('[data-open]').click();
  await eventually('a wrong PIN is told', () => page.locator('#fill-said').innerText(), (text) => /The PIN is wrong/.test(text));
  await fit(phone, true);
  await field.fill(pin);
  await page.locator('[data-open]').click();
  await page.locator('[data-zero]').waitFor();
  await page.setViewportSize({ width: 360, height: 640 });
  await fit(phone, true);
  await picture(page, `day-${size}`);
  await page.setViewportSize(SIZES.phone);
  // Yesterday can be chosen; in this operation nothing was asked on it, which is told and is no fault.
  phone.expectRefusal(404);
  await page.locator('[data-day="yesterday"]').click();
  await eventually('yesterday', () => page.locator('main').innerText(), (text) => /given to nobody on/.test(text));
  assert.equal(await page.locator('.refusal').count(), 0);
  await page.locator('[data-day="today"]').click();
  // Two taps.
  await page.locator('[data-zero]').click();
  await page.locator('[data-confirm]').click();
  const receipt = await eventually('the receipt', () => page.locator('[data-receipt]').innerText().catch(() => ''), (text) => text !== '');
  assert.match(await page.locator('.phone-receipt').innerText(), /\d\d:\d\d:\d\d/);
  await fit(phone, true);
  await picture(page, `receipt-${size}`);
  // The paper comes by the link's own door; to check one is for those who are logged in.
  assert.equal(await page.locator('.phone-receipt a[href="/check"]').count(), 0);
  await printed(phone);
  // Opened again later, by the card or by the address, it goes straight to the day.
  await page.goto('about:blank');
  await page.goto(address);
  await page.locator('[data-correct]').waitFor();
  assert.equal(await page.locator('[data-pin]').count(), 0);
  await page.goto(`${own}/fill`);
  await page.locator('[data-correct]').waitFor();
  await eventually('the receipt is told again', () => page.locator('.phone-acts').innerText(), (said) => said.includes(receipt));
  await page.locator('[data-correct]').click();
  await page.locator('.phone-input input').first().fill('2');
  assert.equal(await page.locator('[data-send]').isDisabled(), true, 'a correction needs its reason');
  await page.locator('[data-reason]').fill('two came in the evening');
  await page.locator('[data-send]').click();
  await eventually('the correction', () => page.locator('.phone-receipt').innerText().catch(() => ''), (text) => /Revision 2/.test(text));
  await page.locator('.phone-receipt .phone-second').click();
  // Whose link it was is said where it was done, and the journal is narrowed to what links did.
  await office.open('/figure?node=unit:S1#sheet');
  await office.page.locator('[data-revision="2"]', { hasText: /a link / }).waitFor();
  await office.open('/journal');
  await office.page.locator('[data-field="by"] select').selectOption('link:');
  assert.equal(await office.page.locator('[data-field="actor"]').count(), 0, 'whoever holds a link has no name');
  await office.page.locator('[data-find]').click();
  const done = () => office.page.locator('[data-entry]').evaluateAll((all) => all.map((one) => one.dataset.action).join(' '));
  await eventually('what links did', done, (now) => now === 'report.correct report.file link.open');
  assert.match(await office.page.locator('[data-entry]').first().innerText(), /a link of North Quay/);
  await fit(office, size === 'phone');
  await office.page.locator('[data-clear]').click();
  await eventually('all is shown again', done, (now) => now.includes('link.issue'));
  await office.page.locator('[data-field="action"] select').selectOption('link');
  await office.page.locator('[data-find]').click();
  await eventually('what was done with links', done, (now) => now === 'link.open link.issue link.issue link.issue');
  // The office sees that it was opened, ends it, and the telephone is told.
  await office.open('/links');
  const row = office.page.locator('[data-link="S1"]');
  await row.waitFor();
  assert.equal(await row.locator('[data-devices]').getAttribute('data-devices'), '1');
  await office.page.locator('[data-field="never"] input').check();
  await eventually('who never opened theirs', () => office.page.locator('[data-link]').count(), (n) => n === 2);
  await office.page.locator('[data-field="never"] input').uncheck();
  await fit(office, size === 'phone');
  await picture(office.page, `list-${size}`);
  await row.locator('[data-ask="end"]').click();
  await row.locator('[data-end]').click();
  await eventually('it is gone from the list', () => row.count(), (n) => n === 0);
  await page.locator('[data-day="yesterday"]').click();
  await page.locator('[data-words="ended"]').waitFor();
  assert.match(await page.locator('main').innerText(), /ended[^]*Harbour duty room/);
  await fit(phone, true);
  await page.goto('about:blank');
  await page.goto(address);
  await page.locator('[data-words="gone"]').waitFor();
  // Read again it still says so, and not that nothing was ever opened here.
  await page.goto(`${own}/fill`);
  await page.locator('[data-words="ended"]').waitFor();
  // One that is issued again, with nothing but its card; closed where it is not one's own telephone.
  await office.page.locator('[data-link="S2"] [data-again]').click();
  await office.page.locator('[data-field="pin"] input').uncheck();
  await office.page.locator('[data-issue]').click();
  await office.page.locator('[data-do]').click();
  const bare = await office.page.locator('[data-card="S2"]').getAttribute('data-address');
  await page.goto('about:blank');
  await page.goto(bare);
  await page.locator('[data-zero]').waitFor();
  await page.locator('.fill-close summary').click();
  await fit(phone, true);
  await page.locator('[data-close]').click();
  await page.locator('[data-words="closed"]').waitFor();
  await page.reload();
  await page.locator('[data-words="none"]').waitFor();
  assert.deepEqual(phone.faults, []);
  assert.deepEqual(office.faults, []);
  await waited(browser, own, office);
  for (const { context } of [office, phone]) await context.close();
}

/** Who tries PINs is made to wait, and sees for how long. */
async function waited(browser, own, office) {
  const links = await office.page.request.post(`${own}/api/v1/links`, { data: { under: 'S1', alone: true } });
  const { token, pin } = (await links.json()).items[0];
  const phone = await visitor(browser, own, { size: 'phone', language: 'zh-CN' });
  phone.expectRefusal(401);
  phone.expectRefusal(429);
  const { page } = phone;
  await page.goto(`${own}/fill#${token}`);
  const field = page.locator('[data-pin] input');
  await field.waitFor();
  for (let i = 0; i < 6; i += 1) {
    await field.fill(pin === '123456' ? '654321' : '123456');
    await page.locator('[data-open]').click();
    await eventually('an answer', () => field.inputValue(), (text) => text === '');
  }
  const left = await eventually('how long', () => page.locator('[data-left]').innerText().catch(() => ''), (text) => text !== '');
  assert.match(left, /^(1:00|0:5\d|1:01)$/);
  await field.fill(pin);
  assert.equal(await page.locator('[data-open]').isDisabled(), true);
  await eventually('it counts down', () => page.locator('[data-left]').innerText(), (text) => text !== left);
  await fit(phone, true);
  // So it is after the page was left and opened again.
  await page.goto('about:blank');
  await page.goto(`${own}/fill#${token}`);
  await page.locator('[data-left]').waitFor();
  assert.deepEqual(phone.faults, []);
  await phone.context.close();
}
