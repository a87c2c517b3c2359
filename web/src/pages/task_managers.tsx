// The machines that work.

import { usePoll } from '../api/poll';
import type { JobSummary, TaskManager } from '../api/types';
import { Ago, Bytes, Empty, Facts, Loaded, Meter, Panel } from '../components/basics';
import { bytesColumn } from '../components/columns';
import { type Column, Table } from '../components/table';
import { Tabs } from '../components/tabs';
import * as format from '../format';
import { Link } from '../router';
import { LogFilesPanel, LogPanel, ProcessMetrics, StacksPanel, StdoutPanel } from './process_tabs';

const addressOf = (id: string) => `/task-managers/${encodeURIComponent(id)}`;

// Connections whose end is seen at once need no heartbeat: their last sign of life is now.
const Heartbeat = ({ at }: { at: number }) => (Date.now() - at < 10_000 ? <span>connected</span> : <Ago at={at} />);

const COLUMNS: Column<TaskManager>[] = [
  {
    key: 'id',
    title: 'Path, id',
    value: (row) => row.id,
    render: (row) => <Link to={addressOf(row.id)}>{row.path === row.id ? row.id : `${row.path} (${row.id})`}</Link>,
  },
  { key: 'port', title: 'Data port', right: true, value: (row) => row.dataPort },
  {
    key: 'heartbeat',
    title: 'Last heartbeat',
    right: true,
    value: (row) => row.timeSinceLastHeartbeat,
    render: (row) => <Heartbeat at={row.timeSinceLastHeartbeat} />,
  },
  { key: 'slots', title: 'All slots', right: true, value: (row) => row.slotsNumber },
  {
    key: 'free',
    title: 'Free slots',
    right: true,
    value: (row) => row.freeSlots,
    render: (row) => (
      <>
        {row.freeSlots}
        <Meter share={1 - row.freeSlots / Math.max(row.slotsNumber, 1)} label="Slots in use" />
      </>
    ),
  },
  {
    key: 'tasks',
    title: 'Assigned tasks',
    right: true,
    value: (row) => row.assignedTasks || undefined,
    render: (row) => format.exact(row.assignedTasks || undefined) || format.NONE,
  },
  { key: 'cores', title: 'CPU cores', right: true, value: (row) => row.hardware.cpuCores },
  bytesColumn('physical', 'Physical memory', (row) => row.hardware.physicalMemory),
  bytesColumn('managed', 'Memory budget', (row) => row.hardware.managedMemory || undefined),
];

export function TaskManagersPage() {
  const answer = usePoll<{ taskmanagers: TaskManager[] }>('/taskmanagers');
  return (
    <>
      <div class="page-head">
        <h1>Task managers</h1>
      </div>
      <section class="panel">
        <Loaded from={answer}>
          {({ taskmanagers }) => (
            <Table
              id="task-managers"
              label="Task managers"
              title="Task managers"
              rows={taskmanagers}
              columns={COLUMNS}
              rowKey={(row) => row.id}
              to={(row) => addressOf(row.id)}
              empty={
                <Empty icon="nodes">
                  <strong>No TaskManager has joined</strong>
                  <p>Start one:</p>
                  <code>bin/taskmanager.sh start</code>
                </Empty>
              }
            />
          )}
        </Loaded>
      </section>
    </>
  );
}

const TABS: [string, string][] = [
  ['metrics', 'Metrics'],
  ['logs', 'Log'],
  ['stdout', 'Stdout'],
  ['log-files', 'Log list'],
  ['stacks', 'Stacks'],
];

export function TaskManagerPage({ id, tab, file }: { id: string; tab: string; file: string | undefined }) {
  const api = `/taskmanagers/${encodeURIComponent(id)}`;
  const answer = usePoll<TaskManager>(api);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Task manager {id}</h1>
          <div class="under">
            {answer.data && (
              <>
                <span>{format.plural(answer.data.slotsNumber, 'slot')}</span>
                <span>{answer.data.freeSlots} free</span>
                <span>{format.plural(answer.data.hardware.cpuCores, 'core')}</span>
                <Link to="/task-managers">All task managers</Link>
              </>
            )}
          </div>
        </div>
      </div>
      <Tabs
        label="About the TaskManager"
        chosen={tab}
        tabs={TABS.map(([one, title]) => ({ id: one, title, to: `${addressOf(id)}/${one}` }))}
      />
      <Loaded from={answer} absent="This TaskManager is not connected.">
        {(data) => <TabContent taskManager={data} api={api} tab={tab} file={file} />}
      </Loaded>
    </>
  );
}

