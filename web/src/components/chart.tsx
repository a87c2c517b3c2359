// A live line chart. The library is loaded with the first one.

import { useEffect, useRef } from 'preact/hooks';
import { useStore } from '../store';
import { colour, themeChanges } from '../theme';

export interface Series {
  name: string;
  values: (number | null)[];
}

export interface ChartData {
  // Milliseconds.
  times: number[];
  series: Series[];
}

// Told apart without relying on red and green.
export const LINES = ['accent', 'busy-fill', 'ok-fill', 'warn-fill', 'bad-fill', 'text-3'];
export const lineColour = (index: number) => LINES[index % LINES.length]!;

type Plot = {
  setData: (data: never) => void;
  setSize: (size: { width: number; height: number }) => void;
  destroy: () => void;
};

const HEIGHT = 130;

export function Chart({ data, format, label }: { data: ChartData; format: (value: number) => string; label: string }) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(undefined);
  const latest = useRef(data);
  latest.current = data;
  const change = useStore(themeChanges);
  const names = data.series.map((series) => series.name).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: other lines or other colours need another plot
  useEffect(() => {
    let current = true;
    const element = holder.current;
    if (element === null) return;
    import('./plot').then(({ plotIn }) => {
      if (current) plot.current = plotIn(element, latest.current, format, HEIGHT) as Plot;
    });
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      current = false;
      resized.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [names, change]);
  useEffect(() => {
    plot.current?.setData([data.times.map((ms) => ms / 1000), ...data.series.map((series) => series.values)] as never);
  }, [data]);
  return <div class="chart-canvas" ref={holder} role="img" aria-label={label} />;
}

export const colourOfLine = (index: number) => colour(lineColour(index));
