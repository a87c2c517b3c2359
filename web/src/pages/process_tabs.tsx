// What a JobManager and a TaskManager both have: metrics, logs, output, files, stacks.

import { useMemo, useState } from 'preact/hooks';
import { request } from '../api/client';
import { usePoll, usePollOf } from '../api/poll';
import type { LogFile, Metric, ThreadDump } from '../api/types';
import { Bytes, Empty, Loaded, Panel } from '../components/basics';
import { timeColumn } from '../components/columns';
import { Icon } from '../components/icons';
import { LogViewer } from '../components/log_viewer';
import { formatOf, MetricChart, type Sample, useHistory } from '../components/metric_chart';
import { type Column, Table } from '../components/table';
import * as format from '../format';
import { Link } from '../router';

export interface ProcessProps {
  // Of the REST API: "/jobmanager", "/taskmanagers/<id>".
  api: string;
  // Of the page.
  page: string;
}

const NO_LOG = 'This file is not available.';

export const LogPanel = ({ api }: ProcessProps) => <LogViewer path={`${api}/log`} name="Log" absent={NO_LOG} />;
export const StdoutPanel = ({ api }: ProcessProps) => (
  <LogViewer path={`${api}/stdout`} name="Standard output" absent={NO_LOG} />
);

export function LogFilesPanel({ api, page, file }: ProcessProps & { file: string | undefined }) {
  if (file !== undefined) {
    return (
      <>
        <Link to={`${page}/log-files`}>← All files</Link>
        <LogViewer path={`${api}/logs/${encodeURIComponent(file)}`} name={file} absent={NO_LOG} />
      </>
    );
  }
  return <LogList api={api} page={page} />;
}

function LogList({ api, page }: ProcessProps) {
  const files = usePoll<{ logs: LogFile[] }>(`${api}/logs`);
  const columns: Column<LogFile>[] = [
    {
      key: 'name',
      title: 'Name',
      value: (row) => row.name,
      render: (row) => <Link to={`${page}/log-files/${encodeURIComponent(row.name)}`}>{row.name}</Link>,
    },
    timeColumn('time', 'Last modified', (row) => row.mtime),
    { key: 'size', title: 'Size', right: true, value: (row) => row.size, render: (row) => <Bytes value={row.size} /> },
  ];
  return (
    <section class="panel">
      <Loaded from={files} absent="The list of log files is not available.">
        {({ logs }) => (
          <Table
            id="log-files"
            label="Log files"
            title="Log files"
            rows={logs}
            columns={columns}
            rowKey={(row) => row.name}
            to={(row) => `${page}/log-files/${encodeURIComponent(row.name)}`}
            sort={{ key: 'time', down: true }}
            empty={<Empty>There are no log files: a job that runs embedded writes to the terminal.</Empty>}
          />
        )}
      </Loaded>
    </section>
  );
}

export function StacksPanel({ api }: ProcessProps) {
  const [text, setText] = useState('');
  const dump = usePoll<ThreadDump>(`${api}/thread-dump`, { once: true });
  return (
    <Panel
      title="Threads"
      padded={false}
      tools={
        <div class="table-tools">
          <input
            class="input small"
            type="search"
            placeholder="Search"
            aria-label="Search threads"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button type="button" class="button small" onClick={dump.refresh}>
            <Icon name="refresh" size={14} /> Again
          </button>
        </div>
      }
    >
      <Loaded from={dump} absent="The threads of this process are not available.">
        {({ threadInfos }) => {
          const shown = threadInfos.filter((thread) =>
            thread.stringifiedThreadInfo.toLowerCase().includes(text.toLowerCase()),
          );
          if (shown.length === 0) return <Empty>No thread matches.</Empty>;
          return (
            <div class="threads">
              {shown.map((thread) => (
                <Thread key={thread.stringifiedThreadInfo} thread={thread} open={shown.length <= MOST_OPEN} />
              ))}
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}

// Of more stacks nobody reads all; a search makes them few.
const MOST_OPEN = 200;

// What it is, as the head of its text says: `"weir-io" Id=7 WAITING (JobManager, process 3)`; below that, where it is.
function Thread({ thread, open }: { thread: ThreadDump['threadInfos'][number]; open: boolean }) {
  const [head = '', ...frames] = thread.stringifiedThreadInfo.trim().split('\n');
  return (
    <details open={open}>
      <summary>
        {thread.threadName}
        <span class="muted thread-is">{head.slice(thread.threadName.length + 2)}</span>
      </summary>
      <pre>{frames.map((frame) => frame.trim()).join('\n')}</pre>
    </details>
  );
}

// A process with thousands of metrics of its jobs answers for those that are its own.
const MOST_METRICS = 150;
const CHARTED = [
  /Process\.Memory\.Resident$/,
  /CPU\.Load$/,
  /CPU\.Time$/,
  /Threads\.Count$/,
  /FileDescriptors?\.(Open|Count)$/,
  /Network\.(Used|.*Usage)/,
];

async function readAll(api: string, signal: AbortSignal): Promise<Sample> {
  const list = await request<Metric[]>(`${api}/metrics`, { signal });
  const names = list.map((metric) => metric.id).slice(0, MOST_METRICS);
  if (names.length === 0) return { at: Date.now(), values: new Map() };
  const values = await request<Metric[]>(`${api}/metrics?get=${encodeURIComponent(names.join(','))}`, { signal });
  return { at: Date.now(), values: new Map(values.map((metric) => [metric.id, { value: Number(metric.value) }])) };
}

// A time that is counted up, as the share of a core in use since the last sample.
export function cpuCores(history: Sample[], name: string): Sample[] {
  return history.slice(1).map((sample, i) => {
    const before = history[i]!;
    const used = (sample.values.get(name)?.value ?? 0) - (before.values.get(name)?.value ?? 0);
    const passed = (sample.at - before.at) * 1e6;
    return {
      at: sample.at,
      values: new Map([['CPU cores in use', { value: passed > 0 ? Math.max(used / passed, 0) : 0 }]]),
    };
  });
}

export function ProcessMetrics({ api }: { api: string }) {
  const sample = usePollOf<Sample>(`metrics of ${api}`, (signal) => readAll(api, signal));
  const history = useHistory(sample.data);
  const names = useMemo(() => [...(sample.data?.values.keys() ?? [])], [sample.data]);
  const charted = CHARTED.flatMap((pattern) => names.filter((name) => pattern.test(name)).slice(0, 1));
  return (
    <Loaded from={sample}>
      {(data) => (
        <>
          <div class="charts">
            {charted.map((name) =>
              name.endsWith('CPU.Time') ? (
                <MetricChart key={name} name="CPU cores in use" history={cpuCores(history, name)} lines={['value']} />
              ) : (
                <MetricChart key={name} name={name} history={history} lines={['value']} />
              ),
            )}
          </div>
          <section class="panel">
            <Table
              id="process-metrics"
              label="All metrics"
              title="All metrics"
              rows={[...data.values].map(([name, value]) => ({ name, value: value.value ?? Number.NaN }))}
              rowKey={(row) => row.name}
              empty={<Empty>No metric has arrived yet.</Empty>}
              columns={[
                { key: 'name', title: 'Metric', value: (row) => row.name },
                {
                  key: 'value',
                  title: 'Value',
                  right: true,
                  value: (row) => row.value,
                  render: (row) => <span title={format.exact(row.value)}>{formatOf(row.name)(row.value)}</span>,
                },
              ]}
            />
          </section>
        </>
      )}
    </Loaded>
  );
}
