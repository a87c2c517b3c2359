import { afterEach, describe, expect, it, vi } from 'vitest';
import { readOn, readTail } from '../src/api/tail';
import { chosenLines, LEVELS, levelOf, linesOf } from '../src/components/log_lines';

describe('lines', () => {
  const text = '2026-01-01 [info] started\n2026-01-01 [error] failed\n  at a.cc:3\n2026-01-01 [warning] late\n';
  it('have the level that they name early', () => {
    expect(levelOf('12:00:01 WARN  TaskExecutor - slow')).toBe('warning');
    expect(levelOf(`12:00:01 INFO ${'x'.repeat(80)} error`)).toBe('info');
    expect(levelOf('plain output')).toBeUndefined();
  });
  it('of a stack have the level of what it belongs to', () =>
    expect(linesOf(text).map((line) => line.level)).toEqual(['info', 'error', 'error', 'warning']));
  it('are chosen by level and text', () => {
    const lines = linesOf(text);
    expect(chosenLines(lines, { text: '', levels: ['error'] }).map((line) => line.number)).toEqual([2, 3]);
    expect(chosenLines(lines, { text: 'LATE', levels: LEVELS }).map((line) => line.number)).toEqual([4]);
    expect(chosenLines(lines, { text: '', levels: LEVELS })).toBe(lines);
  });
});

describe('a file that grows', () => {
  let file = '';
  let knowsRanges = true;
  afterEach(() => vi.unstubAllGlobals());
  const serve = () =>
    vi.stubGlobal('fetch', async (_: string, options: { headers: Record<string, string> }) => {
      const range = /bytes=(\d*)-(\d*)/.exec(options.headers.Range ?? '');
      if (!knowsRanges || range === null) return new Response(file, { status: 200 });
      const from = range[1] === '' ? Math.max(0, file.length - Number(range[2])) : Number(range[1]);
      if (from >= file.length)
        return new Response('', { status: 416, headers: { 'Content-Range': `bytes */${file.length}` } });
      return new Response(file.slice(from), {
        status: 206,
        headers: { 'Content-Range': `bytes ${from}-${file.length - 1}/${file.length}` },
      });
    });

  it('is read on from where it ended', async () => {
    serve();
    file = 'one\n';
    const first = await readTail('/log');
    expect(first).toEqual({ text: 'one\n', end: 4, cut: false });
    expect(await readOn('/log', first)).toBe(first);
    file += 'two\n';
    expect(await readOn('/log', first)).toEqual({ text: 'one\ntwo\n', end: 8, cut: false });
  });
  it('is read anew after a rotation', async () => {
    serve();
    file = 'new\n';
    expect(await readOn('/log', { text: 'long before\n', end: 12, cut: false })).toEqual({
      text: 'new\n',
      end: 4,
      cut: false,
    });
  });
  it('is read whole from a server without ranges', async () => {
    serve();
    knowsRanges = false;
    file = 'a\nb\n';
    expect((await readOn('/log', { text: 'a\n', end: 2, cut: false })).text).toBe('a\nb\n');
  });
});
