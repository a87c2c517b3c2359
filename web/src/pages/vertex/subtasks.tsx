// One row per subtask; above them how they are spread.

import { usePoll } from '../../api/poll';
import type { Subtask, VertexDetail } from '../../api/types';
import { Duration, Loaded, StateBadge } from '../../components/basics';
import { timeColumn } from '../../components/columns';
import { MachineLink } from '../../components/machine_link';
import { type Column, Table } from '../../components/table';
import * as format from '../../format';
import { hasEnded, wordOf } from '../../states';
import { ioColumns } from '../job/overview';
import type { VertexProps } from './drawer';

export function SubtasksPanel({ job, vertex }: VertexProps) {
  const detail = usePoll<VertexDetail>(`/jobs/${job.jid}/vertices/${vertex.id}`, { once: hasEnded(job.state) });
  return (
    <Loaded from={detail}>
      {({ subtasks }) => {
        const all = subtasks.flatMap((subtask) => [subtask, ...(subtask['other-concurrent-attempts'] ?? [])]);
        return (
          <>
            <Aggregates subtasks={subtasks} />
            <Table
              id="subtasks"
              label="Subtasks"
              title="Subtasks"
              rows={all}
              columns={COLUMNS}
              rowKey={(row) => `${row.subtask}/${row.attempt}`}
              sort={{ key: 'subtask', down: false }}
            />
          </>
        );
      }}
    </Loaded>
  );
}

const millis = (value: number | undefined) => <span class="num">{format.duration(value)}</span>;

const TIMES: Column<Subtask>[] = (
  [
    ['accumulated-busy-time', 'Busy'],
    ['accumulated-backpressured-time', 'Back-pressured'],
    ['accumulated-idle-time', 'Idle'],
  ] as const
).map(([key, title]) => ({
  key,
  title,
  right: true,
  hint: 'in all, since it runs',
  value: (row) => row.metrics[key],
  render: (row) => millis(row.metrics[key]),
}));

const COLUMNS: Column<Subtask>[] = [
  { key: 'subtask', title: 'Subtask', value: (row) => row.subtask },
  { key: 'status', title: 'Status', value: (row) => row.status, render: (row) => <StateBadge state={row.status} /> },
  ...ioColumns<Subtask>(),
  ...TIMES,
  { key: 'attempt', title: 'Attempt', right: true, value: (row) => row.attempt },
  {
    key: 'endpoint',
    title: 'Task manager',
    value: (row) => row.endpoint,
    render: (row) => (
      <MachineLink id={row['taskmanager-id']} tab="log-files">
        {row.endpoint}
      </MachineLink>
    ),
  },
  timeColumn('start', 'Start', (row) => row['start-time']),
  timeColumn('end', 'End', (row) => row['end-time'], { hidden: true }),
  {
    key: 'duration',
    title: 'Duration',
    right: true,
    value: (row) => row.duration,
    render: (row) => <Duration start={row['start-time']} end={row['end-time']} value={row.duration} />,
  },
  {
    key: 'states',
    title: 'Time per state',
    hidden: true,
    render: (row) =>
      Object.entries(row['status-duration'] ?? {})
        .filter(([, ms]) => ms > 0)
        .map(([state, ms]) => `${wordOf(state)} ${format.duration(ms)}`)
        .join(', '),
  },
];

export function spread(values: number[]) {
  const sum = values.reduce((all, value) => all + value, 0);
  return { min: Math.min(...values), avg: sum / Math.max(values.length, 1), max: Math.max(...values), sum };
}

// min, average, max and sum, over all subtasks.
function Aggregates({ subtasks }: { subtasks: Subtask[] }) {
  if (subtasks.length < 2) return null;
  const rows: [string, number[], (value: number) => string][] = [
    ['Records received', subtasks.map((one) => one.metrics['read-records']), format.count],
    ['Records sent', subtasks.map((one) => one.metrics['write-records']), format.count],
    ['Bytes received', subtasks.map((one) => one.metrics['read-bytes']), format.bytes],
    ['Busy', subtasks.map((one) => one.metrics['accumulated-busy-time'] ?? 0), format.duration],
    ['Duration', subtasks.map((one) => one.duration), format.duration],
  ];
  return (
    <Table
      id="subtask-aggregates"
      label="All subtasks together"
      title="All together"
      filter={false}
      rows={rows.map(([name, values, text]) => ({ name, text, ...spread(values.map((value) => Math.round(value))) }))}
      rowKey={(row) => row.name}
      columns={[
        { key: 'name', title: 'Of', render: (row) => row.name },
        ...(['min', 'avg', 'max', 'sum'] as const).map((key) => ({
          key,
          title: { min: 'Least', avg: 'Average', max: 'Most', sum: 'Sum' }[key],
          right: true,
          render: (row: { text: (value: number) => string } & ReturnType<typeof spread>) => (
            <span title={format.exact(row[key])}>{row.text(Math.round(row[key]))}</span>
          ),
        })),
      ]}
    />
  );
}
