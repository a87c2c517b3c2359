import { describe, expect, it } from 'vitest';
import { fromBackPressure, fromMetrics, lowest, nextRates, rates } from '../src/api/vertex_numbers';
import { cpuCores } from '../src/pages/process_tabs';
import { namesOf, splitId } from '../src/pages/vertex/metrics';
import { rowsOf } from '../src/pages/vertex/watermarks';

describe('the numbers of a vertex', () => {
  it('are the largest shares of its subtasks', () => {
    const numbers = fromMetrics([
      { id: 'busyTimeMsPerSecond', max: 970 },
      { id: 'backPressuredTimeMsPerSecond', max: 1200 },
      { id: 'numRecordsIn', skew: 33 },
      { id: 'numRecordsInPerSecond', sum: 500 },
    ]);
    expect(numbers).toEqual({ busy: 0.97, backPressured: 1, skew: 33, inRate: 500, outRate: undefined });
  });
  it('are unknown when a metric is missing or not a number', () => {
    expect(fromMetrics([{ id: 'busyTimeMsPerSecond', max: Number.NaN }]).busy).toBeUndefined();
    expect(fromMetrics([]).backPressured).toBeUndefined();
  });
  it('may come from measured back-pressure', () => {
    const subtask = (ratio: number, busyRatio: number) => ({
      subtask: 0,
      'backpressure-level': 'ok',
      ratio,
      busyRatio,
    });
    expect(fromBackPressure({ status: 'ok', subtasks: [subtask(0.1, 0.4), subtask(0.3, 0.2)] })).toEqual({
      busy: 0.4,
      backPressured: 0.3,
    });
    expect(fromBackPressure({ status: 'deprecated' })).toEqual({});
  });
});

describe('rates', () => {
  const counted = (at: number, records: number) => ({
    at,
    records: new Map([['v', { in: records, out: records * 2 }]]),
  });
  it('are records by seconds', () =>
    expect(rates(counted(1000, 10), counted(3000, 50)).get('v')).toEqual({ inRate: 20, outRate: 40 }));
  it('are unknown after a restart, which counts anew', () =>
    expect(rates(counted(1000, 10), counted(3000, 5)).has('v')).toBe(false));
  it('stay until new counts come, but not for ever', () => {
    const moving = nextRates(nextRates(undefined, counted(1000, 10)), counted(3000, 50));
    expect(nextRates(moving, counted(6000, 50))).toBe(moving);
    expect(nextRates(moving, counted(30_000, 50)).rates.get('v')?.inRate).toBe(0);
  });
  it('need time to pass', () => expect(rates(counted(1000, 10), counted(1000, 50)).size).toBe(0));
});

describe('watermarks', () => {
  it('are as low as the lowest', () =>
    expect(
      lowest([
        { id: '0.currentInputWatermark', value: '20' },
        { id: '1.currentInputWatermark', value: '10' },
      ]),
    ).toBe(10));
  it('have a subtask each', () =>
    expect(
      rowsOf([
        { id: '12.currentInputWatermark', value: '5' },
        { id: 'other', value: '1' },
      ]),
    ).toEqual([{ subtask: 12, value: 5 }]));
});

describe('names of metrics', () => {
  it('are told from their subtasks', () => {
    expect(splitId('3.Map.numRecordsIn')).toEqual({ subtask: '3', name: 'Map.numRecordsIn' });
    expect(splitId('uptime')).toEqual({ subtask: '', name: 'uptime' });
    expect(namesOf([{ id: '1.b' }, { id: '0.b' }, { id: '0.a' }])).toEqual(['a', 'b']);
  });
});

describe('the load of a processor', () => {
  it('is what its time grew by', () => {
    const sample = (at: number, nanos: number) => ({ at, values: new Map([['t', { value: nanos }]]) });
    const [only] = cpuCores([sample(0, 0), sample(2000, 3e9)], 't');
    expect(only!.values.get('CPU cores in use')!.value).toBeCloseTo(1.5);
  });
});
