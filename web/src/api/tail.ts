// A file that grows: its end first, then what is added.

import { ApiError, fetchRaw, sentenceOf } from './client';

export interface Tail {
  text: string;
  // Bytes from the file's begin to the end of `text`.
  end: number;
  // Whether there is more before `text`.
  cut: boolean;
}

// What a page shows at once; the rest is a download.
export const MOST_BYTES = 2_000_000;

const totalOf = (response: Response) =>
  Number(/\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '')?.[1] ?? Number.NaN);

async function failed(path: string, response: Response): Promise<never> {
  throw new ApiError(response.status, `GET ${path}`, sentenceOf(response.status, await response.text()));
}

export async function readTail(path: string, signal?: AbortSignal): Promise<Tail> {
  const response = await fetchRaw(path, { signal, headers: { Range: `bytes=-${MOST_BYTES}` } });
  if (response.status === 416) return { text: '', end: 0, cut: false };
  if (!response.ok) await failed(path, response);
  const text = await response.text();
  const size = new TextEncoder().encode(text).length;
  const total = response.status === 206 ? totalOf(response) : size;
  const end = Number.isNaN(total) ? size : total;
  const cut = end > size || size > MOST_BYTES;
  const shown = size > MOST_BYTES ? text.slice(-MOST_BYTES) : text;
  // A line whose begin is missing says nothing.
  return { text: cut ? shown.slice(shown.indexOf('\n') + 1) : shown, end, cut };
}

// The tail with what has come since. A server that knows no ranges sends all of it again; a file that shrank was rotated.
export async function readOn(path: string, before: Tail, signal?: AbortSignal): Promise<Tail> {
  const response = await fetchRaw(path, { signal, headers: { Range: `bytes=${before.end}-` } });
  if (response.status === 416) {
    const total = totalOf(response);
    return total < before.end ? readTail(path, signal) : before;
  }
  if (response.status !== 206) {
    if (!response.ok) await failed(path, response);
    await response.body?.cancel();
    return readTail(path, signal);
  }
  const more = await response.text();
  if (more === '') return before;
  return { text: before.text + more, end: before.end + new TextEncoder().encode(more).length, cut: before.cut };
}
