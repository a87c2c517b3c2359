import { beforeEach, describe, expect, it } from 'vitest';
import { prefixOf } from '../src/base';
import { fromFlink, go, match, place, startRouter, withQuery } from '../src/router';
import { find } from '../src/search';

describe('addresses of Flink', () => {
  it.each([
    ['#/overview', '/overview'],
    ['#/job/running', '/jobs?show=running'],
    ['#/job/completed', '/jobs?show=completed'],
    ['#/job/running/1f2e/overview', '/jobs/1f2e/overview'],
    ['#/job/completed/1f2e/dataskew', '/jobs/1f2e/skew'],
    ['#/job/running/1f2e/checkpoints/history', '/jobs/1f2e/checkpoints'],
    ['#/task-manager', '/task-managers'],
    ['#/task-manager/tm-1/thread-dump', '/task-managers/tm-1/stacks'],
    ['#/job-manager/config', '/job-manager/configuration'],
    ['#/submit', '/submit'],
  ])('%s leads to %s', (hash, ours) => expect(fromFlink(hash)).toBe(ours));
  it('that are none lead nowhere', () => expect(fromFlink('#L12')).toBeUndefined());
});

describe('patterns', () => {
  it('name their parts', () =>
    expect(match('/jobs/:id/:tab?', '/jobs/a%20b/skew')).toEqual({ id: 'a b', tab: 'skew' }));
  it('may lack the last ones', () => expect(match('/jobs/:id/:tab?', '/jobs/a')).toEqual({ id: 'a' }));
  it('match nothing longer, shorter or other', () => {
    expect(match('/jobs/:id', '/jobs')).toBeUndefined();
    expect(match('/jobs/:id', '/jobs/a/b')).toBeUndefined();
    expect(match('/jobs', '/submit')).toBeUndefined();
  });
});

describe('going somewhere', () => {
  beforeEach(() => {
    history.replaceState(null, '', '/ui/jobs/a?vertex=v');
    startRouter();
  });
  it('reads the address', () => expect(place.get().path).toBe('/jobs/a'));
  it('changes a part of the query', () => {
    expect(withQuery({ panel: 'metrics' })).toBe('/jobs/a?vertex=v&panel=metrics');
    expect(withQuery({ vertex: null })).toBe('/jobs/a');
  });
  it('tells who watches', () => {
    let calls = 0;
    const stop = place.subscribe(() => calls++);
    go('/submit');
    stop();
    expect(calls).toBe(1);
    expect(window.location.pathname).toBe('/ui/submit');
  });
});

describe('the search', () => {
  const targets = [
    { kind: 'job, running', title: 'all flights', note: 'ab12', to: '/jobs/ab12' },
    { kind: 'operator', title: 'flights', to: '/x' },
  ];
  it('puts what begins with the text first', () =>
    expect(find(targets, 'fli').map((one) => one.to)).toEqual(['/x', '/jobs/ab12']));
  it('finds by id and by kind', () =>
    expect(find(targets, 'ab12 running').map((one) => one.to)).toEqual(['/jobs/ab12']));
  it('has limits', () => expect(find(targets, '', 1)).toHaveLength(1));
});

describe('the prefix of a proxy', () => {
  it.each([
    ['http://localhost:8081/assets/index-1a2b.js', ''],
    ['https://example.org/weir/assets/index-1a2b.js', '/weir'],
    ['https://example.org/ui/assets/weir/assets/index-1a2b.js', '/ui/assets/weir'],
    ['http://localhost:5173/src/base.ts', ''],
  ])('of %s is "%s"', (script, prefix) => expect(prefixOf(script)).toBe(prefix));
});
