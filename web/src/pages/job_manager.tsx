// The process that schedules.

import { usePoll } from '../api/poll';
import type { ConfigEntry, Environment } from '../api/types';
import { Empty, Facts, Loaded, Panel } from '../components/basics';
import { Tabs } from '../components/tabs';
import { EntryTable } from './job/configuration';
import { LogFilesPanel, LogPanel, ProcessMetrics, StacksPanel, StdoutPanel } from './process_tabs';

const TABS: [string, string][] = [
  ['metrics', 'Metrics'],
  ['configuration', 'Configuration'],
  ['logs', 'Log'],
  ['stdout', 'Stdout'],
  ['log-files', 'Log list'],
  ['stacks', 'Stacks'],
];

export function JobManagerPage({ tab, file }: { tab: string; file: string | undefined }) {
  return (
    <>
      <div class="page-head">
        <h1>Job manager</h1>
      </div>
      <Tabs
        label="About the JobManager"
        chosen={tab}
        tabs={TABS.map(([id, title]) => ({ id, title, to: `/job-manager/${id}` }))}
      />
      <TabContent tab={tab} file={file} />
    </>
  );
}

function TabContent({ tab, file }: { tab: string; file: string | undefined }) {
  const process = { api: '/jobmanager', page: '/job-manager' };
  switch (tab) {
    case 'metrics':
      return <ProcessMetrics api="/jobmanager" />;
    case 'configuration':
      return <Configuration />;
    case 'logs':
      return <LogPanel {...process} />;
    case 'stdout':
      return <StdoutPanel {...process} />;
    case 'log-files':
      return <LogFilesPanel {...process} file={file} />;
    case 'stacks':
      return <StacksPanel {...process} />;
    default:
      return <Empty icon="search">The JobManager has no page called {tab}.</Empty>;
  }
}

function Configuration() {
  const entries = usePoll<ConfigEntry[]>('/jobmanager/config', { once: true });
  const environment = usePoll<Environment>('/jobmanager/environment', { once: true });
  return (
    <>
      <Panel title="Environment">
        <Loaded from={environment} lines={2}>
          {(data) => (
            <Facts
              facts={[
                ['Version', data.jvm.version],
                ['Processor', data.jvm.arch],
                [
                  'Options',
                  data.jvm.options.length === 0 ? 'none' : <code key="options">{data.jvm.options.join(' ')}</code>,
                ],
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <section class="panel">
        <Loaded from={entries}>
          {(list) => (
            <EntryTable
              id="cluster-config"
              title="Configuration"
              entries={list}
              empty="Nothing is set: all is as it comes."
            />
          )}
        </Loaded>
      </section>
    </>
  );
}
