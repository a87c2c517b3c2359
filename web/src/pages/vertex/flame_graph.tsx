// Flame graphs: the answer says whether they are on.

import { useState } from 'preact/hooks';
import { usePoll } from '../../api/poll';
import { Empty, Loaded } from '../../components/basics';
import type { VertexProps } from './drawer';

interface Frame {
  name: string;
  value: number;
  children?: Frame[];
}

const KINDS: [string, string][] = [
  ['on_cpu', 'On-CPU'],
  ['off_cpu', 'Off-CPU'],
  ['full', 'Mixed'],
];

export function FlameGraphPanel({ job, vertex }: VertexProps) {
  const [kind, setKind] = useState('on_cpu');
  const answer = usePoll<{ endTimestamp: number; data: Frame | null }>(
    `/jobs/${job.jid}/vertices/${vertex.id}/flamegraph?type=${kind}`,
    { once: true },
  );
  return (
    <div class="padded">
      <Loaded from={answer} absent="Flame graphs are not available.">
        {({ data }) =>
          data === null ? (
            <Empty>
              <strong>Flame graphs are switched off</strong>
              <p class="muted">
                A job is an ordinary executable: <code>perf record -p &lt;pid of the worker&gt;</code> sees all of it.
              </p>
            </Empty>
          ) : (
            <>
              <div class="chips">
                {KINDS.map(([id, title]) => (
                  <button key={id} type="button" class="chip" aria-pressed={kind === id} onClick={() => setKind(id)}>
                    {title}
                  </button>
                ))}
              </div>
              <FrameBox frame={data} total={data.value} />
            </>
          )
        }
      </Loaded>
    </div>
  );
}

function FrameBox({ frame, total }: { frame: Frame; total: number }) {
  return (
    <div style={{ width: `${(100 * frame.value) / Math.max(total, 1)}%` }}>
      <div
        class="clip mono"
        title={`${frame.name}: ${frame.value}`}
        style={{ background: 'var(--busy-soft)', padding: '1px 4px' }}
      >
        {frame.name}
      </div>
      <div style={{ display: 'flex' }}>
        {(frame.children ?? []).map((child) => (
          <FrameBox key={child.name} frame={child} total={frame.value} />
        ))}
      </div>
    </div>
  );
}
