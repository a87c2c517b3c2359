// What the user's functions counted.

import { usePoll } from '../../api/poll';
import type { Accumulator, SubtaskAccumulators } from '../../api/types';
import { Empty, Loaded } from '../../components/basics';
import { type Column, Table } from '../../components/table';
import { hasEnded } from '../../states';
import type { VertexProps } from './drawer';

type OfSubtask = Accumulator & { subtask: number; attempt: number };

const COLUMNS: Column<Accumulator>[] = [
  { key: 'name', title: 'Name', value: (row) => row.name },
  { key: 'type', title: 'Type', value: (row) => row.type },
  { key: 'value', title: 'Value', right: true, value: (row) => row.value },
];

const SUBTASK_COLUMNS: Column<OfSubtask>[] = [
  { key: 'subtask', title: 'Subtask', value: (row) => row.subtask },
  { key: 'attempt', title: 'Attempt', right: true, value: (row) => row.attempt },
  ...(COLUMNS as Column<OfSubtask>[]),
];

const NONE = (
  <Empty>
    <p>
      Nothing is counted here. A function counts with <code>context.Accumulator("name").Add(1)</code>.
    </p>
  </Empty>
);

export function AccumulatorsPanel({ job, vertex }: VertexProps) {
  const path = `/jobs/${job.jid}/vertices/${vertex.id}`;
  const once = { once: hasEnded(job.state) };
  const own = usePoll<{ 'user-accumulators': Accumulator[] }>(`${path}/accumulators`, once);
  const subtasks = usePoll<{ subtasks: SubtaskAccumulators[] }>(`${path}/subtasks/accumulators`, once);
  const whole = usePoll<{ 'user-task-accumulators': Accumulator[] }>(`/jobs/${job.jid}/accumulators`, once);
  return (
    <Loaded from={own}>
      {(answer) => {
        const rows = (subtasks.data?.subtasks ?? []).flatMap((one) =>
          one['user-accumulators'].map((entry) => ({ ...entry, subtask: one.subtask, attempt: one.attempt })),
        );
        const ofJob = whole.data?.['user-task-accumulators'] ?? [];
        return (
          <>
            <Table
              id="accumulators"
              label="Of this operator"
              title="Of this operator"
              rows={answer['user-accumulators']}
              columns={COLUMNS}
              rowKey={(row) => row.name}
              empty={NONE}
            />
            {rows.length > 0 && (
              <Table
                id="subtask-accumulators"
                label="Per subtask"
                title="Per subtask"
                rows={rows}
                columns={SUBTASK_COLUMNS}
                rowKey={(row) => `${row.subtask} ${row.name}`}
              />
            )}
            {ofJob.length > 0 && (
              <Table
                id="job-accumulators"
                label="Of the whole job"
                title="Of the whole job"
                rows={ofJob}
                columns={COLUMNS}
                rowKey={(row) => row.name}
              />
            )}
          </>
        );
      }}
    </Loaded>
  );
}
