// Any metrics of a vertex as live charts.

import { useMemo, useState } from 'preact/hooks';
import { request } from '../../api/client';
import { usePoll, usePollOf } from '../../api/poll';
import type { AggregatedMetric, Metric } from '../../api/types';
import { Empty, Loaded } from '../../components/basics';
import { MetricChart, type Sample, useHistory } from '../../components/metric_chart';
import { hasEnded } from '../../states';
import { useRemembered } from '../../store';
import type { VertexProps } from './drawer';

// "3.Map.numRecordsIn" -> subtask 3, name "Map.numRecordsIn"
export function splitId(id: string): { subtask: string; name: string } {
  const dot = id.indexOf('.');
  return dot > 0 && /^\d+$/.test(id.slice(0, dot))
    ? { subtask: id.slice(0, dot), name: id.slice(dot + 1) }
    : { subtask: '', name: id };
}

export const namesOf = (metrics: Metric[]) => [...new Set(metrics.map((metric) => splitId(metric.id).name))].sort();

const AGGREGATES = ['sum', 'avg', 'min', 'max'] as const;
const FIRST = [
  'numRecordsInPerSecond',
  'numRecordsOutPerSecond',
  'busyTimeMsPerSecond',
  'backPressuredTimeMsPerSecond',
  'numRecordsIn',
  'numRecordsOut',
];

export function MetricsPanel({ job, vertex }: VertexProps) {
  const path = `/jobs/${job.jid}/vertices/${vertex.id}`;
  const list = usePoll<Metric[]>(`${path}/metrics`, { once: true });
  if (hasEnded(job.state)) return <Empty>Metrics are live: they end with the job.</Empty>;
  return (
    <Loaded from={list}>
      {(metrics) =>
        metrics.length === 0 ? (
          <Empty>No metric has arrived yet.</Empty>
        ) : (
          <Chosen path={path} vertexName={vertex.name} names={namesOf(metrics)} parallelism={vertex.parallelism} />
        )
      }
    </Loaded>
  );
}

interface ChosenProps {
  path: string;
  vertexName: string;
  names: string[];
  parallelism: number;
}

function Chosen({ path, vertexName, names, parallelism }: ChosenProps) {
  const usual = FIRST.filter((name) => names.includes(name)).slice(0, 4);
  const [wanted, setWanted] = useRemembered<string[]>(`metrics.${vertexName}`, usual);
  const [subtask, setSubtask] = useState('all');
  const chosen = wanted.filter((name) => names.includes(name));
  return (
    <div class="padded">
      <div class="row">
        <MetricPicker
          names={names.filter((name) => !chosen.includes(name))}
          onPick={(name) => setWanted([...chosen, name])}
        />
        <select
          class="input"
          style={{ width: '190px' }}
          aria-label="Of which subtask"
          value={subtask}
          onChange={(event) => setSubtask(event.currentTarget.value)}
        >
          <option value="all">all subtasks together</option>
          {Array.from({ length: Math.min(parallelism, 1000) }, (_, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the index is the subtask
            <option key={i} value={String(i)}>
              subtask {i}
            </option>
          ))}
        </select>
      </div>
      {chosen.length === 0 ? (
        <Empty>Add a metric to see it live.</Empty>
      ) : (
        <Charts
          key={subtask}
          path={path}
          names={chosen}
          subtask={subtask}
          onRemove={(name) => setWanted(chosen.filter((other) => other !== name))}
        />
      )}
    </div>
  );
}

export function MetricPicker({ names, onPick }: { names: string[]; onPick: (name: string) => void }) {
  const [text, setText] = useState('');
  const pick = (value: string) => {
    setText(value);
    if (!names.includes(value)) return;
    onPick(value);
    setText('');
  };
  return (
    <>
      <input
        class="input"
        style={{ flex: 1, minWidth: '200px' }}
        list="metric-names"
        placeholder={`Add one of ${names.length} metrics`}
        aria-label="Add a metric"
        value={text}
        onInput={(event) => pick(event.currentTarget.value)}
      />
      <datalist id="metric-names">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

async function readSample(path: string, names: string[], subtask: string, signal: AbortSignal): Promise<Sample> {
  const get = encodeURIComponent(names.join(','));
  const values = new Map<string, Record<string, number>>();
  if (subtask === 'all') {
    const metrics = await request<AggregatedMetric[]>(`${path}/subtasks/metrics?get=${get}&agg=sum,avg,min,max`, {
      signal,
    });
    for (const { id, ...rest } of metrics) values.set(id, rest as Record<string, number>);
  } else {
    const metrics = await request<Metric[]>(`${path}/subtasks/${subtask}/metrics?get=${get}`, { signal });
    for (const metric of metrics) values.set(metric.id, { [`subtask ${subtask}`]: Number(metric.value) });
  }
  return { at: Date.now(), values };
}

function Charts(props: { path: string; names: string[]; subtask: string; onRemove: (name: string) => void }) {
  const { path, names, subtask } = props;
  const sample = usePollOf<Sample>(`metrics ${path} ${subtask} ${names.join()}`, (signal) =>
    readSample(path, names, subtask, signal),
  );
  const history = useHistory(sample.data);
  const lines = useMemo(() => (subtask === 'all' ? [...AGGREGATES] : [`subtask ${subtask}`]), [subtask]);
  return (
    <div class="charts">
      {names.map((name) => (
        <MetricChart key={name} name={name} history={history} lines={lines} onRemove={() => props.onRemove(name)} />
      ))}
    </div>
  );
}
