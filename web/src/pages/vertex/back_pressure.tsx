// How the subtasks spend their time.

import { usePoll } from '../../api/poll';
import type { BackPressure } from '../../api/types';
import { Empty, Loaded } from '../../components/basics';
import { type Column, Table } from '../../components/table';
import * as format from '../../format';
import { Link } from '../../router';
import { hasEnded, type Tone } from '../../states';
import type { VertexProps } from './drawer';

type Row = NonNullable<BackPressure['subtasks']>[number];

const LEVELS: Record<string, Tone> = { ok: 'ok', low: 'warn', high: 'bad' };

function Shares({ row }: { row: Row }) {
  const shares: [string, number][] = [
    ['busy', row.busyRatio ?? 0],
    ['pressed', row.ratio],
    ['idle', row.idleRatio ?? 0],
  ];
  return (
    <span class="shares" aria-hidden="true">
      {shares.map(([name, share]) => (
        <span key={name} class={name} style={{ width: `${share * 100}%` }} />
      ))}
    </span>
  );
}

const COLUMNS: Column<Row>[] = [
  { key: 'subtask', title: 'Subtask', value: (row) => row.subtask },
  { key: 'spread', title: 'Time', render: (row) => <Shares row={row} /> },
  {
    key: 'pressed',
    title: 'Back-pressured',
    right: true,
    value: (row) => row.ratio,
    render: (row) => format.percent(row.ratio),
  },
  {
    key: 'idle',
    title: 'Idle',
    right: true,
    value: (row) => row.idleRatio,
    render: (row) => format.percent(row.idleRatio),
  },
  {
    key: 'busy',
    title: 'Busy',
    right: true,
    value: (row) => row.busyRatio,
    render: (row) => format.percent(row.busyRatio),
  },
  {
    key: 'level',
    title: 'Level',
    value: (row) => row.ratio,
    render: (row) => (
      <span class={`badge ${LEVELS[row['backpressure-level']] ?? 'none'}`}>
        {row['backpressure-level'].toUpperCase()}
      </span>
    ),
  },
];

export function BackPressurePanel({ job, vertex }: VertexProps) {
  const answer = usePoll<BackPressure>(
    hasEnded(job.state) ? null : `/jobs/${job.jid}/vertices/${vertex.id}/backpressure`,
  );
  if (hasEnded(job.state)) return <Empty>Back-pressure is measured while a job runs.</Empty>;
  return (
    <Loaded from={answer}>
      {(data) => (
        <>
          <Table
            id="backpressure"
            label="Back-pressure"
            title="How the subtasks spend their time"
            rows={data.subtasks ?? []}
            columns={COLUMNS}
            rowKey={(row) => String(row.subtask)}
            sort={{ key: 'pressed', down: true }}
            empty={<Empty>Not measured yet.</Empty>}
          />
          <p class="muted" style={{ padding: '12px 20px' }}>
            OK up to 10 %, LOW up to 50 %, HIGH above. A back-pressured subtask waits for one further down: look there.{' '}
            <Link to="/task-managers">Stacks are with the task managers.</Link>
          </p>
        </>
      )}
    </Loaded>
  );
}