function TabContent({
  taskManager,
  api,
  tab,
  file,
}: {
  taskManager: TaskManager;
  api: string;
  tab: string;
  file: string | undefined;
}) {
  const process = { api, page: addressOf(taskManager.id) };
  switch (tab) {
    case 'metrics':
      return (
        <>
          <Resources taskManager={taskManager} />
          <ProcessMetrics api={api} />
        </>
      );
    case 'logs':
      return <LogPanel {...process} />;
    case 'stdout':
      return <StdoutPanel {...process} />;
    case 'log-files':
      return <LogFilesPanel {...process} file={file} />;
    case 'stacks':
      return <StacksPanel {...process} />;
    default:
      return <Empty icon="search">A TaskManager has no page called {tab}.</Empty>;
  }
}

// "totalProcessMemory" -> "Total process memory"
export function memoryName(key: string): string {
  const words = key
    .replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/\bflink\b/, 'engine')
    .replace(/\bjvm\b/, 'JVM');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function Resources({ taskManager }: { taskManager: TaskManager }) {
  const jobs = usePoll<{ jobs: JobSummary[] }>('/jobs/overview').data?.jobs ?? [];
  const memory = Object.entries(taskManager.memoryConfiguration).filter(
    (entry): entry is [string, number] => (entry[1] ?? 0) > 0,
  );
  const total = Math.max(...memory.map(([, size]) => size), 1);
  const slots = taskManager.allocatedSlots ?? [];
  return (
    <div class="cards" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(min(340px, 100%), 1fr))' }}>
      <Panel title="Resources">
        <Facts
          facts={[
            ['Slots', `${taskManager.slotsNumber - taskManager.freeSlots} of ${taskManager.slotsNumber} in use`],
            ['Data port', taskManager.dataPort || format.NONE],
            ['Physical memory', format.bytes(taskManager.hardware.physicalMemory)],
            ['CPU cores', taskManager.hardware.cpuCores],
          ]}
        />
        <div style={{ display: 'grid', gap: '10px', marginTop: '16px' }}>
          {memory.map(([key, size]) => (
            <div key={key}>
              <div class="row spread" style={{ fontSize: '12px' }}>
                <span>{memoryName(key)}</span>
                <Bytes value={size} />
              </div>
              <Meter share={size / total} label={memoryName(key)} />
            </div>
          ))}
        </div>
      </Panel>
      <section class="panel">
        <Table
          id="slots"
          label="Slots in use"
          title="Slots in use"
          filter={false}
          rows={slots.map((slot, index) => ({
            ...slot,
            index,
            name: jobs.find((job) => job.jid === slot.jobId)?.name ?? slot.jobId,
          }))}
          rowKey={(row) => String(row.index)}
          to={(row) => `/jobs/${row.jobId}`}
          empty={<Empty icon="nodes">All slots are free.</Empty>}
          columns={[
            { key: 'index', title: 'Slot', value: (row) => row.index },
            {
              key: 'job',
              title: 'Job',
              value: (row) => row.name,
              render: (row) => <Link to={`/jobs/${row.jobId}`}>{row.name}</Link>,
            },
            {
              key: 'tasks',
              title: 'Tasks',
              right: true,
              value: (row) => row.assignedTasks || undefined,
              render: (row) => format.exact(row.assignedTasks || undefined) || format.NONE,
            },
            {
              key: 'memory',
              title: 'Memory',
              right: true,
              value: (row) => row.resource.managedMemory,
              render: (row) => <Bytes value={row.resource.managedMemory || undefined} />,
            },
          ]}
        />
      </section>
    </div>
  );
}
