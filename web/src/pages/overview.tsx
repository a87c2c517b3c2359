// The cluster at a glance.

import { useHistory, usePoll } from '../api/poll';
import type { ClusterOverview, JobSummary } from '../api/types';
import { Empty, Loaded, Meter } from '../components/basics';
import { plural } from '../format';
import { Link } from '../router';
import { hasEnded } from '../states';
import { JobTable, NoJobs } from './jobs';

export function OverviewPage() {
  const overview = usePoll<ClusterOverview>('/overview');
  const jobs = usePoll<{ jobs: JobSummary[] }>('/jobs/overview');
  const history = useHistory();
  return (
    <>
      <div class="page-head">
        <h1>Overview</h1>
      </div>
      <Loaded from={overview} lines={3}>
        {(data) => (
          <div class="cards">
            {!history && <ClusterCards cluster={data} />}
            <EndedCards cluster={data} />
          </div>
        )}
      </Loaded>
      <Loaded from={jobs}>
        {({ jobs: all }) => (
          <>
            {!history && (
              <JobTable
                id="running"
                title="Running jobs"
                jobs={all.filter((job) => !hasEnded(job.state))}
                empty={<NoJobs />}
              />
            )}
            <JobTable
              id="completed"
              title="Completed jobs"
              jobs={all.filter((job) => hasEnded(job.state))}
              empty={<Empty>No job has ended yet.</Empty>}
            />
          </>
        )}
      </Loaded>
    </>
  );
}

function ClusterCards({ cluster }: { cluster: ClusterOverview }) {
  const used = cluster['slots-total'] - cluster['slots-available'];
  const share = cluster['slots-total'] === 0 ? 0 : used / cluster['slots-total'];
  return (
    <>
      <div class="panel card">
        <span class="label">Available task slots</span>
        <span class="value">
          {cluster['slots-available']} <small>of {cluster['slots-total']}</small>
        </span>
        <Meter share={share} label="Slots in use" tone={share >= 1 ? 'warn' : 'accent'} />
        <span class="note">
          {cluster['slots-total'] === 0
            ? 'No TaskManager has joined: taskmanager.sh start'
            : `${plural(used, 'slot')} in use`}
        </span>
      </div>
      <Card label="Task managers" value={cluster.taskmanagers} to="/task-managers" note={blockedNote(cluster)} />
      <Card label="Running jobs" value={cluster['jobs-running']} to="/jobs?show=running" note="now" />
    </>
  );
}

function EndedCards({ cluster }: { cluster: ClusterOverview }) {
  return (
    <>
      <Card
        label="Finished"
        value={cluster['jobs-finished']}
        to="/jobs?show=finished"
        note={`${cluster['jobs-cancelled']} canceled`}
      />
      <Card
        label="Failed"
        value={cluster['jobs-failed']}
        to="/jobs?show=failed"
        note={cluster['jobs-failed'] > 0 ? 'see why' : 'none'}
        bad={cluster['jobs-failed'] > 0}
      />
    </>
  );
}

const blockedNote = (cluster: ClusterOverview) => {
  const blocked = cluster['taskmanagers-blocked'] ?? 0;
  return blocked > 0 ? `${blocked} blocked` : 'all reachable';
};

function Card(props: { label: string; value: number; to: string; note: string; bad?: boolean }) {
  return (
    <div class="panel card">
      <span class="label">{props.label}</span>
      <span class="value" style={props.bad ? { color: 'var(--bad)' } : {}}>
        {props.value}
      </span>
      <span class="note">
        <Link to={props.to}>
          {props.note}
          <span class="visually-hidden">: {props.label}</span>
        </Link>
      </span>
    </div>
  );
}
