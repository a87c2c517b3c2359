// What failed: the root cause first, then the history.

import { useState } from 'preact/hooks';
import { usePoll } from '../../api/poll';
import type { JobDetail, JobException, JobExceptions } from '../../api/types';
import { Ago, Empty, Loaded, Panel, Time } from '../../components/basics';
import { Icon } from '../../components/icons';
import { MachineLink } from '../../components/machine_link';
import { say } from '../../components/toasts';

const PAGE = 20;

export function ExceptionsTab({ job }: { job: JobDetail }) {
  const [most, setMost] = useState(PAGE);
  const failures = usePoll<JobExceptions>(`/jobs/${job.jid}/exceptions?maxExceptions=${most}`);
  return (
    <Loaded from={failures}>
      {({ exceptionHistory: { entries, truncated } }) => {
        const [latest, ...earlier] = entries;
        if (latest === undefined) return <NoFailure />;
        return (
          <>
            <Panel title={job.state === 'FAILED' ? 'Why the job failed' : 'The latest failure'} padded={false}>
              <Failure failure={latest} root />
            </Panel>
            {earlier.length > 0 && (
              <Panel title="Before that" padded={false}>
                {earlier.map((failure) => (
                  <Failure key={`${failure.timestamp} ${failure.taskName}`} failure={failure} />
                ))}
              </Panel>
            )}
            {truncated && (
              <button type="button" class="button" onClick={() => setMost(most + PAGE)}>
                Show more
              </button>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

const NoFailure = () => (
  <section class="panel">
    <Empty icon="check">
      <strong>Nothing has failed</strong>
      <p class="muted">
        Failures of tasks, crashes with their stacks and lost machines are listed here, the first cause on top.
      </p>
    </Empty>
  </section>
);

// The first line says what happened; the rest is where.
export function headline(stacktrace: string): { first: string; rest: string } {
  const end = stacktrace.indexOf('\n');
  return end < 0
    ? { first: stacktrace, rest: '' }
    : { first: stacktrace.slice(0, end), rest: stacktrace.slice(end + 1).replace(/^\n+/, '') };
}

function Failure({ failure, root = false }: { failure: JobException; root?: boolean }) {
  const { first, rest } = headline(failure.stacktrace);
  const labels = Object.entries(failure.failureLabels ?? {});
  const others = failure.concurrentExceptions ?? [];
  return (
    <article class={`failure ${root ? 'root' : ''}`}>
      <div class="row spread">
        <div class="row">
          <span class="badge bad">{failure.exceptionName}</span>
          {failure.taskName && <strong>{failure.taskName}</strong>}
          {labels.map(([name, value]) => (
            <span key={name} class="badge plain">
              {name}: {value}
            </span>
          ))}
        </div>
        <span class="muted row">
          <Ago at={failure.timestamp} /> · <Time value={failure.timestamp} />
          <button
            type="button"
            class="button quiet small"
            onClick={() => navigator.clipboard?.writeText(failure.stacktrace).then(() => say('ok', 'Copied.'))}
          >
            Copy
          </button>
        </span>
      </div>
      <p style={{ overflowWrap: 'anywhere', fontSize: root ? '14.5px' : '13px' }}>{first}</p>
      {failure.taskManagerId && (
        <div class="muted row">
          <Icon name="nodes" size={14} />
          <MachineLink id={failure.taskManagerId} tab="log-files">
            {failure.endpoint ?? failure.taskManagerId}
          </MachineLink>
        </div>
      )}
      {rest !== '' && (
        <details open={root}>
          <summary>Stack and details</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre class="trace" tabIndex={0}>
            {rest}
          </pre>
        </details>
      )}
      {others.length > 0 && (
        <details>
          <summary>{others.length} at the same time</summary>
          {others.map((other) => (
            <Failure key={`${other.timestamp} ${other.taskName}`} failure={other} />
          ))}
        </details>
      )}
    </article>
  );
}
