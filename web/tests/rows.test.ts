import { describe, expect, it } from 'vitest';
import { type Column, filtered, sorted, visibleRange } from '../src/components/rows';

interface Row {
  name: string;
  size?: number;
}
const columns: Column<Row>[] = [
  { key: 'name', title: 'Name', value: (row) => row.name },
  { key: 'size', title: 'Size', value: (row) => row.size },
];
const rows: Row[] = [{ name: 'b10', size: 2 }, { name: 'b9' }, { name: 'A', size: 10 }];
const names = (list: Row[]) => list.map((row) => row.name);

describe('sorting', () => {
  it('is by number where there are numbers', () =>
    expect(names(sorted(rows, columns, { key: 'size', down: true }))).toEqual(['A', 'b10', 'b9']));
  it('puts what is missing last either way', () =>
    expect(names(sorted(rows, columns, { key: 'size', down: false })).at(-1)).toBe('b9'));
  it('counts in names and ignores case', () =>
    expect(names(sorted(rows, columns, { key: 'name', down: false }))).toEqual(['A', 'b9', 'b10']));
  it('leaves the rows that it was given alone', () => expect(names(rows)).toEqual(['b10', 'b9', 'A']));
});

describe('filtering', () => {
  it('wants every word somewhere', () => {
    expect(names(filtered(rows, columns, 'b 2'))).toEqual(['b10']);
    expect(filtered(rows, columns, '  ')).toBe(rows);
    expect(filtered(rows, columns, 'nothing')).toEqual([]);
  });
});

describe('the visible rows', () => {
  it('are a window with some more', () =>
    expect(visibleRange(1000, 3700, 370, 37, 8)).toEqual({ first: 92, last: 118 }));
  it('end with the list', () => expect(visibleRange(10, 0, 370, 37)).toEqual({ first: 0, last: 10 }));
  it('of a list that shrank are its last', () => {
    const { first, last } = visibleRange(20, 37_000, 370, 37);
    expect(last).toBe(20);
    expect(first).toBeLessThan(20);
  });
});
