// The login of a group's own service: linked on one's own page, then the button is enough; refused with a sentence where nothing is
// linked. The service stands at another site than this server, as it does in life: cookies are what they are there.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { visitor } from '../browser.mjs';
import { pageFaults } from '../check.mjs';

export const sizes = ['desk', 'phone'];

const PASSWORD = 'a long enough password';
const SECRET = 'between the two';
const NAMES = { en: 'Group One', 'zh-CN': '省立医院' };

/** A service that sends browsers back at once, as whoever `who` says. */
async function service() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const text = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const codes = new Map();
  const mood = { subject: 's-1', denies: false };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, issuer);
    const json = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/.well-known/openid-configuration') {
      const at = (path) => `${issuer}${path}`;
      return json(200, { issuer, authorization_endpoint: at('/authorize'), token_endpoint: at('/token'), jwks_uri: at('/keys'), response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256'] });
    }
    if (url.pathname === '/keys') return json(200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' }] });
    if (url.pathname === '/authorize') {
      const asked = Object.fromEntries(url.searchParams);
      const back = new URL(asked.redirect_uri);
      const code = randomUUID();
      codes.set(code, asked);
      // What real ones add, and nobody needs.
      for (const [name, value] of Object.entries({ state: asked.state, session_state: 'x', ...(mood.denies ? { error: 'access_denied' } : { code }) })) back.searchParams.set(name, value);
      return response.writeHead(302, { location: back.href }).end();
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(body);
    const asked = codes.get(form.get('code'));
    codes.delete(form.get('code'));
    const shown = request.headers.authorization === `Basic ${Buffer.from(`muster:${SECRET.replaceAll(' ', '+')}`).toString('base64')}`;
    const proved = asked && createHash('sha256').update(form.get('code_verifier')).digest('base64url') === asked.code_challenge;
    if (!shown || !proved || form.get('redirect_uri') !== asked.redirect_uri) return json(400, { error: 'invalid_grant' });
    const now = Math.floor(Date.now() / 1000);
    const head = `${text({ alg: 'ES256', kid: 'k' })}.${text({ iss: issuer, sub: mood.subject, aud: 'muster', iat: now, exp: now + 60, nonce: asked.nonce })}`;
    return json(200, { access_token: 'x', token_type: 'Bearer', id_token: `${head}.${sign('sha256', Buffer.from(head), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}` });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  // Not `127.0.0.1`, where this server is: another site to a browser.
  const issuer = `http://localhost:${server.address().port}`;
  return { issuer, mood, end: () => new Promise((done) => (server.closeAllConnections(), server.close(done))) };
}

/** An operation of one's own, served with that service. */
async function operation(binary, folder, issuer) {
  const database = join(folder, 'oidc.db');
  const begun = spawnSync(binary, ['begin', '--office', 'Harbour duty room', '--account', 'duty', '--database', database], { input: `${PASSWORD}\n`, encoding: 'utf8' });
  assert.equal(begun.status, 0, begun.stderr);
  await writeFile(join(folder, 'secret'), `${SECRET}\n`);
  const one = (id, name) => `[[provider]]\nid = "${id}"\nname = "${name}"\nissuer = "${issuer}"\nclient_id = "muster"\nclient_secret_file = "secret"\n`;
  await writeFile(join(folder, 'oidc.toml'), one('g1', NAMES.en) + one('g2', NAMES['zh-CN']));
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--database', database, '--oidc', join(folder, 'oidc.toml')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const base = await new Promise((done, fail) => {
    const hear = (chunk) => {
      said += chunk;
      const at = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (at) done(at[0]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => fail(new Error(`ended with ${code}:\n${said}`)));
  });
  const end = () => new Promise((done) => (child.removeAllListeners('exit'), child.on('exit', done), child.kill('SIGTERM')));
  return { base, end, said: () => said };
}

async function fit({ page }, size, found) {
  const serious = await pageFaults(page, size);
  found.push(...serious);
  const { MUSTER_E2E_PICTURES: folder } = process.env;
  const language = await page.evaluate(() => document.documentElement.lang);
  const name = `${found.n = (found.n ?? 0) + 1}-${new URL(page.url()).pathname.replaceAll('/', '_')}-${language}-${size}`;
  if (folder) await page.screenshot({ path: join(folder, `oidc-${name}.png`), fullPage: true });
}

async function told(browser, at, mood, issuer, size, language, found) {
  const v = await visitor(browser, at.base, { size, language });
  const { page, open } = v;
  // Who is not logged in, and who is let in by nothing, is told so.
  v.expectRefusal(401);
  const leave = async () => {
    const left = page.waitForResponse((answer) => answer.request().method() === 'DELETE' && answer.ok());
    await page.locator('[data-leave]').click();
    await left;
  };
  const id = language === 'en' ? 'g1' : 'g2';
  const button = page.locator(`[data-oidc="${id}"]`);
  mood.subject = `of ${language}`;
  const sentence = (text) => page.locator('[role="alert"]', { hasText: text }).waitFor();
  await open('/login');
  await button.waitFor();
  assert.match(await button.innerText(), new RegExp(NAMES[language]));
  await fit(v, size, found);
  // Nothing is linked yet: a sentence, and nobody is in.
  await button.click();
  await sentence(language === 'en' ? /opens no account here/ : /打不开任何账号/);
  assert.equal(page.url(), `${at.base}/login/oidc`, 'neither code nor state stays in the address');
  await fit(v, size, found);
  mood.denies = true;
  await open('/login');
  await button.click();
  await sentence(language === 'en' ? /broken off, or refused there/ : /中断了/);
  mood.denies = false;
  // Linked on one's own page.
  await open('/login?to=/me');
  await page.locator('input[autocomplete="username"]').fill('duty');
  await page.locator('input[type="password"]').fill(PASSWORD);
  await page.locator('form button[type="submit"]').click();
  await page.locator('[data-my-oidc]').waitFor();
  await page.locator(`[data-ask="link-${id}"]`).click();
  await page.locator('[data-oidc-password]').fill('not the password');
  await page.locator('[data-oidc-link]').click();
  await page.locator('[data-my-oidc] [role="alert"]').waitFor();
  await fit(v, size, found);
  await page.locator('[data-oidc-password]').fill(PASSWORD);
  await page.locator('[data-oidc-link]').click();
  await page.locator(`[data-my-oidc] [data-linked="${id}"]`).waitFor();
  await page.locator('[data-my-oidc] [data-done]').waitFor();
  assert.equal(new URL(page.url()).pathname, '/me');
  await page.locator('[data-action="oidc.link"]').first().waitFor();
  await fit(v, size, found);
  // From then on the button is enough.
  await leave();
  await open('/login?to=/people');
  await button.click();
  await page.waitForURL(`${at.base}/people`);
  await page.locator('[data-person="duty"]').waitFor();
  const cookies = await v.context.cookies(at.base);
  const session = cookies.find((one) => one.name === 'muster_session');
  assert.ok(session.httpOnly && session.sameSite === 'Strict', JSON.stringify(session));
  // An administrator links one for somebody who was never in.
  const added = await page.request.post(`${at.base}/api/v1/accounts`, { data: { name: `wang-${size}-${language}`, unit: null } });
  const { id: account } = await added.json();
  await open(`/people/${account}`);
  await page.locator(`[data-ask="link-${id}"]`).click();
  await page.locator('[data-field="subject"] input').fill(`s-wang-${size}`);
  await fit(v, size, found);
  await page.locator('[data-oidc-link]').click();
  await page.locator(`[data-oidc-of] [data-linked="${id}"]`).waitFor();
  await fit(v, size, found);
  // Taken away, it opens nothing.
  await open('/me');
  await page.locator(`[data-ask="unlink-${id}"]`).click();
  await page.locator('[data-unlink]').click();
  await page.locator(`[data-ask="link-${id}"]`).waitFor();
  await leave();
  await open('/login');
  await button.click();
  await sentence(language === 'en' ? /opens no account here/ : /打不开任何账号/);
  // The one place outside that a browser was sent to is the service.
  assert.deepEqual(v.faults.filter((fault) => !fault.startsWith(`asked the outside: ${issuer}/authorize?`)), []);
  await v.context.close();
}

export async function run({ browser, folder, binary, size }) {
  const { issuer, mood, end } = await service();
  const at = await operation(binary, folder, issuer);
  const found = [];
  try {
    for (const language of ['en', 'zh-CN']) await told(browser, at, mood, issuer, size, language, found);
    assert.deepEqual([...found], []);
  } finally {
    await at.end();
    await end();
  }
}
