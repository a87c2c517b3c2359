// What a job was started with.

import { usePoll } from '../../api/poll';
import type { ConfigEntry, JobConfig, JobDetail } from '../../api/types';
import { Empty, Facts, Loaded, Panel } from '../../components/basics';
import { type Column, Table } from '../../components/table';

export const ENTRY_COLUMNS: Column<ConfigEntry>[] = [
  { key: 'key', title: 'Key', value: (entry) => entry.key, render: (entry) => <code>{entry.key}</code> },
  {
    key: 'value',
    title: 'Value',
    value: (entry) => entry.value,
    render: (entry) => <code title={entry.value}>{entry.value}</code>,
  },
];

export function ConfigurationTab({ job }: { job: JobDetail }) {
  const config = usePoll<JobConfig>(`/jobs/${job.jid}/config`, { once: true });
  const cluster = usePoll<ConfigEntry[]>(`/jobs/${job.jid}/jobmanager/config`, { once: true });
  return (
    <>
      <Panel title="Execution">
        <Loaded from={config} lines={3}>
          {({ 'execution-config': execution }) => (
            <Facts
              facts={[
                ['Execution mode', execution['execution-mode'] ?? 'PIPELINED'],
                ['Restart strategy', execution['restart-strategy']],
                ['Parallelism', execution['job-parallelism']],
                ['Object reuse', execution['object-reuse-mode'] ? 'yes: records are handed over, never copied' : 'no'],
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <section class="panel">
        <Loaded from={config}>
          {({ 'execution-config': execution }) => (
            <EntryTable
              id="job-config"
              title="Set by the job"
              entries={Object.entries(execution['user-config']).map(([key, value]) => ({ key, value }))}
              empty="The job sets no configuration of its own."
            />
          )}
        </Loaded>
      </section>
      <section class="panel">
        <Loaded from={cluster}>
          {(entries) => (
            <EntryTable
              id="job-cluster-config"
              title="What holds for it, cluster and job together"
              entries={entries}
              empty="All is as it comes."
            />
          )}
        </Loaded>
      </section>
    </>
  );
}

export function EntryTable(props: { id: string; title: string; entries: ConfigEntry[]; empty: string }) {
  return (
    <Table
      id={props.id}
      label={props.title}
      title={props.title}
      rows={props.entries}
      columns={ENTRY_COLUMNS}
      rowKey={(entry) => entry.key}
      sort={{ key: 'key', down: false }}
      empty={<Empty>{props.empty}</Empty>}
    />
  );
}
