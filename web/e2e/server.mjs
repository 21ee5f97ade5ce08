// The server under test: started on a free loopback port with a database of its own, ended by its process id.
// The demonstration's database is filled once and kept by the program as a seed; every story starts from a copy of it.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS_MAX = 300_000;
const STOP_MS_MAX = 15_000;

async function launch(binary, args) {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const base = await new Promise((open, fail) => {
    const timer = setTimeout(() => fail(new Error(`not open after ${START_MS_MAX / 1000} s:\n${said}`)), START_MS_MAX);
    const hear = (chunk) => {
      said = (said + chunk).slice(-20_000);
      const at = /https?:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (at) {
        clearTimeout(timer);
        open(at[0]);
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', fail);
    child.on('exit', (code) => fail(new Error(`ended with ${code}:\n${said}`)));
  }).catch(async (e) => {
    child.kill('SIGKILL');
    throw e;
  });
  const stop = () =>
    new Promise((done) => {
      if (child.exitCode !== null) return done();
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
      child.on('exit', () => {
        clearTimeout(timer);
        done();
      });
      child.kill('SIGTERM');
    });
  return { base, stop, said: () => said };
}

/** Fills the seed once; `start()` gives a server with a database of its own. */
export async function demonstration(binary) {
  const home = await mkdtemp(join(tmpdir(), 'muster-e2e-'));
  const args = (folder) => ['demo', '--folder', folder, '--own-folder', folder, '--listen', '127.0.0.1:0'];
  const template = join(home, 'template');
  await mkdir(template, { recursive: true });
  const first = await launch(binary, args(template));
  await first.stop();
  let n = 0;
  return {
    async start(more = []) {
      const folder = join(home, `story-${(n += 1)}`);
      await mkdir(folder);
      for (const name of (await readdir(template)).filter((n) => n.startsWith('seed-'))) await cp(join(template, name), join(folder, name));
      const server = await launch(binary, [...args(folder), ...more]);
      return { ...server, folder };
    },
    async end() {
      await rm(home, { recursive: true, force: true });
    },
  };
}
