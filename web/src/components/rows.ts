// What a table does with its rows before it shows them.

export type SortValue = string | number | null | undefined;

export interface Column<Row> {
  key: string;
  title: string;
  unit?: string;
  // Numbers stand right.
  right?: boolean;
  // What it is sorted and filtered by; without it the column is not sorted.
  value?: (row: Row) => SortValue;
  render?: (row: Row) => preact.ComponentChildren;
  hint?: string;
  // Shown only when chosen.
  hidden?: boolean;
}

export interface Sort {
  key: string;
  down: boolean;
}

function compare(a: SortValue, b: SortValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true, sensitivity: 'base' });
}

const isMissing = (value: SortValue) => value === null || value === undefined || Number.isNaN(value);

// A copy in the order of one column; rows without a value come last either way, equal ones keep their order.
export function sorted<Row>(rows: Row[], columns: Column<Row>[], sort: Sort | undefined): Row[] {
  const value = columns.find((column) => column.key === sort?.key)?.value;
  if (sort === undefined || value === undefined) return rows;
  const keyed = rows.map((row) => ({ row, key: value(row) }));
  keyed.sort((a, b) => {
    if (isMissing(a.key) || isMissing(b.key)) return Number(isMissing(a.key)) - Number(isMissing(b.key));
    return sort.down ? compare(b.key, a.key) : compare(a.key, b.key);
  });
  return keyed.map((entry) => entry.row);
}

// Rows in which every word occurs in some column.
export function filtered<Row>(rows: Row[], columns: Column<Row>[], text: string): Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const all = columns.map((column) => String(column.value?.(row) ?? '').toLowerCase()).join('\n');
    return words.every((word) => all.includes(word));
  });
}

// Which rows of equal height a scrolled window needs, a few more on both sides.
export function visibleRange(total: number, scrollTop: number, height: number, rowHeight: number, extra = 8) {
  const first = Math.max(0, Math.min(total, Math.floor(scrollTop / rowHeight)) - extra);
  const last = Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + extra);
  return { first, last: Math.max(first, last) };
}
