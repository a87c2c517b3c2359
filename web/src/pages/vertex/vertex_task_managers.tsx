// The same numbers, by machine.

import { usePoll } from '../../api/poll';
import type { VertexTaskManager } from '../../api/types';
import { Duration, Loaded, StateBadge, TaskCounts } from '../../components/basics';
import { MachineLink } from '../../components/machine_link';
import { type Column, Table } from '../../components/table';
import { hasEnded } from '../../states';
import { ioColumns } from '../job/overview';
import type { VertexProps } from './drawer';

const COLUMNS: Column<VertexTaskManager>[] = [
  {
    key: 'endpoint',
    title: 'Task manager',
    value: (row) => row.endpoint,
    render: (row) => <MachineLink id={row['taskmanager-id']}>{row.endpoint}</MachineLink>,
  },
  { key: 'status', title: 'Status', value: (row) => row.status, render: (row) => <StateBadge state={row.status} /> },
  ...ioColumns<VertexTaskManager>(),
  {
    key: 'duration',
    title: 'Duration',
    right: true,
    value: (row) => row.duration,
    render: (row) => <Duration start={row['start-time']} end={row['end-time']} value={row.duration} />,
  },
  { key: 'tasks', title: 'Tasks', render: (row) => <TaskCounts counts={row['status-counts']} /> },
];

export function VertexTaskManagersPanel({ job, vertex }: VertexProps) {
  const path = `/jobs/${job.jid}/vertices/${vertex.id}/taskmanagers`;
  const machines = usePoll<{ taskmanagers: VertexTaskManager[] }>(path, { once: hasEnded(job.state) });
  return (
    <Loaded from={machines}>
      {({ taskmanagers }) => (
        <Table
          id="vertex-machines"
          label="Task managers"
          rows={taskmanagers}
          columns={COLUMNS}
          rowKey={(row) => row['taskmanager-id']}
        />
      )}
    </Loaded>
  );
}
