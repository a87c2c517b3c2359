// Everything about one vertex, beside the job's page.

import { useEffect, useRef } from 'preact/hooks';
import { useHistory } from '../../api/poll';
import type { JobDetail, JobVertex } from '../../api/types';
import type { VertexNumbers } from '../../api/vertex_numbers';
import { Duration, Facts, StateBadge, TaskCounts, Time } from '../../components/basics';
import { Icon } from '../../components/icons';
import { Tabs } from '../../components/tabs';
import * as format from '../../format';
import { linesOf } from '../../graph/plan';
import { usePlace, withQuery } from '../../router';
import { AccumulatorsPanel } from './accumulators';
import { BackPressurePanel } from './back_pressure';
import { FlameGraphPanel } from './flame_graph';
import { MetricsPanel } from './metrics';
import { SubtasksPanel } from './subtasks';
import { VertexTaskManagersPanel } from './vertex_task_managers';
import { WatermarksPanel } from './watermarks';

const PANELS: [string, string][] = [
  ['detail', 'Detail'],
  ['subtasks', 'Subtasks'],
  ['task-managers', 'Task managers'],
  ['watermarks', 'Watermarks'],
  ['accumulators', 'Accumulators'],
  ['backpressure', 'Back-pressure'],
  ['metrics', 'Metrics'],
  ['flame-graph', 'Flame graph'],
];

// What an archive cannot tell: it is about what happens now.
const LIVE_ONLY = new Set(['backpressure', 'metrics', 'flame-graph']);

export interface VertexProps {
  job: JobDetail;
  vertex: JobVertex;
}

interface DrawerProps extends VertexProps {
  numbers: VertexNumbers | undefined;
  onClose: () => void;
}

export function VertexDrawer({ job, vertex, numbers, onClose }: DrawerProps) {
  const element = useRef<HTMLElement>(null);
  const panel = usePlace().query.get('panel') ?? 'detail';
  const history = useHistory();
  const panels = PANELS.filter(([id]) => !history || !LIVE_ONLY.has(id));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another vertex is another drawer
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    element.current?.focus({ preventScroll: true });
    return () => before?.focus?.({ preventScroll: true });
  }, [vertex.id]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector('dialog[open]')) onClose();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [onClose]);
  return (
    <aside class="drawer" aria-label={`Operator ${vertex.name}`} ref={element} tabIndex={-1}>
      <div class="drawer-head">
        <div class="grow">
          <h2>{vertex.name}</h2>
          <div class="under">
            <StateBadge state={vertex.status} />
            <span>parallelism {vertex.parallelism}</span>
          </div>
        </div>
        <button type="button" class="button quiet icon" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <Tabs
        label="About the operator"
        chosen={panel}
        tabs={panels.map(([id, title]) => ({ id, title, to: withQuery({ panel: id === 'detail' ? null : id }) }))}
      />
      <div class={`drawer-body ${vertex.parallelism > 20 ? 'many' : ''}`}>
        <PanelContent panel={panel} job={job} vertex={vertex} numbers={numbers} />
      </div>
    </aside>
  );
}

function PanelContent({
  panel,
  job,
  vertex,
  numbers,
}: VertexProps & { panel: string; numbers: VertexNumbers | undefined }) {
  switch (panel) {
    case 'subtasks':
      return <SubtasksPanel job={job} vertex={vertex} />;
    case 'task-managers':
      return <VertexTaskManagersPanel job={job} vertex={vertex} />;
    case 'watermarks':
      return <WatermarksPanel job={job} vertex={vertex} />;
    case 'accumulators':
      return <AccumulatorsPanel job={job} vertex={vertex} />;
    case 'backpressure':
      return <BackPressurePanel job={job} vertex={vertex} />;
    case 'metrics':
      return <MetricsPanel job={job} vertex={vertex} />;
    case 'flame-graph':
      return <FlameGraphPanel job={job} vertex={vertex} />;
    default:
      return <DetailPanel job={job} vertex={vertex} numbers={numbers} />;
  }
}

function DetailPanel({ job, vertex, numbers }: VertexProps & { numbers: VertexNumbers | undefined }) {
  const node = job.plan.nodes.find((one) => one.id === vertex.id);
  const io = vertex.metrics;
  return (
    <div class="padded">
      <Facts
        facts={[
          ['State', <StateBadge key="state" state={vertex.status} />],
          ['Tasks', <TaskCounts key="tasks" counts={vertex.tasks} />],
          ['Parallelism', vertex.parallelism],
          ['Max parallelism', vertex.maxParallelism],
          ['Start', <Time key="start" value={vertex['start-time']} />],
          ['End', <Time key="end" value={vertex['end-time']} />],
          [
            'Duration',
            <Duration key="duration" start={vertex['start-time']} end={vertex['end-time']} value={vertex.duration} />,
          ],
          ['Busy', format.percent(numbers?.busy)],
          ['Back-pressured', format.percent(numbers?.backPressured)],
          ['Records received', withRate(io['read-records'], numbers?.inRate)],
          ['Records sent', withRate(io['write-records'], numbers?.outRate)],
          ['Bytes received', format.bytes(io['read-bytes'])],
          ['Bytes sent', format.bytes(io['write-bytes'])],
          ['Low watermark', format.watermark(numbers?.lowWatermark).text],
          ['Id', <code key="id">{vertex.id}</code>],
        ]}
      />
      <div>
        <h3>Operators in it</h3>
        <ol style={{ margin: '6px 0 0', paddingLeft: '20px' }}>
          {linesOf(node?.description ?? vertex.name).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ol>
      </div>
    </div>
  );
}

function withRate(records: number, perSecond: number | undefined) {
  const text = format.count(records);
  return (
    <span title={format.exact(records)}>{perSecond === undefined ? text : `${text} (${format.rate(perSecond)})`}</span>
  );
}
