import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from './en.json';
import hans from './zh-CN.json';
import hant from './zh-TW.json';

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, above = ''): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') out.set(above + key, value);
    else for (const [k, v] of flat(value, `${above}${key}.`)) out.set(k, v);
  }
  return out;
}

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(name) && !name.includes('.test.') ? [path] : [];
  });
}

const base = flat(hans);
const others = { 'zh-TW': flat(hant), en: flat(en) };
const slots = (s: string) => ([...(s.match(/\{\{\w+\}\}|<\/?\w+\/?>/g) ?? [])]).slice().sort().join(' ');

describe('locales', () => {
  for (const [language, said] of Object.entries(others)) {
    it(`${language} has the keys of zh-CN, no more and no fewer`, () => {
      expect([...said.keys()].slice().sort()).toEqual([...base.keys()].slice().sort());
    });
    it(`${language} fills the same slots`, () => {
      for (const [key, value] of said) expect(`${key}: ${slots(value)}`).toBe(`${key}: ${slots(base.get(key)!)}`);
    });
  }

  const code = sources(join(import.meta.dirname, '..')).map((path) => [path, readFileSync(path, 'utf8')] as const);

  it('every key that is written in the code is there', () => {
    const missing = code.flatMap(([path, text]) =>
      [...text.matchAll(/(?:\bt\(\s*|i18nKey=|['"]?key['"]?: )['"]([a-z_]+(?:\.[a-z_]+)+)['"]/g)]
        .filter((m) => !base.has(m[1]!))
        .map((m) => `${path}: ${m[1]}`),
    );
    expect(missing).toEqual([]);
  });

  it('no page holds a Chinese string of its own', () => {
    const own = code
      .filter(([path]) => !path.endsWith('Switches.tsx')) // the languages' own names
      .flatMap(([path, text]) =>
        text
          .split('\n')
          .filter((line) => /[\u4e00-\u9fff]/.test(line.replace(/\/\/.*|\/?\*.*/, '')))
          .map((line) => `${path}: ${line.trim()}`),
      );
    expect(own).toEqual([]);
  });
});
