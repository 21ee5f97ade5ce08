// A visitor closes sites whose reports the demonstration still holds back: the others come in, and the day freezes.
import assert from 'node:assert/strict';
import { eventually } from '../check.mjs';

export const sizes = ['desk'];

export async function run({ page, open, base, faults, said }) {
  await open('/');
  const read = async (path) => (await page.request.get(`${base}/api/v1${path}`)).json();
  const { today } = await read('/about');
  const { items, missing, expected } = await read('/missing?limit=60');
  const sites = items.map((m) => m.unit.code).filter((code) => code.includes('-S')).slice(0, 20);
  for (const code of sites) {
    const closed = await page.request.post(`${base}/api/v1/units/${code}/close`, { data: { day: today } });
    assert.equal(closed.status(), 204, code);
  }
  await page.locator('[data-skip]').click();
  await page.locator('article[data-frozen="true"]').waitFor({ timeout: 15_000 });
  const desk = await eventually('the day is frozen', () => read('/desk'), (d) => d.frozen);
  assert.equal(desk.totals.rates.expected, expected - sites.length);
  assert.ok(desk.totals.missing < missing - sites.length, 'those who were not closed have come in');
  assert.doesNotMatch(said(), /ERROR|stumbled/, 'and nothing went wrong');
  assert.deepEqual(faults, []);
}
