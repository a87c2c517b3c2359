// Which page an address shows.

import { useEffect } from 'preact/hooks';
import { request } from './api/client';
import { dashboardConfig, repeat } from './api/poll';
import type { DashboardConfig } from './api/types';
import { Empty } from './components/basics';
import { Frame } from './frame';
import { JobPage } from './pages/job/job_page';
import { JobManagerPage } from './pages/job_manager';
import { JobsPage } from './pages/jobs';
import { OverviewPage } from './pages/overview';
import { SubmitPage } from './pages/submit';
import { TaskManagerPage, TaskManagersPage } from './pages/task_managers';
import { HOME, Link, match, usePlace } from './router';

export function App() {
  useEffect(() => {
    const poll = repeat(async (signal) => {
      dashboardConfig.set(await request<DashboardConfig>('/config', { signal }));
    }, true);
    return poll.stop;
  }, []);
  return (
    <Frame>
      <Page />
    </Frame>
  );
}

function Page() {
  const { path } = usePlace();
  if (match('/overview', path)) return <OverviewPage />;
  if (match('/jobs', path)) return <JobsPage />;
  const job = match('/jobs/:id/:tab?/:sub?', path);
  if (job) return <JobPage key={job.id} id={job.id!} tab={job.tab ?? 'overview'} sub={job.sub} />;
  if (match('/task-managers', path)) return <TaskManagersPage />;
  const taskManager = match('/task-managers/:id/:tab?/:file?', path);
  if (taskManager) {
    return (
      <TaskManagerPage
        key={taskManager.id}
        id={taskManager.id!}
        tab={taskManager.tab ?? 'metrics'}
        file={taskManager.file}
      />
    );
  }
  const jobManager = match('/job-manager/:tab?/:file?', path);
  if (jobManager) return <JobManagerPage tab={jobManager.tab ?? 'metrics'} file={jobManager.file} />;
  if (match('/submit', path)) return <SubmitPage />;
  return (
    <Empty icon="search">
      <h1>There is no such page</h1>
      <p>
        Nothing is at <code>{path}</code>. <Link to={HOME}>To the overview</Link>
      </p>
    </Empty>
  );
}
