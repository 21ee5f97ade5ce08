import { describe, expect, it } from 'vitest';
import { changed } from './ask';

const columns = [
  { column: 'A', heading: '单位', role: 'level1', why: '' },
  { column: 'B', heading: '部门', role: 'level2', why: '' },
  { column: 'C', heading: '姓名', role: 'person', why: '' },
];

describe('the columns of a book', () => {
  it('change one at a time', () => expect(changed(columns, 'C', 'post')).toBe('A=level1,B=level2,C=post'));
  it('bear a level once', () => expect(changed(columns, 'C', 'level2')).toBe('A=level1,B=skip,C=level2'));
  it('are levels or a name, never both', () => {
    expect(changed(columns, 'A', 'name')).toBe('A=name,B=skip,C=person');
    expect(changed([{ column: 'A', heading: '', role: 'name', why: '' }, columns[1]!], 'B', 'level1')).toBe('A=skip,B=level1');
  });
});
