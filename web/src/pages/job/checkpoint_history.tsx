// The last checkpoints; each opens its operators, each operator its subtasks.

import { useState } from 'preact/hooks';
import { usePoll } from '../../api/poll';
import type { Checkpoint, CheckpointSubtask, CheckpointTask, CheckpointTaskDetail, JobDetail } from '../../api/types';
import { Bytes, Empty, Loaded, Meter, StateBadge, Time } from '../../components/basics';
import { bytesColumn, durationColumn, timeColumn } from '../../components/columns';
import { Icon } from '../../components/icons';
import { type Column, Table } from '../../components/table';
import * as format from '../../format';

const typeOf = (checkpoint: Checkpoint) =>
  checkpoint.is_savepoint ? 'savepoint' : (checkpoint.checkpoint_type ?? 'checkpoint').toLowerCase().replace(/_/g, ' ');

const ms = (value: number | undefined) => <span class="num">{format.duration(value)}</span>;

function Toggle({ open, onToggle, label }: { open: boolean; onToggle: () => void; label: string }) {
  return (
    <button type="button" class="button quiet small icon" aria-expanded={open} aria-label={label} onClick={onToggle}>
      <Icon name={open ? 'down' : 'next'} size={14} />
    </button>
  );
}

const Acked = ({ of }: { of: { num_acknowledged_subtasks: number; num_subtasks: number } }) => (
  <>
    {of.num_acknowledged_subtasks}/{of.num_subtasks}
    <Meter share={of.num_acknowledged_subtasks / Math.max(of.num_subtasks, 1)} label="Acknowledged" />
  </>
);

export function CheckpointHistory({ job, checkpoints }: { job: JobDetail; checkpoints: Checkpoint[] }) {
  const [open, setOpen] = useState<number>();
  const toggle = (id: number) => setOpen(open === id ? undefined : id);
  const columns: Column<Checkpoint>[] = [
    {
      key: 'id',
      title: 'Id',
      value: (row) => row.id,
      render: (row) => (
        <>
          <Toggle open={open === row.id} onToggle={() => toggle(row.id)} label={`Checkpoint ${row.id} in detail`} />{' '}
          {row.id}
        </>
      ),
    },
    { key: 'status', title: 'Status', value: (row) => row.status, render: (row) => <StateBadge state={row.status} /> },
    { key: 'type', title: 'Type', value: typeOf },
    {
      key: 'acked',
      title: 'Acknowledged',
      right: true,
      value: (row) => row.num_acknowledged_subtasks,
      render: (row) => <Acked of={row} />,
    },
    timeColumn('trigger', 'Triggered', (row) => row.trigger_timestamp),
    timeColumn('ack', 'Latest acknowledgement', (row) => row.latest_ack_timestamp),
    durationColumn('duration', 'Duration', (row) => row.end_to_end_duration),
    bytesColumn('checkpointed', 'Checkpointed', (row) => row.checkpointed_size),
    bytesColumn('full', 'Full size', (row) => row.state_size),
    bytesColumn('processed', 'Processed in flight', (row) => row.processed_data),
    bytesColumn('persisted', 'Persisted in flight', (row) => row.persisted_data, { hidden: true }),
  ];
  return (
    <section class="panel">
      <Table
        id="checkpoints"
        label="History of checkpoints"
        title="History"
        rows={checkpoints}
        columns={columns}
        rowKey={(row) => String(row.id)}
        onChoose={(row) => toggle(row.id)}
        sort={{ key: 'id', down: true }}
        empty={<Empty>No checkpoint has been triggered yet.</Empty>}
        expanded={(row) => (row.id === open ? <Detail job={job} checkpoint={row} /> : undefined)}
      />
    </section>
  );
}

type TaskRow = CheckpointTask & { name: string };

