// One box that finds jobs, operators, machines and pages.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { request } from './api/client';
import { dashboardConfig } from './api/poll';
import type { JobDetail, JobSummary, TaskManager } from './api/types';
import { Dialog } from './components/dialog';
import { go, match, place } from './router';
import { wordOf } from './states';

export interface Target {
  kind: string;
  title: string;
  note?: string;
  to: string;
}

const PAGES: Target[] = [
  { kind: 'page', title: 'Overview', to: '/overview' },
  { kind: 'page', title: 'Jobs', to: '/jobs' },
  { kind: 'page', title: 'Failed jobs', to: '/jobs?show=failed' },
];
// Those of a cluster, which a history server is not.
const CLUSTER_PAGES: Target[] = [
  { kind: 'page', title: 'Running jobs', to: '/jobs?show=running' },
  { kind: 'page', title: 'Task managers', to: '/task-managers' },
  { kind: 'page', title: 'Job manager', to: '/job-manager' },
  { kind: 'page', title: 'Configuration of the cluster', to: '/job-manager/configuration' },
  { kind: 'page', title: 'Log of the JobManager', to: '/job-manager/logs' },
  { kind: 'page', title: 'Submit a job', to: '/submit' },
];

// Those in which every word occurs, the ones that begin with the text first.
export function find(targets: Target[], text: string, most = 30): Target[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = targets.filter((target) => {
    const all = `${target.title} ${target.note ?? ''} ${target.kind}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const first = words[0] ?? '';
  const rank = (target: Target) => (target.title.toLowerCase().startsWith(first) ? 0 : 1);
  return hits.sort((a, b) => rank(a) - rank(b)).slice(0, most);
}

const isHistory = () => dashboardConfig.get()?.features['web-history'] === true;
const pages = () => (isHistory() ? PAGES : [...PAGES, ...CLUSTER_PAGES]);

async function machinesThere(): Promise<TaskManager[]> {
  if (isHistory()) return [];
  const answer = request<{ taskmanagers: TaskManager[] }>('/taskmanagers').catch(() => ({ taskmanagers: [] }));
  return (await answer).taskmanagers;
}

async function gather(): Promise<Target[]> {
  const inJob = match('/jobs/:id/:tab?/:sub?', place.get().path);
  const [jobs, machines, job] = await Promise.all([
    request<{ jobs: JobSummary[] }>('/jobs/overview').catch(() => ({ jobs: [] })),
    machinesThere(),
    inJob ? request<JobDetail>(`/jobs/${inJob.id}`).catch(() => undefined) : undefined,
  ]);
  return [
    ...(job?.vertices ?? []).map((vertex) => ({
      kind: 'operator',
      title: vertex.name,
      note: job?.name ?? '',
      to: `/jobs/${inJob?.id}?vertex=${vertex.id}`,
    })),
    ...jobs.jobs.map((one) => ({
      kind: `job, ${wordOf(one.state)}`,
      title: one.name,
      note: one.jid,
      to: `/jobs/${one.jid}`,
    })),
    ...machines.map((one) => ({
      kind: 'task manager',
      title: one.id,
      to: `/task-managers/${encodeURIComponent(one.id)}`,
    })),
    ...pages(),
  ];
}

export function Search({ onClose }: { onClose: () => void }) {
  const [targets, setTargets] = useState<Target[]>(pages);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    gather().then(setTargets);
  }, []);
  const found = useMemo(() => find(targets, text), [targets, text]);
  const open = (target: Target | undefined) => {
    if (!target) return;
    onClose();
    go(target.to);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((now) => (now + step + found.length) % Math.max(found.length, 1));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      open(found[at]);
    }
  };
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView?.({ block: 'nearest' });
  }, [at]);
  return (
    <Dialog title="Search" class="palette" hideTitle onClose={onClose}>
      <input
        class="palette-input"
        type="text"
        role="combobox"
        aria-label="Search"
        aria-expanded="true"
        aria-controls="search-results"
        aria-activedescendant={found[at] ? `search-${at}` : undefined}
        placeholder="Jobs, operators, machines, pages"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div id="search-results" class="results" role="listbox" aria-label="Results" ref={list}>
        {found.map((target, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys act on the input, as in every combobox
          <div
            key={`${target.kind} ${target.to}`}
            id={`search-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === at}
            onClick={() => open(target)}
            onMouseMove={() => setAt(i)}
          >
            <span class="clip">{target.title}</span>
            {target.note && <code class="muted clip">{target.note.slice(0, 12)}</code>}
            <span class="kind">{target.kind}</span>
          </div>
        ))}
        {found.length === 0 && <p class="muted">Nothing is called that.</p>}
      </div>
    </Dialog>
  );
}
