// Columns whose cells are a number of one kind: right, sorted by the number.

import * as format from '../format';
import { Bytes, Count, Time } from './basics';
import type { Column } from './rows';

type NumberOf<Row> = (row: Row) => number | undefined;
type More<Row> = Pick<Column<Row>, 'hidden' | 'hint'>;

export const bytesColumn = <Row,>(key: string, title: string, value: NumberOf<Row>, more?: More<Row>): Column<Row> => ({
  key,
  title,
  right: true,
  value,
  render: (row) => <Bytes value={value(row)} />,
  ...more,
});

export const countColumn = <Row,>(key: string, title: string, value: NumberOf<Row>, more?: More<Row>): Column<Row> => ({
  key,
  title,
  right: true,
  value,
  render: (row) => <Count value={value(row)} />,
  ...more,
});

export const timeColumn = <Row,>(key: string, title: string, value: NumberOf<Row>, more?: More<Row>): Column<Row> => ({
  key,
  title,
  right: true,
  value,
  render: (row) => <Time value={value(row)} />,
  ...more,
});

// `value` in milliseconds.
export const durationColumn = <Row,>(
  key: string,
  title: string,
  value: NumberOf<Row>,
  more?: More<Row>,
): Column<Row> => ({
  key,
  title,
  right: true,
  value,
  render: (row) => <span class="num">{format.duration(value(row))}</span>,
  ...more,
});