function Detail({ job, checkpoint }: { job: JobDetail; checkpoint: Checkpoint }) {
  const done = checkpoint.status !== 'IN_PROGRESS';
  const detail = usePoll<Checkpoint>(`/jobs/${job.jid}/checkpoints/details/${checkpoint.id}`, { once: done });
  const [open, setOpen] = useState<string>();
  const names = new Map(job.vertices.map((vertex) => [vertex.id, vertex.name]));
  const toggle = (id: string) => setOpen(open === id ? undefined : id);
  const columns: Column<TaskRow>[] = [
    {
      key: 'name',
      title: 'Operator',
      value: (row) => row.name,
      render: (row) => (
        <>
          <Toggle open={open === row.id} onToggle={() => toggle(row.id)} label={`Subtasks of ${row.name}`} /> {row.name}
        </>
      ),
    },
    { key: 'acked', title: 'Acknowledged', right: true, render: (row) => <Acked of={row} /> },
    {
      key: 'ack',
      title: 'Latest acknowledgement',
      right: true,
      render: (row) => <Time value={row.latest_ack_timestamp} />,
    },
    { key: 'duration', title: 'Duration', right: true, render: (row) => ms(row.end_to_end_duration) },
    { key: 'size', title: 'Checkpointed', right: true, render: (row) => <Bytes value={row.checkpointed_size} /> },
    { key: 'full', title: 'Full size', right: true, render: (row) => <Bytes value={row.state_size} /> },
  ];
  return (
    <div style={{ padding: '4px 0 8px 28px' }}>
      {checkpoint.failure_message && (
        <p style={{ padding: '8px 12px', color: 'var(--bad)', whiteSpace: 'pre-wrap' }}>{checkpoint.failure_message}</p>
      )}
      {checkpoint.external_path && (
        <p style={{ padding: '8px 12px' }}>
          <code>{checkpoint.external_path}</code>
        </p>
      )}
      <Loaded from={detail} lines={3} absent="The detail of this checkpoint is no longer kept.">
        {(data) => (
          <Table
            id="checkpoint-tasks"
            label={`Operators in checkpoint ${checkpoint.id}`}
            filter={false}
            rows={Object.entries(data.tasks ?? {}).map(([id, task]) => ({ ...task, id, name: names.get(id) ?? id }))}
            columns={columns}
            rowKey={(row) => row.id}
            onChoose={(row) => toggle(row.id)}
            empty={<Empty>No operator has taken part yet.</Empty>}
            expanded={(row) =>
              row.id === open ? <Subtasks job={job} checkpoint={checkpoint} vertex={row.id} /> : undefined
            }
          />
        )}
      </Loaded>
    </div>
  );
}

const SUBTASK_COLUMNS: Column<CheckpointSubtask>[] = [
  { key: 'index', title: 'Subtask', value: (row) => row.index },
  { key: 'status', title: 'Status', value: (row) => row.status, render: (row) => <StateBadge state={row.status} /> },
  timeColumn('ack', 'Acknowledged', (row) => row.ack_timestamp),
  durationColumn('duration', 'Duration', (row) => row.end_to_end_duration),
  bytesColumn('size', 'Checkpointed', (row) => row.checkpointed_size),
  bytesColumn('full', 'Full size', (row) => row.state_size),
  durationColumn('sync', 'Sync', (row) => row.checkpoint?.sync),
  durationColumn('async', 'Async', (row) => row.checkpoint?.async),
  bytesColumn('processed', 'Processed in flight', (row) => row.alignment?.processed),
  durationColumn('alignment', 'Alignment', (row) => row.alignment?.duration),
  durationColumn('delay', 'Start delay', (row) => row.start_delay),
  {
    key: 'unaligned',
    title: 'Unaligned',
    value: (row) => String(row.unaligned_checkpoint ?? row.checkpoint?.unaligned_checkpoint ?? ''),
    render: (row) => ((row.unaligned_checkpoint ?? row.checkpoint?.unaligned_checkpoint) ? 'yes' : 'no'),
  },
];

function Subtasks({ job, checkpoint, vertex }: { job: JobDetail; checkpoint: Checkpoint; vertex: string }) {
  const path = `/jobs/${job.jid}/checkpoints/details/${checkpoint.id}/subtasks/${vertex}`;
  const detail = usePoll<CheckpointTaskDetail>(path, { once: checkpoint.status !== 'IN_PROGRESS' });
  return (
    <div style={{ paddingLeft: '28px' }}>
      <Loaded from={detail} lines={3} absent="The subtasks of this checkpoint are no longer kept.">
        {({ subtasks }) => (
          <>
            <Spreads subtasks={subtasks} />
            <Table
              id="checkpoint-subtasks"
              label="Subtasks"
              rows={subtasks}
              columns={SUBTASK_COLUMNS}
              rowKey={(row) => String(row.index)}
            />
          </>
        )}
      </Loaded>
    </div>
  );
}

const SPREADS: [string, (row: CheckpointSubtask) => number | undefined, (value: number) => string][] = [
  ['Duration', (row) => row.end_to_end_duration, format.duration],
  ['Checkpointed', (row) => row.checkpointed_size, format.bytes],
  ['Sync', (row) => row.checkpoint?.sync, format.duration],
  ['Async', (row) => row.checkpoint?.async, format.duration],
  ['Alignment', (row) => row.alignment?.duration, format.duration],
  ['Start delay', (row) => row.start_delay, format.duration],
];

function Spreads({ subtasks }: { subtasks: CheckpointSubtask[] }) {
  return (
    <dl class="evidence" style={{ padding: '4px 12px' }}>
      {SPREADS.map(([name, read, text]) => {
        const values = subtasks.map(read).filter((value): value is number => value !== undefined);
        if (values.length === 0) return null;
        const average = values.reduce((sum, value) => sum + value, 0) / values.length;
        return (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="num" title="least / average / most">
              {text(Math.min(...values))} / {text(Math.round(average))} / {text(Math.max(...values))}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
