// When the vertices of a job were in which state; a vertex opens its subtasks.

import { useRef, useState } from 'preact/hooks';
import { useNow, usePoll } from '../../api/poll';
import type { JobDetail, JobVertex, SubtaskTimes } from '../../api/types';
import { Loaded, Panel } from '../../components/basics';
import { VirtualList } from '../../components/virtual_list';
import * as format from '../../format';
import { hasEnded, toneOf, wordOf } from '../../states';
import { type Span, spansOf, ticksOf } from './spans';

interface Scale {
  from: number;
  to: number;
}

export function TimelineTab({ job }: { job: JobDetail }) {
  const [open, setOpen] = useState<string>();
  const ended = hasEnded(job.state);
  // The clock of the machine that looks may be off: the job's own moves on with ours.
  const skew = useRef(job.now - Date.now());
  const now = useNow() + skew.current;
  const scale = { from: job['start-time'], to: Math.max(ended ? job['end-time'] : now, job['start-time'] + 1000) };
  return (
    <Panel title="Timeline" padded={false}>
      <div class="gantt">
        <Axis scale={scale} />
        <Row name="Job" spans={spansOf(job.timestamps, scale.to)} scale={scale} />
        {job.vertices.map((vertex) => (
          <Vertex
            key={vertex.id}
            job={job}
            vertex={vertex}
            scale={scale}
            open={open === vertex.id}
            onToggle={() => setOpen(open === vertex.id ? undefined : vertex.id)}
          />
        ))}
      </div>
    </Panel>
  );
}

function Axis({ scale }: { scale: Scale }) {
  return (
    <div class="gantt-row" aria-hidden="true">
      <span class="muted">since the start</span>
      <div class="gantt-axis num">
        {ticksOf(scale.to - scale.from).map((tick) => (
          <span key={tick} style={{ left: `${(100 * tick) / (scale.to - scale.from)}%` }}>
            {tick === 0 ? '0' : format.duration(tick)}
          </span>
        ))}
      </div>
    </div>
  );
}

function Vertex(props: { job: JobDetail; vertex: JobVertex; scale: Scale; open: boolean; onToggle: () => void }) {
  const { vertex, scale } = props;
  const end = vertex['end-time'] > 0 ? vertex['end-time'] : scale.to;
  const spans = vertex['start-time'] > 0 ? [{ state: vertex.status, from: vertex['start-time'], to: end }] : [];
  return (
    <>
      <button type="button" class="gantt-row" aria-expanded={props.open} onClick={props.onToggle}>
        <span class="gantt-name clip" title={vertex.name}>
          {vertex.name}
        </span>
        <Lane spans={spans} scale={scale} />
      </button>
      {props.open && <Subtasks job={props.job} vertex={vertex} scale={scale} />}
    </>
  );
}

function Subtasks({ job, vertex, scale }: { job: JobDetail; vertex: JobVertex; scale: Scale }) {
  const times = usePoll<SubtaskTimes>(`/jobs/${job.jid}/vertices/${vertex.id}/subtasktimes`, {
    once: hasEnded(job.state),
  });
  return (
    <Loaded from={times} lines={Math.min(vertex.parallelism, 4)}>
      {({ subtasks }) => (
        <VirtualList
          items={subtasks}
          rowHeight={28}
          maxHeight={420}
          label={`Subtasks of ${vertex.name}`}
          render={(subtask) => (
            <Row
              sub
              name={`${subtask.subtask} on ${subtask.endpoint}`}
              spans={spansOf(subtask.timestamps, scale.to)}
              scale={scale}
            />
          )}
        />
      )}
    </Loaded>
  );
}

function Row({ name, spans, scale, sub }: { name: string; spans: Span[]; scale: Scale; sub?: boolean }) {
  return (
    <div class={`gantt-row ${sub ? 'sub' : ''}`}>
      <span class="gantt-name clip" title={name}>
        {name}
      </span>
      <Lane spans={spans} scale={scale} />
    </div>
  );
}

function Lane({ spans, scale }: { spans: Span[]; scale: Scale }) {
  const width = scale.to - scale.from;
  const text = spans.map((span) => `${wordOf(span.state)} for ${format.duration(span.to - span.from)}`).join(', ');
  return (
    <span class="gantt-lane" role="img" aria-label={text || 'not started'}>
      {spans.map((span) => (
        <span
          key={span.state}
          class={`gantt-bar ${toneOf(span.state)}`}
          title={`${wordOf(span.state)}: ${format.time(span.from)}, for ${format.duration(span.to - span.from)}`}
          style={{
            left: `${Math.max(0, (100 * (span.from - scale.from)) / width)}%`,
            width: `${Math.max(0, (100 * (span.to - span.from)) / width)}%`,
          }}
        />
      ))}
    </span>
  );
}
