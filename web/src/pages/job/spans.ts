// When something was in which state, as bars on a line of time.

export interface Span {
  state: string;
  from: number;
  to: number;
}

const ENDS = new Set(['FINISHED', 'CANCELED', 'FAILED']);

// The stays in states, from the times at which they were entered (0: never). The last one lasts until `end`.
export function spansOf(entered: Record<string, number>, end: number): Span[] {
  const steps = Object.entries(entered)
    .filter(([, at]) => at > 0)
    .sort(([, a], [, b]) => a - b);
  return steps.flatMap(([state, from], i) => {
    const to = steps[i + 1]?.[1] ?? (ENDS.has(state) ? from : Math.max(end, from));
    return to > from || ENDS.has(state) ? [{ state, from, to }] : [];
  });
}

const STEPS = [1, 2, 5, 10, 15, 30]
  .flatMap((n) => [n * 1000, n * 60_000])
  .concat([100, 200, 500, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000]);

// At most `most` round times of a span, for its axis, as distances from its begin.
export function ticksOf(span: number, most = 6): number[] {
  const step =
    STEPS.sort((a, b) => a - b).find((size) => span / size <= most) ?? Math.ceil(span / most / 86_400_000) * 86_400_000;
  const ticks: number[] = [];
  for (let at = 0; at <= span; at += step) ticks.push(at);
  return ticks;
}
