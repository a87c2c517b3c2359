// One job: what it is, what is wrong, what can be done, and its tabs.

import { useEffect } from 'preact/hooks';
import { useHistory, usePoll } from '../../api/poll';
import type { JobDetail, JobExceptions } from '../../api/types';
import { Duration, Empty, Loaded, StateBadge, Time } from '../../components/basics';
import { type Tab, Tabs } from '../../components/tabs';
import { Link } from '../../router';
import { hasEnded } from '../../states';
import { JobActions } from './actions';
import { CheckpointsTab } from './checkpoints';
import { ConfigurationTab } from './configuration';
import { DataSkewTab } from './data_skew';
import { ExceptionsTab } from './exceptions';
import { OverviewTab } from './overview';
import { TimelineTab } from './timeline';

const TABS: [string, string][] = [
  ['overview', 'Overview'],
  ['exceptions', 'Exceptions'],
  ['skew', 'Data skew'],
  ['timeline', 'Timeline'],
  ['checkpoints', 'Checkpoints'],
  ['configuration', 'Configuration'],
];

export function JobPage({ id, tab, sub }: { id: string; tab: string; sub: string | undefined }) {
  const job = usePoll<JobDetail>(`/jobs/${id}`);
  const name = job.data?.name;
  useEffect(() => {
    document.title = name ? `${name} – Weir` : 'Weir';
    return () => {
      document.title = 'Weir';
    };
  }, [name]);
  return (
    <Loaded
      from={job}
      absent={
        <>
          There is no job <code>{id}</code>. <Link to="/jobs">All jobs</Link>
        </>
      }
    >
      {(data) => <Job job={data} tab={tab} sub={sub} refresh={job.refresh} />}
    </Loaded>
  );
}

interface JobProps {
  job: JobDetail;
  tab: string;
  sub: string | undefined;
  refresh: () => void;
}

function Job({ job, tab, sub, refresh }: JobProps) {
  return (
    <>
      <Header job={job} refresh={refresh} />
      <JobTabs job={job} tab={tab} />
      <TabContent job={job} tab={tab} sub={sub} />
    </>
  );
}

function Header({ job, refresh }: { job: JobDetail; refresh: () => void }) {
  const history = useHistory();
  return (
    <header class="page-head">
      <div>
        <div class="row">
          <h1>{job.name}</h1>
          <StateBadge state={job.state} />
        </div>
        <div class="under">
          <code title="Job id">{job.jid}</code>
          <span>
            {(job['job-type'] ?? 'STREAMING').toLowerCase()} since <Time value={job['start-time']} />
          </span>
          {job['end-time'] > 0 && (
            <span>
              until <Time value={job['end-time']} />
            </span>
          )}
          <span>
            for <Duration start={job['start-time']} end={job['end-time']} value={job.duration} />
          </span>
          {!history && <Link to="/job-manager/logs">JobManager log</Link>}
        </div>
      </div>
      {!hasEnded(job.state) && <JobActions job={job} refresh={refresh} />}
    </header>
  );
}

function JobTabs({ job, tab }: { job: JobDetail; tab: string }) {
  const failures = usePoll<JobExceptions>(`/jobs/${job.jid}/exceptions?maxExceptions=10`).data;
  const number = failures?.exceptionHistory.entries.length ?? 0;
  const history = useHistory();
  // An archive holds no metrics, of which skew is made.
  const tabs: Tab[] = TABS.filter(([id]) => !history || id !== 'skew').map(([id, title]) => ({
    id,
    title,
    to: id === 'overview' ? `/jobs/${job.jid}` : `/jobs/${job.jid}/${id}`,
    note: id === 'exceptions' && number > 0 ? <span class="badge plain bad">{number}</span> : undefined,
  }));
  return <Tabs tabs={tabs} chosen={tab} label="About the job" />;
}

function TabContent({ job, tab, sub }: { job: JobDetail; tab: string; sub: string | undefined }) {
  switch (tab) {
    case 'overview':
      return <OverviewTab job={job} />;
    case 'exceptions':
      return <ExceptionsTab job={job} />;
    case 'skew':
      return <DataSkewTab job={job} />;
    case 'timeline':
      return <TimelineTab job={job} />;
    case 'checkpoints':
      return <CheckpointsTab job={job} sub={sub ?? 'overview'} />;
    case 'configuration':
      return <ConfigurationTab job={job} />;
    default:
      return <Empty icon="search">A job has no page called {tab}.</Empty>;
  }
}
