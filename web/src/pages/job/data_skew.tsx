// How unevenly records are spread over the subtasks of each vertex.

import { request } from '../../api/client';
import { usePollOf } from '../../api/poll';
import type { AggregatedMetric, JobDetail } from '../../api/types';
import { Loaded, Meter } from '../../components/basics';
import { countColumn } from '../../components/columns';
import { Icon } from '../../components/icons';
import { type Column, Table } from '../../components/table';
import { Link } from '../../router';
import { hasEnded, type Tone } from '../../states';

interface Row {
  id: string;
  name: string;
  parallelism: number;
  metric: AggregatedMetric | undefined;
}

// Where Flink's dashboard begins to colour.
const toneOf = (skew: number): Tone => (skew > 50 ? 'bad' : skew > 25 ? 'warn' : 'ok');

export function DataSkewTab({ job }: { job: JobDetail }) {
  const rows = usePollOf<Row[]>(
    `skew of ${job.jid}`,
    (signal) =>
      Promise.all(
        job.vertices.map(async (vertex) => {
          const path = `/jobs/${job.jid}/vertices/${vertex.id}/subtasks/metrics?get=numRecordsIn`;
          const [metric] = await request<AggregatedMetric[]>(path, { signal });
          return { id: vertex.id, name: vertex.name, parallelism: vertex.parallelism, metric };
        }),
      ),
    { once: hasEnded(job.state) },
  );
  return (
    <section class="panel">
      <Loaded from={rows}>
        {(data) => (
          <Table
            id="skew"
            label="Data skew"
            title="Data skew"
            rows={data}
            columns={columnsFor(job.jid)}
            rowKey={(row) => row.id}
            to={(row) => `/jobs/${job.jid}?vertex=${row.id}&panel=subtasks`}
            sort={{ key: 'skew', down: true }}
            filter={false}
            tools={
              <button type="button" class="button small" onClick={rows.refresh}>
                <Icon name="refresh" size={14} /> Refresh
              </button>
            }
          />
        )}
      </Loaded>
      <p class="muted" style={{ padding: '12px 16px', maxWidth: '80ch' }}>
        Skew is how far the subtasks of a vertex are from having received equally many records: 0 % is even, 100 % means
        that one has received them all. A key that occurs far more often than others is the usual cause; aggregating
        before the exchange, or adding a salt to the key, spreads it.
      </p>
    </section>
  );
}

const columnsFor = (job: string): Column<Row>[] => [
  {
    key: 'name',
    title: 'Operator',
    value: (row) => row.name,
    render: (row) => <Link to={`/jobs/${job}?vertex=${row.id}&panel=subtasks`}>{row.name}</Link>,
  },
  { key: 'parallelism', title: 'Parallelism', right: true, value: (row) => row.parallelism },
  {
    key: 'skew',
    title: 'Skew',
    right: true,
    value: (row) => row.metric?.skew ?? 0,
    render: (row) => {
      const skew = row.metric?.skew ?? 0;
      return (
        <>
          {Math.round(skew)} %
          <Meter share={skew / 100} tone={toneOf(skew)} label="Skew" />
        </>
      );
    },
  },
  countColumn('min', 'Least records', (row) => row.metric?.min),
  countColumn('avg', 'Average', (row) => row.metric?.avg),
  countColumn('max', 'Most records', (row) => row.metric?.max),
];
