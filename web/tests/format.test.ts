import { describe, expect, it } from 'vitest';
import * as format from '../src/format';

describe('numbers', () => {
  it('are short, with three digits that matter', () => {
    expect(format.count(1_234_567)).toBe('1.23 M');
    expect(format.count(999)).toBe('999');
    expect(format.count(1000)).toBe('1 k');
    expect(format.count(123_456)).toBe('123 k');
    expect(format.count(0.256)).toBe('0.26');
    expect(format.count(0.00456)).toBe('0.0046');
    expect(format.count(-2500)).toBe('-2.5 k');
  });
  it('never round up to a thousand of a unit', () => {
    expect(format.count(999_950)).toBe('1 M');
    expect(format.bytes(1024 * 1024 - 1)).toBe('1 MiB');
  });
  it('have an exact form', () => expect(format.exact(1_234_567)).toBe('1\u202f234\u202f567'));
  it('that are missing are a dash', () => {
    for (const text of [format.count(undefined), format.bytes(-1), format.percent(Number.NaN), format.rate(null)]) {
      expect(text).toBe('–');
    }
  });
});

describe('sizes and shares', () => {
  it('are in powers of 1024', () => {
    expect(format.bytes(0)).toBe('0 B');
    expect(format.bytes(1536)).toBe('1.5 KiB');
    expect(format.bytes(5 * 1024 ** 3)).toBe('5 GiB');
  });
  it('do not hide a little', () => {
    expect(format.percent(0.004)).toBe('< 1 %');
    expect(format.percent(0)).toBe('0 %');
    expect(format.percent(0.966)).toBe('97 %');
  });
});

describe('durations', () => {
  it.each([
    [45, '45 ms'],
    [12_340, '12.3 s'],
    [59_999, '1 m 00 s'],
    [125_000, '2 m 05 s'],
    [7_500_000, '2 h 05 m'],
    [200_000_000, '2 d 07 h'],
    [-1, '–'],
  ])('%d ms read as %s', (ms, text) => expect(format.duration(ms)).toBe(text));
});

describe('times', () => {
  const now = new Date(2026, 3, 5, 12, 0, 0).getTime();
  it('of today have no date', () => expect(format.time(now - 1000, now)).toBe('11:59:59'));
  it('of other days do', () => expect(format.time(now - 86_400_000, now)).toBe('2026-04-04 12:00:00'));
  it('that have not come are a dash', () => expect(format.time(-1)).toBe('–'));
  it('have their UTC form', () => expect(format.utc(0)).toBe(''));
});

describe('watermarks', () => {
  it('are dates', () => expect(format.watermark(1_388_534_400_000).text).toBe('2014-01-01 00:00:00'));
  it('keep their milliseconds', () => expect(format.watermark(1_388_534_400_120).text).toBe('2014-01-01 00:00:00.12'));
  it('know before the first and after the last', () => {
    expect(format.watermark(Number('-9223372036854775808')).text).toBe('–');
    expect(format.watermark(Number('9223372036854775807')).text).toBe('end of data');
  });
});
