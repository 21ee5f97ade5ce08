// An operation of one's own beside the demonstration, begun without a page; and coming in at the login page.
import assert from 'node:assert/strict';

export const PASSWORD = 'a long enough password';

/** Begins it with an account `duty` and a tree of units; answers its address, and how more is sent to it. */
export async function begun({ page, base }, csv, password = PASSWORD) {
  const post = async (url, options) => {
    const answer = await page.request.post(url, options);
    assert.ok(answer.ok(), `${url}: ${await answer.text()}`);
    return answer;
  };
  const { url } = await (await post(`${base}/api/v1/demo/own`, { data: {} })).json();
  await post(`${url}/api/v1/operation`, { data: { office: 'Harbour duty room', account: 'duty', password } });
  await post(`${url}/api/v1/imports/units`, { data: Buffer.from(csv), headers: { 'content-type': 'application/octet-stream' } });
  return { url, post: (path, options) => post(`${url}/api/v1${path}`, options) };
}

/** Says name and password at the login page. */
export async function said({ page, open }, name, password = PASSWORD) {
  await open('/login');
  await page.locator('input[autocomplete="username"]').fill(name);
  await page.locator('input[type="password"]').fill(password);
  await page.locator('form button[type="submit"]').click();
}

/** Comes in by them. */
export async function login(v, name, password = PASSWORD) {
  await said(v, name, password);
  await v.page.waitForURL((url) => url.pathname !== '/login');
  await v.page.locator('main').waitFor();
}
