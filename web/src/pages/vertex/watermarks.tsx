// How far event time has come in every subtask.

import { usePoll } from '../../api/poll';
import type { Metric } from '../../api/types';
import { Empty, Loaded } from '../../components/basics';
import { type Column, Table } from '../../components/table';
import * as format from '../../format';
import { hasEnded } from '../../states';
import { useRemembered } from '../../store';
import type { VertexProps } from './drawer';

interface Row {
  subtask: number;
  value: number;
}

export const rowsOf = (metrics: Metric[]): Row[] =>
  metrics
    .filter((metric) => metric.id.endsWith('currentInputWatermark'))
    .map((metric) => ({ subtask: Number(metric.id.split('.')[0]), value: Number(metric.value) }));

// In the zone that the reader chose; what is no time stays as it is.
function inZone(value: number, zone: string): string {
  const mark = format.watermark(value);
  if (Math.abs(value) > 8.64e15 || zone === 'UTC') return mark.text;
  const text = new Date(value).toLocaleString('sv-SE', { timeZone: zone });
  return value % 1000 === 0 ? text : `${text}.${String(((value % 1000) + 1000) % 1000).padStart(3, '0')}`;
}

const ZONES = () => {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const all = Intl.supportedValuesOf?.('timeZone') ?? [];
  return [...new Set(['UTC', own, ...all])];
};

export function WatermarksPanel({ job, vertex }: VertexProps) {
  const [zone, setZone] = useRemembered('zone', 'UTC');
  const answer = usePoll<Metric[]>(`/jobs/${job.jid}/vertices/${vertex.id}/watermarks`, { once: hasEnded(job.state) });
  return (
    <Loaded from={answer}>
      {(metrics) => {
        const rows = rowsOf(metrics);
        const newest = Math.max(...rows.map((row) => row.value));
        return (
          <Table
            id="watermarks"
            label="Watermarks"
            title="Watermarks"
            rows={rows}
            columns={columnsIn(zone, newest)}
            rowKey={(row) => String(row.subtask)}
            sort={{ key: 'subtask', down: false }}
            empty={<Empty>This operator has no event time.</Empty>}
            tools={
              <select
                class="input small"
                aria-label="Time zone"
                value={zone}
                onChange={(event) => setZone(event.currentTarget.value)}
              >
                {ZONES().map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            }
          />
        );
      }}
    </Loaded>
  );
}

const columnsIn = (zone: string, newest: number): Column<Row>[] => [
  { key: 'subtask', title: 'Subtask', value: (row) => row.subtask },
  {
    key: 'watermark',
    title: 'Watermark',
    unit: zone,
    right: true,
    value: (row) => row.value,
    render: (row) => <span title={format.watermark(row.value).hint}>{inZone(row.value, zone)}</span>,
  },
  {
    key: 'behind',
    title: 'Behind the newest',
    right: true,
    value: (row) => newest - row.value,
    render: (row) =>
      Math.abs(row.value) > 8.64e15 || Math.abs(newest) > 8.64e15 ? format.NONE : format.duration(newest - row.value),
  },
];
