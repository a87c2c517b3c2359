// A metric over the last minutes, as far as this page has seen it.

import { useMemo, useRef, useState } from 'preact/hooks';
import * as format from '../format';
import { Chart, lineColour } from './chart';
import { Icon } from './icons';

export interface Sample {
  at: number;
  // By metric, then by line ("sum", "max", "subtask 3").
  values: Map<string, Record<string, number>>;
}

// A quarter of an hour at the usual interval.
const MOST_SAMPLES = 300;

export function useHistory(sample: Sample | undefined): Sample[] {
  const kept = useRef<Sample[]>([]);
  if (sample !== undefined && kept.current[kept.current.length - 1] !== sample) {
    kept.current = [...kept.current, sample].slice(-MOST_SAMPLES);
  }
  return kept.current;
}

// What a metric counts, by its name.
export function formatOf(name: string): (value: number) => string {
  if (/CPU\.Load$/.test(name)) return format.percent;
  if (/TimeMsPerSecond$/.test(name)) return (ms) => format.percent(ms / 1000);
  if (/CPU\.Time$/.test(name)) return (nanos) => format.duration(nanos / 1e6);
  if (/bytes|memory|size$|used$|committed$|max$/i.test(name) && !/count|number|buffers|pool/i.test(name))
    return format.bytes;
  if (/(TimeMs|duration|latency|uptime|downtime)$/i.test(name)) return format.duration;
  return format.count;
}

interface MetricChartProps {
  name: string;
  history: Sample[];
  lines: string[];
  onRemove?: () => void;
}

export function MetricChart({ name, history, lines, onRemove }: MetricChartProps) {
  const [line, setLine] = useState(lines[0]!);
  const [asNumber, setAsNumber] = useState(false);
  const shown = lines.includes(line) ? line : lines[0]!;
  const text = formatOf(name);
  const data = useMemo(
    () => ({
      times: history.map((sample) => sample.at),
      series: [{ name: shown, values: history.map((sample) => sample.values.get(name)?.[shown] ?? null) }],
    }),
    [history, name, shown],
  );
  const now = data.series[0]!.values[data.times.length - 1];
  return (
    <section class="panel chart" aria-label={name}>
      <div class="chart-head">
        <h3 class="clip" title={name}>
          {name}
        </h3>
        <button type="button" class="button quiet small" aria-pressed={asNumber} onClick={() => setAsNumber(!asNumber)}>
          {asNumber ? 'Chart' : 'Number'}
        </button>
        {onRemove && (
          <button type="button" class="button quiet small icon" aria-label={`Remove ${name}`} onClick={onRemove}>
            <Icon name="close" size={14} />
          </button>
        )}
      </div>
      <div class="row spread">
        <span class="chart-now" title={format.exact(now)}>
          {now === null || now === undefined ? format.NONE : text(now)}
        </span>
        {lines.length > 1 && (
          <select
            class="input small"
            style={{ width: '84px' }}
            aria-label={`Which value of ${name}`}
            value={shown}
            onChange={(event) => setLine(event.currentTarget.value)}
          >
            {lines.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
      </div>
      {!asNumber && (
        <Chart
          data={data}
          format={text}
          label={`${name}, now ${now === null || now === undefined ? 'unknown' : text(now)}`}
        />
      )}
    </section>
  );
}

export const LineKey = ({ names }: { names: string[] }) => (
  <div class="chart-lines">
    {names.map((name, i) => (
      <span key={name}>
        <i style={{ background: `var(--${lineColour(i)})` }} />
        {name}
      </span>
    ))}
  </div>
);
