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
const slots = (s: string) => ([...(s.match(/\{\{\w+(?:, \w+)?\}\}|<\/?\w+\/?>/g) ?? [])]).slice().sort().join(' ');
/** English has a word for one and another for more: two keys of one sentence. */
const plain = (key: string) => key.replace(/_(?:one|other)$/, '');

describe('locales', () => {
  it('zh-TW has one word for each of these, and the one that is said in Taiwan', () => {
    for (const [key, value] of others['zh-TW']) expect(`${key}: ${value}`).not.toMatch(/賬|令牌|訪問|數據/);
  });
  for (const [language, said] of Object.entries(others)) {
    it(`${language} has the keys of zh-CN, no more and no fewer`, () => {
      expect([...new Set([...said.keys()].map(plain))].sort()).toEqual([...base.keys()].slice().sort());
    });
    it(`${language} fills the same slots`, () => {
      for (const [key, value] of said) expect(`${key}: ${slots(value)}`).toBe(`${key}: ${slots(base.get(plain(key))!)}`);
    });
  }

  it('no count of one is told in the plural, and whoever has a word for one has one for more', () => {
    const en = others.en;
    const plural = /(?:^|[ (])1 (?:(?:\S+ )?(?!is\b|was\b|has\b|differs\b)\w+s\b|are\b|were\b|have\b)/;
    const wrong = [...en].filter(([key, text]) => {
      if (key.endsWith('_other')) return !en.has(`${plain(key)}_one`);
      if (key.endsWith('_one')) return !en.has(`${plain(key)}_other`) || plural.test(text.replace(/\{\{count[^}]*\}\}|<expected\/>/g, '1'));
      // Limits are never one; what else a sentence is filled with may be.
      return !/\{\{(?:max|min)\}\}|MiB|MB/.test(text) && plural.test(text.replace(/\{\{(?:n|count|said|units|stated|parts)[^}]*\}\}|<n\/>/g, '1'));
    });
    expect(wrong).toEqual([]);
  });

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
