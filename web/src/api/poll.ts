// Data that stays fresh: asked for again on the cluster's interval, while the tab can be seen.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { createStore, useStore } from '../store';
import { type ApiError, connection, request } from './client';
import type { DashboardConfig } from './types';

export interface Polled<T> {
  data: T | undefined;
  // Of the last request; the data of an earlier one stays.
  error: ApiError | undefined;
  refresh: () => void;
}

export const dashboardConfig = createStore<DashboardConfig | undefined>(undefined);
const DEFAULT_INTERVAL_MS = 3000;
// While nothing answers: soon enough to be back at once, seldom enough to disturb nobody.
const LOST_INTERVAL_MS = 1000;

function waitMs(): number {
  const interval = dashboardConfig.get()?.['refresh-interval'] ?? DEFAULT_INTERVAL_MS;
  return connection.get().lostSince > 0 ? LOST_INTERVAL_MS : Math.max(interval, 500);
}

// Runs `ask` now and then again on the interval; the tab must be visible. Returns how to end it and how to ask at once.
export function repeat(ask: (signal: AbortSignal) => Promise<void>, once = false) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort = new AbortController();
  let stopped = false;
  let running = false;
  const run = async () => {
    clearTimeout(timer);
    running = true;
    const mine = abort;
    await ask(mine.signal).catch(() => undefined);
    if (mine !== abort) return;
    running = false;
    // What is read once is still asked for until an answer comes.
    if (!stopped && (!once || connection.get().lostSince > 0)) timer = setTimeout(tick, waitMs());
  };
  const tick = () => {
    if (!document.hidden) void run();
  };
  const onVisible = () => {
    if (!document.hidden && !running && !once) void run();
  };
  document.addEventListener('visibilitychange', onVisible);
  void run();
  return {
    refresh() {
      abort.abort();
      abort = new AbortController();
      void run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      abort.abort();
      document.removeEventListener('visibilitychange', onVisible);
    },
  };
}

export interface PollOptions {
  // Asked for once, and again on refresh().
  once?: boolean;
}

// `path` null: nothing is asked for. The data of a former path is dropped.
export function usePoll<T>(path: string | null, options: PollOptions = {}): Polled<T> {
  return usePollOf<T>(path, (signal) => request<T>(path ?? '', { signal }), options);
}

// The same for what takes several requests; `key` says when it is something else.
export function usePollOf<T>(
  key: string | null,
  ask: (signal: AbortSignal) => Promise<T>,
  options: PollOptions = {},
): Polled<T> {
  const [state, setState] = useState<{ key: string | null; data?: T; error?: ApiError }>({ key });
  const latest = useRef(ask);
  latest.current = ask;
  const running = useRef<ReturnType<typeof repeat>>(undefined);
  const once = options.once ?? false;
  useEffect(() => {
    if (key === null) return;
    const poll = repeat(async (signal) => {
      try {
        const data = await latest.current(signal);
        if (!signal.aborted) setState({ key, data });
      } catch (error) {
        if (signal.aborted) return;
        setState((before) => ({ ...(before.key === key ? before : { key }), error: error as ApiError }));
      }
    }, once);
    running.current = poll;
    return () => poll.stop();
  }, [key, once]);
  const refresh = useCallback(() => running.current?.refresh(), []);
  const current = state.key === key;
  return { data: current ? state.data : undefined, error: current ? state.error : undefined, refresh };
}

export const useDashboardConfig = () => useStore(dashboardConfig);
// Whether this is a history server: it shows jobs that have ended, and no cluster.
export const useHistory = () => useDashboardConfig()?.features['web-history'] === true;

// One clock for all that tick: a thousand rows must not have a timer each.
const clock = createStore(Date.now());
let watchers = 0;
let ticking: ReturnType<typeof setInterval> | undefined;

// The time, each second anew, for "12 s ago".
export function useNow(): number {
  useEffect(() => {
    watchers += 1;
    clock.set(Date.now());
    ticking ??= setInterval(() => clock.set(Date.now()), 1000);
    return () => {
      watchers -= 1;
      if (watchers > 0) return;
      clearInterval(ticking);
      ticking = undefined;
    };
  }, []);
  return useStore(clock);
}
