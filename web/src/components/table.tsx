// A table: sorted, filtered, with columns to choose, and with only the visible rows in the page when there are many.

import { type ComponentChildren, Fragment } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { plural } from '../format';
import { go } from '../router';
import { useRemembered } from '../store';
import { Empty } from './basics';
import { Icon } from './icons';
import { memo } from './memo';
import { type Column, filtered, type Sort, sorted, visibleRange } from './rows';

export type { Column } from './rows';

// Beyond this a table keeps only its visible rows in the page.
const VIRTUAL_FROM = 200;
const ROW_HEIGHT = 37;

interface TableProps<Row> {
  // Names what this browser remembers: order and columns.
  id: string;
  label: string;
  rows: Row[];
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  // The row is a link to there.
  to?: (row: Row) => string | undefined;
  onChoose?: (row: Row) => void;
  chosen?: string | undefined;
  sort?: Sort;
  empty?: ComponentChildren;
  title?: ComponentChildren;
  tools?: ComponentChildren;
  filter?: boolean;
  // What stands under an open row.
  expanded?: (row: Row) => ComponentChildren | undefined;
}

export function Table<Row>(props: TableProps<Row>) {
  const { columns, rows, id } = props;
  const [sort, setSort] = useRemembered<Sort | undefined>(`${id}.sort`, props.sort);
  const [hidden, setHidden] = useRemembered<string[]>(
    `${id}.hidden`,
    columns.filter((column) => column.hidden).map((column) => column.key),
  );
  const [text, setText] = useState('');
  const shown = columns.filter((column) => !hidden.includes(column.key));
  const found = useMemo(() => sorted(filtered(rows, columns, text), columns, sort), [rows, columns, text, sort]);
  const filter = props.filter ?? rows.length > 8;
  return (
    <>
      {(props.title !== undefined || props.tools || filter) && (
        <div class="panel-head">
          {props.title !== undefined ? <h2>{props.title}</h2> : <span />}
          <div class="table-tools">
            {props.tools}
            {filter && (
              <Filter label={props.label} text={text} setText={setText} found={found.length} of={rows.length} />
            )}
            {columns.length > 5 && rows.length > 0 && (
              <ColumnChoice columns={columns} hidden={hidden} setHidden={setHidden} />
            )}
          </div>
        </div>
      )}
      {rows.length === 0 ? (
        (props.empty ?? <Empty>Nothing here yet.</Empty>)
      ) : (
        <Rows {...props} rows={found} columns={shown} sort={sort} setSort={setSort} />
      )}
    </>
  );
}

function Filter(props: { label: string; text: string; setText: (text: string) => void; found: number; of: number }) {
  return (
    <>
      <span class="muted num" role="status">
        {props.text === '' ? plural(props.of, 'row') : `${props.found} of ${props.of}`}
      </span>
      <input
        class="input small"
        type="search"
        placeholder="Filter"
        aria-label={`Filter ${props.label}`}
        value={props.text}
        onInput={(event) => props.setText(event.currentTarget.value)}
      />
    </>
  );
}

function ColumnChoice<Row>(props: { columns: Column<Row>[]; hidden: string[]; setHidden: (hidden: string[]) => void }) {
  const toggle = (key: string) =>
    props.setHidden(
      props.hidden.includes(key) ? props.hidden.filter((other) => other !== key) : [...props.hidden, key],
    );
  return (
    <details class="columns">
      <summary class="button small icon" aria-label="Choose columns" title="Choose columns">
        <Icon name="columns" size={15} />
      </summary>
      <div>
        {props.columns.slice(1).map((column) => (
          <label key={column.key} class="check">
            <input type="checkbox" checked={!props.hidden.includes(column.key)} onChange={() => toggle(column.key)} />
            {column.title}
          </label>
        ))}
      </div>
    </details>
  );
}

type RowsProps<Row> = Omit<TableProps<Row>, 'sort'> & {
  sort: Sort | undefined;
  setSort: (sort: Sort) => void;
};

function Rows<Row>({ rows, columns, sort, setSort, ...props }: RowsProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const range = useVisible(scroller, rows.length);
  const isVirtual = range !== undefined;
  const visible = isVirtual ? rows.slice(range.first, range.last) : rows;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table-scroll" ref={scroller} tabIndex={0} aria-label={props.label} onKeyDown={moveFocus}>
      <table class="table" aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} sort={sort} setSort={setSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {isVirtual && range.first > 0 && <Spacer rows={range.first} columns={columns.length} />}
          {visible.map((row, i) => (
            <OneRow
              key={props.rowKey(row)}
              row={row}
              columns={columns}
              index={(range?.first ?? 0) + i}
              rowKey={props.rowKey}
              to={props.to}
              onChoose={props.onChoose}
              chosen={props.chosen}
              expanded={props.expanded}
            />
          ))}
          {isVirtual && range.last < rows.length && <Spacer rows={rows.length - range.last} columns={columns.length} />}
        </tbody>
      </table>
    </section>
  );
}

