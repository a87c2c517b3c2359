// All jobs, or those of one kind.

import { useHistory, usePoll } from '../api/poll';
import type { JobSummary } from '../api/types';
import { Duration, Empty, Loaded, StateBadge, TaskCounts, Time } from '../components/basics';
import { type Column, Table } from '../components/table';
import { go, Link, usePlace, withQuery } from '../router';
import { hasEnded } from '../states';

const COLUMNS: Column<JobSummary>[] = [
  {
    key: 'name',
    title: 'Name',
    value: (job) => job.name,
    render: (job) => <Link to={`/jobs/${job.jid}`}>{job.name}</Link>,
  },
  { key: 'state', title: 'State', value: (job) => job.state, render: (job) => <StateBadge state={job.state} /> },
  {
    key: 'start',
    title: 'Started',
    right: true,
    value: (job) => job['start-time'],
    render: (job) => <Time value={job['start-time']} />,
  },
  {
    key: 'duration',
    title: 'Duration',
    right: true,
    value: (job) => job.duration,
    render: (job) => <Duration start={job['start-time']} end={job['end-time']} value={job.duration} />,
  },
  {
    key: 'end',
    title: 'Ended',
    right: true,
    value: (job) => job['end-time'],
    render: (job) => <Time value={job['end-time']} />,
  },
  {
    key: 'tasks',
    title: 'Tasks',
    value: (job) => job.tasks.total,
    render: (job) => <TaskCounts counts={tasksOf(job)} />,
  },
  { key: 'id', title: 'Id', value: (job) => job.jid, render: (job) => <code class="muted">{job.jid}</code> },
];

function tasksOf(job: JobSummary) {
  const { total: _, ...counts } = job.tasks;
  return counts;
}

export function JobTable(props: {
  id: string;
  title: string;
  jobs: JobSummary[];
  empty: preact.ComponentChildren;
  filter?: boolean;
}) {
  return (
    <section class="panel">
      <Table
        id={props.id}
        label={props.title}
        title={props.title}
        rows={props.jobs}
        columns={COLUMNS}
        rowKey={(job) => job.jid}
        to={(job) => `/jobs/${job.jid}`}
        sort={{ key: 'start', down: true }}
        empty={props.empty}
        {...(props.filter === undefined ? {} : { filter: props.filter })}
      />
    </section>
  );
}

export const NoJobs = () =>
  useHistory() ? (
    <Empty icon="jobs">
      <strong>No job is archived yet</strong>
      <p>
        A JobManager writes one here when it ends, if its <code>jobmanager.archive.fs.dir</code> is this server's
        folder.
      </p>
    </Empty>
  ) : (
    <Empty icon="jobs">
      <strong>No job runs</strong>
      <p>Start one:</p>
      <code>weir run ./word_count</code>
    </Empty>
  );

const KINDS: [string, string, (job: JobSummary) => boolean][] = [
  ['all', 'All', () => true],
  ['running', 'Running', (job) => !hasEnded(job.state)],
  ['completed', 'Completed', (job) => hasEnded(job.state)],
  ['finished', 'Finished', (job) => job.state === 'FINISHED'],
  ['failed', 'Failed', (job) => job.state === 'FAILED'],
  ['canceled', 'Canceled', (job) => job.state === 'CANCELED'],
];

export function JobsPage() {
  const jobs = usePoll<{ jobs: JobSummary[] }>('/jobs/overview');
  const chosen = usePlace().query.get('show') ?? 'all';
  const history = useHistory();
  const kinds = history ? KINDS.filter(([id]) => id !== 'running' && id !== 'completed') : KINDS;
  const kind = kinds.find(([id]) => id === chosen) ?? kinds[0]!;
  return (
    <>
      <div class="page-head">
        <h1>Jobs</h1>
        <fieldset class="chips" aria-label="Which jobs" style={{ border: 0, padding: 0, margin: 0 }}>
          {kinds.map(([id, title, holds]) => (
            <button
              key={id}
              type="button"
              class="chip"
              aria-pressed={id === kind[0]}
              onClick={() => go(withQuery({ show: id === 'all' ? null : id }))}
            >
              {title} <span class="num">{jobs.data?.jobs.filter(holds).length ?? ''}</span>
            </button>
          ))}
        </fieldset>
      </div>
      <Loaded from={jobs}>
        {(data) => (
          <JobTable
            id="jobs"
            title={kind[0] === 'all' ? 'All jobs' : `${kind[1]} jobs`}
            jobs={data.jobs.filter(kind[2])}
            filter
            empty={data.jobs.length === 0 ? <NoJobs /> : <Empty icon="jobs">No job is {kind[1].toLowerCase()}.</Empty>}
          />
        )}
      </Loaded>
    </>
  );
}
