// How numbers, sizes and times read. Each has an exact form for the tooltip.

export const NONE = '–';

const UNITS: [number, string][] = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

const isKnown = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value);

// Three digits that matter, without trailing zeros: 1.23, 12.3, 123.
function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size < 0.1) return String(Number(value.toPrecision(2)));
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

// 1234567 -> "1.23 M"
export function count(value: number | null | undefined): string {
  if (!isKnown(value)) return NONE;
  for (const [size, unit] of UNITS) {
    // 999 950 would round to "1000 k".
    if (Math.abs(value) >= size * 0.9995) return `${threeDigits(value / size)} ${unit}`;
  }
  return Number.isInteger(value) ? String(value) : threeDigits(value);
}

// 1234567 -> "1 234 567", with spaces that do not break.
export function exact(value: number | null | undefined): string {
  if (!isKnown(value)) return '';
  const [whole, part] = String(value).split('.');
  const grouped = (whole ?? '').replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
  return part === undefined ? grouped : `${grouped}.${part}`;
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
export function bytes(value: number | null | undefined): string {
  if (!isKnown(value) || value < 0) return NONE;
  let unit = 0;
  let size = value;
  while (size >= 1023.5 && unit < BYTES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : threeDigits(size)} ${BYTES[unit]}`;
}

export const rate = (value: number | null | undefined): string => (isKnown(value) ? `${count(value)}/s` : NONE);

// A share of 0 to 1 -> "97 %"; small ones are not rounded to nothing.
export function percent(share: number | null | undefined): string {
  if (!isKnown(share)) return NONE;
  const value = share * 100;
  return `${value > 0 && value < 1 ? '< 1' : Math.round(value)} %`;
}

const pad = (value: number) => String(value).padStart(2, '0');

// 7500000 -> "2 h 05 m"; below a minute with what can be read: "12.3 s", "45 ms".
export function duration(ms: number | null | undefined): string {
  if (!isKnown(ms) || ms < 0) return NONE;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${threeDigits(Math.floor(seconds * 10) / 10)} s`;
  const whole = Math.round(seconds);
  const [d, h, m, s] = [
    Math.floor(whole / 86400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (d > 0) return `${d} d ${pad(h)} h`;
  return h > 0 ? `${h} h ${pad(m)} m` : `${m} m ${pad(s)} s`;
}

// In the reader's zone: today's times without the date.
export function time(ms: number | null | undefined, now = Date.now()): string {
  if (!isKnown(ms) || ms <= 0) return NONE;
  const date = new Date(ms);
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  if (date.toDateString() === new Date(now).toDateString()) return clock;
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clock}`;
}

export function utc(ms: number | null | undefined): string {
  if (!isKnown(ms) || ms <= 0 || ms > 8.64e15) return '';
  return `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

// Before the first watermark Flink's tools report Long.MIN_VALUE, after the last Long.MAX_VALUE; both lose digits as numbers.
export function watermark(value: number | null | undefined): { text: string; hint: string } {
  if (!isKnown(value) || value <= -9.2e18) return { text: NONE, hint: 'no watermark has come' };
  if (value >= 9.2e18) return { text: 'end of data', hint: 'all input has been read' };
  if (Math.abs(value) > 8.64e15) return { text: exact(value), hint: 'outside the calendar' };
  const date = new Date(value).toISOString();
  return { text: date.replace('T', ' ').replace(/\.?0*Z$/, ''), hint: `${date} (${exact(value)} ms)` };
}

export const plural = (number: number, noun: string) => `${exact(number)} ${noun}${number === 1 ? '' : 's'}`;
