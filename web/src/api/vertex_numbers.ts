// How hard the vertices of a job work: from metrics where the cluster has them, else from what the job's own answer counts.

import { useRef } from 'preact/hooks';
import { request } from './client';
import { usePollOf } from './poll';
import type { AggregatedMetric, BackPressure, JobDetail, JobVertex, Metric } from './types';

export interface VertexNumbers {
  // Shares of 0 to 1, of the subtask that has most.
  busy?: number | undefined;
  backPressured?: number | undefined;
  // Percent.
  skew?: number | undefined;
  lowWatermark?: number | undefined;
  // Records a second, all subtasks together.
  inRate?: number | undefined;
  outRate?: number | undefined;
}

const NAMES = [
  'busyTimeMsPerSecond',
  'backPressuredTimeMsPerSecond',
  'numRecordsIn',
  'numRecordsInPerSecond',
  'numRecordsOutPerSecond',
].join();

const known = (value: number | undefined) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
const share = (perSecond: number | undefined) => (perSecond === undefined ? undefined : Math.min(perSecond / 1000, 1));

export function fromMetrics(metrics: AggregatedMetric[]): VertexNumbers {
  const byName = new Map(metrics.map((metric) => [metric.id, metric]));
  return {
    busy: share(known(byName.get('busyTimeMsPerSecond')?.max)),
    backPressured: share(known(byName.get('backPressuredTimeMsPerSecond')?.max)),
    skew: known(byName.get('numRecordsIn')?.skew),
    inRate: known(byName.get('numRecordsInPerSecond')?.sum),
    outRate: known(byName.get('numRecordsOutPerSecond')?.sum),
  };
}

export function fromBackPressure(answer: BackPressure): VertexNumbers {
  const subtasks = answer.subtasks ?? [];
  if (subtasks.length === 0) return {};
  return {
    busy: Math.max(...subtasks.map((subtask) => subtask.busyRatio ?? 0)),
    backPressured: Math.max(...subtasks.map((subtask) => subtask.ratio)),
  };
}

// The lowest watermark of the subtasks; undefined: none has come.
export function lowest(watermarks: Metric[]): number | undefined {
  const values = watermarks.map((metric) => Number(metric.value)).filter((value) => Number.isFinite(value));
  return values.length === 0 ? undefined : Math.min(...values);
}

export interface Counted {
  at: number;
  records: Map<string, { in: number; out: number }>;
}

export const countedIn = (job: JobDetail): Counted => ({
  at: job.now,
  records: new Map(
    job.vertices.map((vertex) => [
      vertex.id,
      { in: vertex.metrics['read-records'], out: vertex.metrics['write-records'] },
    ]),
  ),
});

// Records a second between two answers. A restart counts anew: then there is no rate.
export function rates(before: Counted, now: Counted): Map<string, { inRate: number; outRate: number }> {
  const seconds = (now.at - before.at) / 1000;
  const found = new Map<string, { inRate: number; outRate: number }>();
  if (seconds <= 0) return found;
  for (const [id, records] of now.records) {
    const earlier = before.records.get(id);
    if (earlier === undefined || records.in < earlier.in || records.out < earlier.out) continue;
    found.set(id, { inRate: (records.in - earlier.in) / seconds, outRate: (records.out - earlier.out) / seconds });
  }
  return found;
}

async function numbersOf(job: string, vertex: JobVertex, signal: AbortSignal): Promise<VertexNumbers> {
  const path = `/jobs/${job}/vertices/${vertex.id}`;
  const [metrics, watermarks] = await Promise.all([
    request<AggregatedMetric[]>(`${path}/subtasks/metrics?get=${NAMES}&agg=max,sum,skew`, { signal }).catch(() => []),
    request<Metric[]>(`${path}/watermarks`, { signal }).catch(() => []),
  ]);
  const numbers = { ...fromMetrics(metrics), lowWatermark: lowest(watermarks) };
  if (numbers.busy !== undefined) return numbers;
  const measured = await request<BackPressure>(`${path}/backpressure`, { signal }).catch(() => undefined);
  return measured === undefined ? numbers : { ...numbers, ...fromBackPressure(measured) };
}

// The numbers of all vertices, asked for again and again while the job runs.
export function useVertexNumbers(job: JobDetail, live: boolean): Map<string, VertexNumbers> {
  const polled = usePollOf(live ? `numbers of ${job.jid}` : null, async (signal) => {
    const all = await Promise.all(job.vertices.map((vertex) => numbersOf(job.jid, vertex, signal)));
    return new Map(job.vertices.map((vertex, i) => [vertex.id, all[i]!]));
  });
  const passing = useRates(job);
  const merged = new Map<string, VertexNumbers>();
  if (!live) return merged;
  for (const vertex of job.vertices) {
    const measured = polled.data?.get(vertex.id);
    const counted = passing.get(vertex.id);
    merged.set(vertex.id, {
      ...measured,
      inRate: measured?.inRate ?? counted?.inRate,
      outRate: measured?.outRate ?? counted?.outRate,
    });
  }
  return merged;
}

// Workers report every few seconds: until new counts come the rates stay, but not for ever.
const STALE_MS = 15_000;

export interface Rates {
  last: Counted;
  rates: ReturnType<typeof rates>;
}

export function nextRates(before: Rates | undefined, now: Counted): Rates {
  if (before === undefined) return { last: now, rates: new Map() };
  const same = [...now.records].every(([id, records]) => {
    const earlier = before.last.records.get(id);
    return earlier !== undefined && earlier.in === records.in && earlier.out === records.out;
  });
  if (same && now.at - before.last.at < STALE_MS) return before;
  return { last: now, rates: rates(before.last, now) };
}

function useRates(job: JobDetail) {
  const state = useRef<Rates>(undefined);
  const now = countedIn(job);
  if (state.current === undefined || now.at > state.current.last.at) state.current = nextRates(state.current, now);
  return state.current.rates;
}
