// uPlot, dressed in our colours. Loaded when a chart is first shown.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colour } from '../theme';
import { type ChartData, colourOfLine } from './chart';

// Ticks between two seconds would all have the same name.
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

export function plotIn(
  element: HTMLElement,
  data: ChartData,
  format: (value: number) => string,
  height: number,
): uPlot {
  const axis = {
    stroke: colour('text-2'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  const options: uPlot.Options = {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, min, max) => [Math.min(0, min ?? 0), (max ?? 0) <= 0 ? 1 : max * 1.1] } },
    axes: [
      {
        ...axis,
        size: 24,
        space: 70,
        incrs: SECONDS,
        values: [[1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1]] as never,
      },
      { ...axis, size: 54, space: 32, values: (_, values) => values.map((value) => format(value)) },
    ],
    series: [
      {},
      ...data.series.map((series, i) => ({
        label: series.name,
        stroke: colourOfLine(i),
        width: 1.75,
        points: { show: series.values.length < 2 },
      })),
    ],
  };
  const columns = [data.times.map((ms) => ms / 1000), ...data.series.map((series) => series.values)];
  return new uPlot(options, columns as uPlot.AlignedData, element);
}