function Head<Row>(props: { column: Column<Row>; sort: Sort | undefined; setSort: (sort: Sort) => void }) {
  const { column, sort, setSort } = props;
  const isSorted = sort?.key === column.key;
  const content = (
    <>
      {column.title}
      {column.unit && <small>{column.unit}</small>}
    </>
  );
  return (
    <th
      class={column.right ? 'right' : ''}
      title={column.hint}
      scope="col"
      {...(isSorted ? { 'aria-sort': sort.down ? 'descending' : 'ascending' } : {})}
    >
      {column.value ? (
        <button
          type="button"
          onClick={() => setSort({ key: column.key, down: isSorted ? !sort.down : !!column.right })}
        >
          {content}
          <span class="arrow" aria-hidden="true">
            {isSorted ? (sort.down ? '↓' : '↑') : ''}
          </span>
        </button>
      ) : (
        <span>{content}</span>
      )}
    </th>
  );
}

const Spacer = ({ rows, columns }: { rows: number; columns: number }) => (
  <tr>
    <td colSpan={columns} style={{ height: `${rows * ROW_HEIGHT}px`, padding: 0, border: 0 }} />
  </tr>
);

interface OneRowProps<Row> {
  row: Row;
  columns: Column<Row>[];
  index: number;
  rowKey: (row: Row) => string;
  to?: ((row: Row) => string | undefined) | undefined;
  onChoose?: ((row: Row) => void) | undefined;
  chosen?: string | undefined;
  expanded?: ((row: Row) => ComponentChildren | undefined) | undefined;
}

// Drawn again only for another row: what scrolls by stays as it is.
const OneRow = memo(TableRow) as typeof TableRow;

function TableRow<Row>({ row, columns, index, ...props }: OneRowProps<Row>) {
  const target = props.to?.(row);
  const choose = props.onChoose ? () => props.onChoose?.(row) : target === undefined ? undefined : () => go(target);
  const more = props.expanded?.(row);
  const onClick = (event: MouseEvent) => {
    // Links and buttons inside act for themselves; text that is being selected is no click.
    if ((event.target as Element).closest('a, button, input, label') || window.getSelection()?.toString()) return;
    choose?.();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && event.target === event.currentTarget) choose?.();
  };
  return (
    <Fragment>
      <tr
        class={`${choose ? 'link' : ''} ${props.chosen === props.rowKey(row) ? 'chosen' : ''}`}
        aria-rowindex={index + 2}
        data-row
        tabIndex={choose ? 0 : -1}
        onClick={choose && onClick}
        onKeyDown={choose && onKeyDown}
      >
        {columns.map((column) => (
          <td key={column.key} class={column.right ? 'right' : ''}>
            {column.render ? column.render(row) : String(column.value?.(row) ?? '')}
          </td>
        ))}
      </tr>
      {more !== undefined && (
        <tr>
          <td class="more" colSpan={columns.length}>
            {more}
          </td>
        </tr>
      )}
    </Fragment>
  );
}

// The arrow keys go from row to row.
function moveFocus(event: KeyboardEvent) {
  const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key] as
    | 'nextElementSibling'
    | 'previousElementSibling'
    | undefined;
  const row = (event.target as Element).closest?.('tr[data-row]');
  if (step === undefined || row == null) return;
  let next = row[step];
  while (next && !next.hasAttribute('data-row')) next = next[step];
  if (next) {
    event.preventDefault();
    (next as HTMLElement).focus();
  }
}

// The rows that can be seen; undefined while all of them are in the page.
function useVisible(scroller: { current: HTMLElement | null }, total: number) {
  const isVirtual = total > VIRTUAL_FROM;
  const [range, setRange] = useState({ first: 0, last: 40 });
  useEffect(() => {
    const element = scroller.current;
    if (!isVirtual || element === null) return;
    const update = () => {
      const next = visibleRange(total, element.scrollTop, element.clientHeight, ROW_HEIGHT);
      setRange((now) => (now.first === next.first && now.last === next.last ? now : next));
    };
    update();
    element.addEventListener('scroll', update, { passive: true });
    const resized = new ResizeObserver(update);
    resized.observe(element);
    return () => {
      element.removeEventListener('scroll', update);
      resized.disconnect();
    };
  }, [isVirtual, total, scroller]);
  return isVirtual ? { first: Math.min(range.first, total), last: Math.min(range.last, total) } : undefined;
}
