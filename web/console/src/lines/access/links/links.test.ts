import { describe, expect, it } from 'vitest';
import { cell, csv } from './types';

describe('a file of links', () => {
  it('guards what a spreadsheet would reckon, and keeps all else', () => {
    for (const text of ['=1+1', '+86', '-1', '@x', '\tx', "'=1", '＝1']) expect(cell(text).replace(/^"/, '').startsWith("'")).toBe(true);
    for (const text of ['North Quay', '北区项目部', '0551', "it's"]) expect(cell(text)).toBe(text);
  });
  it('keeps commas and quotes within their cell', () => {
    expect(csv([['a', 'b'], ['x, "y"', '']])).toBe('\ufeffa,b\r\n"x, ""y""",\r\n');
  });
});
