import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { differ } from '../src/components/memo';
import { type Column, Table } from '../src/components/table';

interface Row {
  id: string;
  size: number;
}
const columns: Column<Row>[] = [
  { key: 'id', title: 'Id', value: (row) => row.id },
  { key: 'size', title: 'Size', right: true, value: (row) => row.size },
];
const many = Array.from({ length: 1000 }, (_, i) => ({ id: `row ${i}`, size: 1000 - i }));
let page: HTMLElement;
const soon = () => new Promise((resolve) => setTimeout(resolve, 20));
const texts = (selector: string) => [...page.querySelectorAll(selector)].map((element) => element.textContent);

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  );
  localStorage.clear();
  page = document.createElement('div');
  document.body.append(page);
});
afterEach(() => {
  render(null, page);
  page.remove();
  vi.unstubAllGlobals();
});

const show = async (rows: Row[], onChoose?: (row: Row) => void) => {
  render(
    <Table
      id="t"
      label="Things"
      rows={rows}
      columns={columns}
      rowKey={(row) => row.id}
      filter
      {...(onChoose ? { onChoose } : {})}
    />,
    page,
  );
  await soon();
};

describe('a table', () => {
  it('keeps a few of a thousand rows in the page, and says how many there are', async () => {
    await show(many);
    expect(texts('tbody tr[data-row]').length).toBeLessThan(60);
    expect(page.querySelector('table')?.getAttribute('aria-rowcount')).toBe('1001');
  });
  it('is sorted by the head that is clicked, and the other way round by another click', async () => {
    await show(many.slice(0, 3));
    const head = () => page.querySelectorAll<HTMLElement>('th button')[1]!;
    head().click();
    await soon();
    expect(texts('tbody td.right')).toEqual(['1000', '999', '998']);
    head().click();
    await soon();
    expect(texts('tbody td.right')).toEqual(['998', '999', '1000']);
    expect(page.querySelectorAll('th')[1]!.getAttribute('aria-sort')).toBe('ascending');
  });
  it('shows the rows that hold the text', async () => {
    await show(many);
    const input = page.querySelector<HTMLInputElement>('input[type=search]')!;
    input.value = 'row 777';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await soon();
    expect(texts('tbody td:first-child')).toEqual(['row 223', 'row 777']);
    expect(page.querySelector('[role=status]')?.textContent).toBe('2 of 1000');
  });
  it('chooses a row by click and by Enter', async () => {
    const chosen: string[] = [];
    await show(many.slice(0, 2), (row) => chosen.push(row.id));
    const rows = page.querySelectorAll<HTMLElement>('tr[data-row]');
    rows[0]!.click();
    rows[1]!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    expect(chosen).toEqual(['row 0', 'row 1']);
  });
  it('without rows says so', async () => {
    await show([]);
    expect(page.textContent).toContain('Nothing here yet');
  });
});

describe('properties', () => {
  it('differ when one of them does', () => {
    expect(differ({ a: 1, b: many }, { a: 1, b: many })).toBe(false);
    expect(differ({ a: 1 }, { a: 2 })).toBe(true);
    expect(differ({ a: 1 }, { a: 1, b: undefined })).toBe(true);
  });
});
