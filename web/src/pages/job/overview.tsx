// A job's first tab: the diagnosis, the graph, its operators.

import { useMemo } from 'preact/hooks';
import type { JobDetail, JobVertex } from '../../api/types';
import { useVertexNumbers, type VertexNumbers } from '../../api/vertex_numbers';
import { Duration, Panel, StateBadge, TaskCounts } from '../../components/basics';
import { bytesColumn, countColumn, timeColumn } from '../../components/columns';
import { type Column, Table } from '../../components/table';
import * as format from '../../format';
import { GraphView } from '../../graph/graph_view';
import { graphOf } from '../../graph/plan';
import { go, usePlace, withQuery } from '../../router';
import { hasEnded } from '../../states';
import { VertexDrawer } from '../vertex/drawer';
import { Diagnosis } from './diagnosis';

export function OverviewTab({ job }: { job: JobDetail }) {
  const live = !hasEnded(job.state);
  const numbers = useVertexNumbers(job, live);
  const { query } = usePlace();
  const chosen = query.get('vertex') ?? undefined;
  const vertex = job.vertices.find((one) => one.id === chosen);
  const graph = useMemo(
    () => graphOf(job.plan, new Map(job.vertices.map((one) => [one.id, one.name]))),
    [job.plan, job.vertices],
  );
  const choose = (id: string) =>
    go(withQuery({ vertex: id === chosen ? null : id }), { replace: chosen !== undefined });
  return (
    <>
      <Diagnosis job={job} />
      <Panel title="Graph" padded={false} tools={<Legend />}>
        <GraphView
          graph={graph}
          numbers={live ? numbers : undefined}
          states={new Map(job.vertices.map((one) => [one.id, one.status]))}
          chosen={chosen}
          onChoose={choose}
        />
      </Panel>
      <section class="panel">
        <Table
          id="vertices"
          label="Operators"
          title="Operators"
          rows={job.vertices}
          columns={columnsOf(numbers, live)}
          rowKey={(row) => row.id}
          onChoose={(row) => choose(row.id)}
          chosen={chosen}
        />
      </section>
      {vertex && (
        <VertexDrawer
          job={job}
          vertex={vertex}
          numbers={numbers.get(vertex.id)}
          onClose={() => go(withQuery({ vertex: null, panel: null }))}
        />
      )}
    </>
  );
}

const Legend = () => (
  <div class="legend" aria-hidden="true">
    <span>
      <i class="busy" /> busy
    </span>
    <span>
      <i class="pressed" /> back-pressured
    </span>
    <span>
      <i class="records" /> records
    </span>
  </div>
);

function columnsOf(numbers: Map<string, VertexNumbers>, live: boolean): Column<JobVertex>[] {
  const busy = (row: JobVertex) => numbers.get(row.id)?.busy;
  const pressed = (row: JobVertex) => numbers.get(row.id)?.backPressured;
  const shares: Column<JobVertex>[] = [
    {
      key: 'busy',
      title: 'Busy',
      right: true,
      value: busy,
      render: (row) => <span class="num">{format.percent(busy(row))}</span>,
    },
    {
      key: 'pressed',
      title: 'Back-pressured',
      right: true,
      value: pressed,
      render: (row) => <span class="num">{format.percent(pressed(row))}</span>,
    },
  ];
  return [
    { key: 'name', title: 'Name', value: (row) => row.name, render: (row) => <span title={row.name}>{row.name}</span> },
    { key: 'status', title: 'Status', value: (row) => row.status, render: (row) => <StateBadge state={row.status} /> },
    ...(live ? shares : []),
    ...ioColumns<JobVertex>(),
    { key: 'parallelism', title: 'Parallelism', right: true, value: (row) => row.parallelism },
    timeColumn('start', 'Start', (row) => row['start-time'], { hidden: true }),
    {
      key: 'duration',
      title: 'Duration',
      right: true,
      value: (row) => row.duration,
      render: (row) => <Duration start={row['start-time']} end={row['end-time']} value={row.duration} />,
    },
    timeColumn('end', 'End', (row) => row['end-time'], { hidden: true }),
    {
      key: 'tasks',
      title: 'Tasks',
      value: (row) => row.parallelism,
      render: (row) => <TaskCounts counts={row.tasks} />,
    },
  ];
}

// Records and bytes in and out, as tables of vertices, subtasks and machines show them.
export function ioColumns<Row extends { metrics: JobVertex['metrics'] }>(): Column<Row>[] {
  return [
    bytesColumn('bytes-in', 'Bytes received', (row) => row.metrics['read-bytes'], { hidden: true }),
    countColumn('records-in', 'Records received', (row) => row.metrics['read-records']),
    bytesColumn('bytes-out', 'Bytes sent', (row) => row.metrics['write-bytes'], { hidden: true }),
    countColumn('records-out', 'Records sent', (row) => row.metrics['write-records']),
  ];
}
