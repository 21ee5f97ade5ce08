// Their own workbook: what would come of it first, and an operation of their own after the second look.
import assert from 'node:assert/strict';

export const sizes = ['desk'];

const CSV = '\ufeffcode,name,parent\nHQ,Harbour Trust,\nHQ-1,North Terminal,HQ\nHQ-2,South Terminal,HQ\nHQ-3,Lost Depot,NOWHERE\n';

export async function run({ page, open, faults }) {
  await open('/start');
  await page.locator('[data-file]').setInputFiles({ name: 'units.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
  const preview = page.locator('[data-preview]');
  await preview.waitFor();
  const text = await preview.innerText();
  assert.match(text, /Rows\s*4/);
  assert.match(text, /Accepted\s*3/);
  assert.match(text, /Refused\s*1/);
  assert.match(text, /C5|NOWHERE/, 'the finding names its cell');
  await page.locator('[data-import]').click();
  await page.waitForURL(/\/units/);
  await page.getByText('Harbour Trust').first().waitFor();
  await page.getByText('North Terminal').first().waitFor();
  assert.deepEqual(faults, []);
}
