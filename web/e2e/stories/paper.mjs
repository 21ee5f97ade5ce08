// A report's paper and what an inspector finds: the signed page's scan is kept without where it was taken, a paper is held
// against what is held, a finding is filed, answered once, closed, and stays.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, pageFaults } from '../check.mjs';

export const sizes = ['desk', 'phone'];

const PASSWORD = 'a long enough password';
const CSV = 'code,name,parent\nHQ,Harbour Trust,\nH1,North Terminal,HQ\nH2,South Terminal,HQ\n';

/** A JPEG of no points, which says how it is to be turned (6) and, as a description, where it was taken. */
const exif = Buffer.from('4578696600004d4d002a0000000800020112000300000001000600000' + '10e000200000009000000260000000047505320333' + '12e3836', 'hex');
const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1]), Buffer.from([0, exif.length + 2]), exif, Buffer.from([0xff, 0xd9])]);

async function fit(page, size, within = 'main') {
  const serious = await pageFaults(page, size, within);
  assert.deepEqual(serious, []);
}

export async function run({ page, base, folder, binary, size }) {
  const post = async (url, options) => {
    const answer = await page.request.post(url, options);
    assert.ok(answer.ok(), `${url}: ${await answer.text()}`);
    return answer;
  };
  const { url } = await (await post(`${base}/api/v1/demo/own`, { data: {} })).json();
  await post(`${url}/api/v1/operation`, { data: { office: 'Harbour duty room', account: 'duty', password: PASSWORD } });
  await post(`${url}/api/v1/imports/units`, { data: Buffer.from(CSV), headers: { 'content-type': 'application/octet-stream' } });
  await post(`${url}/api/v1/forms/starter`);
  const done = spawnSync(binary, ['user', 'set', 'watch', '--role', 'inspector', '--unit', 'HQ', '--database', join(folder, 'muster-own.db')], { input: `${PASSWORD}\n`, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  const login = async (name) => {
    await page.context().clearCookies();
    await page.goto(`${url}/login`);
    await page.locator('input[autocomplete="username"]').fill(name);
    await page.locator('input[type="password"]').fill(PASSWORD);
    await page.locator('form button[type="submit"]').click();
    await page.waitForURL((at) => at.pathname !== '/login');
    await page.locator('main').waitFor();
  };
  await login('duty');
  const { today, form } = await (await page.request.get(`${url}/api/v1/about`)).json();
  const report = await page.request.put(`${url}/api/v1/reports/H1/${today}?form=${form}`, { data: { act: 'zero' } });
  assert.ok(report.ok(), await report.text());

  // The scan: kept, listed with its size and hash, and what the camera wrote beside it is not in it.
  await page.goto(`${url}/figure?node=unit:H1#sheet`);
  await page.locator('[data-paper] [data-format=pdf]').waitFor();
  await page.locator('[data-scan-add] input').setInputFiles({ name: 'page.jpg', mimeType: 'image/jpeg', buffer: jpeg });
  await page.locator('[data-scan-kept=true]').waitFor();
  const scan = page.locator('[data-scan]');
  await scan.waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), scan.locator('button').click()]);
  const kept = await readFile(await file.path());
  assert.ok(jpeg.includes('GPS') && !kept.includes('GPS') && kept.includes('Exif'), kept.toString('latin1'));
  await fit(page, size, '#sheet');

  // The paper: what its square says is held; a figure changed on it is not; after a correction it is superseded.
  const history = await (await page.request.get(`${url}/api/v1/reports/H1/${today}/history?form=${form}`)).json();
  const said = `unit=H1&day=${today}&form=${form}&scope=alone&rev=1&hash=${history.revisions[0].hash.slice('sha256:'.length)}`;
  const held = async (matches) => {
    await page.locator('[data-check]').click();
    await page.locator(`[data-held=${matches}]`).waitFor();
  };
  await page.goto(`${url}/check#${said}`);
  await held('yes');
  await page.locator('[data-field=hash] input').fill('0'.repeat(64));
  await held('no');
  const again = await page.request.put(`${url}/api/v1/reports/H1/${today}?form=${form}`, { data: { act: 'values', values: {}, reason: 'looked again' } });
  if (again.ok()) {
    await page.locator('[data-field=square] input').fill(said);
    await held('superseded');
  }
  await fit(page, size);

  // The finding: an inspector files it, the office reads and answers, the inspector closes, and it stays.
  await login('watch');
  await page.goto(`${url}/findings?node=unit:H1`);
  await page.locator('[data-write] [data-field=kind] select').selectOption('concealed');
  await page.locator('[data-write] textarea').fill('Two at the gate had a fever.');
  await page.locator('[data-write] [data-field=evidence] input').fill(history.revisions[0].receipt);
  await page.locator('[data-file]').click();
  await page.locator('[data-filed]').waitFor();
  await page.locator('[data-finding]').waitFor();
  await fit(page, size);
  await login('duty');
  await page.goto(`${url}/units/H1`);
  await page.locator('[data-found="1"] a').click();
  assert.equal(await page.locator('[data-write]').count(), 0, 'the office writes none');
  await eventually('who may read accounts reads whose it is', () => page.locator('[data-finding]').innerText(), (text) => /watch/.test(text) && !/Account [0-9a-f]{8}/i.test(text));
  await page.locator('[data-follow=answer]').click();
  await page.locator('[data-finding] textarea').fill('They had been sent home.');
  await page.locator('[data-send=answer]').click();
  await page.getByText('They had been sent home.').waitFor();
  await eventually('answered once', () => page.locator('[data-follow]').count(), (n) => n === 0);
  await login('watch');
  await page.goto(`${url}/findings`);
  await page.locator('[data-follow=close]').click();
  await page.locator('[data-finding] textarea').fill('Seen at home.');
  await page.locator('[data-send=close]').click();
  await page.locator('[data-closed=true]').waitFor();
  await fit(page, size);
}
