// Small parts that every page has.

import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api/client';
import { useNow } from '../api/poll';
import * as format from '../format';
import { isMoving, TASK_STATES, type Tone, toneOf, wordOf } from '../states';
import { Icon, type IconName } from './icons';

export function StateBadge({ state }: { state: string }) {
  return <span class={`badge ${toneOf(state)} ${isMoving(state) ? 'moving' : ''}`}>{wordOf(state)}</span>;
}

// How many tasks are in which state; what no task is in is left out.
export function TaskCounts({ counts }: { counts: Record<string, number> }) {
  const byState = new Map(Object.entries(counts).map(([state, count]) => [state.toUpperCase(), count]));
  const present = TASK_STATES.filter((state) => (byState.get(state) ?? 0) > 0);
  return (
    <span class="tasks">
      {present.map((state) => (
        <span key={state} class={`badge plain ${toneOf(state)}`} title={`${byState.get(state)} ${wordOf(state)}`}>
          {byState.get(state)}
          <span class="visually-hidden"> {wordOf(state)}</span>
        </span>
      ))}
    </span>
  );
}

export const Count = ({ value }: { value: number | null | undefined }) => (
  <span class="num" title={format.exact(value)}>
    {format.count(value)}
  </span>
);

export const Bytes = ({ value }: { value: number | null | undefined }) => (
  <span class="num" title={`${format.exact(value)} B`}>
    {format.bytes(value)}
  </span>
);

export const Time = ({ value }: { value: number | null | undefined }) => (
  <span class="num" title={format.utc(value)}>
    {format.time(value)}
  </span>
);

// A duration that goes on while there is no end.
export function Duration({ start, end, value }: { start: number; end: number; value?: number }) {
  const now = useNow();
  const ms = end > 0 ? (value ?? end - start) : start > 0 ? Math.max(0, now - start) : -1;
  return <span class="num">{format.duration(ms >= 1000 ? Math.floor(ms / 1000) * 1000 : ms)}</span>;
}

export function Ago({ at }: { at: number }) {
  const now = useNow();
  return (
    <span class="num" title={format.utc(at)}>
      {format.duration(Math.max(0, Math.floor((now - at) / 1000) * 1000))} ago
    </span>
  );
}

export function Meter({ share, tone, label }: { share: number; tone?: Tone; label: string }) {
  const width = `${Math.round(Math.min(Math.max(share, 0), 1) * 100)}%`;
  return (
    <span class="meter" role="img" aria-label={`${label}: ${format.percent(share)}`}>
      <span class={tone ?? ''} style={{ width }} />
    </span>
  );
}

export function Panel({
  title,
  tools,
  children,
  padded = true,
}: {
  title?: ComponentChildren;
  tools?: ComponentChildren;
  children: ComponentChildren;
  padded?: boolean;
}) {
  return (
    <section class="panel">
      {title !== undefined && (
        <div class="panel-head">
          <h2>{title}</h2>
          {tools}
        </div>
      )}
      <div class={padded ? 'panel-body' : ''}>{children}</div>
    </section>
  );
}

export function Empty({ icon = 'info', children }: { icon?: IconName; children: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} size={30} />
      {children}
    </div>
  );
}

// The server's own sentence, the request that it answered, and a way to ask again.
export function Problem({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <div class="row">
        <Icon name="failed" />
        <strong>{error.status === 0 ? 'No answer' : `The server answered ${error.status}`}</strong>
      </div>
      <p>{error.message}</p>
      <div class="row spread">
        <code>{error.request}</code>
        {retry && (
          <button type="button" class="button small" onClick={retry}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}

export function Skeleton({ lines = 6 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grey lines have no identity
        <span key={i} />
      ))}
    </div>
  );
}

// What a polled answer shows: its data, the first wait, or what went wrong. Data that came once stays when a later request fails.
export function Loaded<T>({
  from,
  children,
  absent,
  lines,
}: {
  from: { data: T | undefined; error: ApiError | undefined; refresh: () => void };
  children: (data: T) => ComponentChildren;
  // What a 404 means here: that a feature is off, or nothing is kept.
  absent?: ComponentChildren;
  lines?: number;
}) {
  if (from.data !== undefined) return <>{children(from.data)}</>;
  if (from.error === undefined) return <Skeleton lines={lines ?? 6} />;
  if (absent !== undefined && [404, 403, 405, 501, 503].includes(from.error.status)) {
    return (
      <Empty>
        <strong>{absent}</strong>
        <p class="muted">{from.error.message}</p>
      </Empty>
    );
  }
  return <Problem error={from.error} retry={from.refresh} />;
}

export function Facts({ facts }: { facts: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name} class={name === 'Path' || name === 'Why' ? 'wide' : ''}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
