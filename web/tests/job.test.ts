import { describe, expect, it, vi } from 'vitest';
import { sentenceOf } from '../src/api/client';
import type { CheckpointStatistics } from '../src/api/types';
import { lossSentence, outcomeOf } from '../src/pages/job/actions';
import { headline } from '../src/pages/job/exceptions';
import { spansOf, ticksOf } from '../src/pages/job/spans';
import { runBody, splitArguments } from '../src/pages/submit';
import { memoryName } from '../src/pages/task_managers';

describe('spans of states', () => {
  it('last until the next state', () =>
    expect(spansOf({ CREATED: 10, RUNNING: 30, FAILED: 0, FINISHED: 90 }, 100)).toEqual([
      { state: 'CREATED', from: 10, to: 30 },
      { state: 'RUNNING', from: 30, to: 90 },
      { state: 'FINISHED', from: 90, to: 90 },
    ]));
  it('of what still goes on last until now', () =>
    expect(spansOf({ RUNNING: 30 }, 100)).toEqual([{ state: 'RUNNING', from: 30, to: 100 }]));
});

describe('the axis of a timeline', () => {
  it('has few and round times', () => {
    expect(ticksOf(10_000)).toEqual([0, 2000, 4000, 6000, 8000, 10_000]);
    for (const span of [900, 61_000, 5_000_000, 900_000_000]) {
      expect(ticksOf(span).length).toBeLessThanOrEqual(7);
      expect(ticksOf(span).length).toBeGreaterThan(1);
    }
  });
});

describe('a cancellation', () => {
  const statistics = (at: number | null) =>
    ({ latest: { completed: at === null ? null : { latest_ack_timestamp: at } } }) as CheckpointStatistics;
  it('says what it loses', () => {
    expect(lossSentence(statistics(88_000), 100_000)).toBe('State since the last checkpoint, 12 s ago, is lost.');
    expect(lossSentence(statistics(null), 100_000)).toContain('all its state is lost');
    expect(lossSentence(undefined, 0)).toContain('all its state is lost');
  });
});

describe('an operation that takes time', () => {
  const answers = (...list: unknown[]) =>
    vi.stubGlobal(
      'fetch',
      async () => new Response(JSON.stringify(list.shift()), { headers: { 'Content-Type': 'application/json' } }),
    );
  const soon = async () => undefined;
  it('is waited for', async () => {
    answers(
      { status: { id: 'IN_PROGRESS' }, operation: null },
      { status: { id: 'COMPLETED' }, operation: { location: '/s/1' } },
    );
    expect(await outcomeOf('/x', soon)).toBe('/s/1');
  });
  it('fails with the sentence of its cause', async () => {
    answers({
      status: { id: 'COMPLETED' },
      operation: { 'failure-cause': { class: 'UNAVAILABLE', 'stack-trace': 'disk full\n at x' } },
    });
    await expect(outcomeOf('/x', soon)).rejects.toThrow('disk full');
  });
});

describe('errors', () => {
  it('are the sentence of the server', () => {
    expect(sentenceOf(404, '{"errors":["no such job"]}')).toBe('no such job');
    expect(sentenceOf(502, '<html>bad gateway</html>')).toContain('bad gateway');
    expect(sentenceOf(500, '')).toContain('500');
  });
  it('have a first line and the rest', () => {
    expect(headline('it broke\n  at a\n  at b')).toEqual({ first: 'it broke', rest: '  at a\n  at b' });
    expect(headline('it broke')).toEqual({ first: 'it broke', rest: '' });
  });
});

describe('running a program', () => {
  const options = { parallelism: '', programArgs: '', savepointPath: '', allowNonRestoredState: false };
  it('leaves out what was left empty', () => expect(runBody(options)).toEqual({}));
  it('passes what was given', () =>
    expect(
      runBody({
        ...options,
        parallelism: '4',
        programArgs: '--input "my file.csv"',
        savepointPath: ' /s ',
        allowNonRestoredState: true,
      }),
    ).toEqual({
      parallelism: 4,
      programArgsList: ['--input', 'my file.csv'],
      savepointPath: '/s',
      allowNonRestoredState: true,
    }));
  it('splits as a shell does', () => {
    expect(splitArguments(`--a="x y" 'it is' b`)).toEqual(['--a=x y', 'it is', 'b']);
    expect(splitArguments('  ')).toEqual([]);
  });
});

describe('kinds of memory', () => {
  it('have readable names', () => {
    expect(memoryName('totalFlinkMemory')).toBe('Total engine memory');
    expect(memoryName('jvmOverhead')).toBe('JVM overhead');
  });
});
