// A job of a thousand subtasks: the answers are made up, the page is real.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, openBrowser, screenshot, setting, withPage } from './browser.mjs';

before(openBrowser);
after(closeBrowser);

const SUBTASKS = 1000;
// Of a refresh; a quarter of that on a quiet machine.
const REFRESH_ALLOWANCE_MS = 120;
const JOB = 'a'.repeat(32);
const VERTICES = ['b', 'c', 'd'].map((letter) => letter.repeat(32));
let polls = 0;

const io = (n) => ({
  'read-bytes': n * 100,
  'write-bytes': n * 10,
  'read-records': n,
  'write-records': n,
  'accumulated-backpressured-time': n % 1000,
  'accumulated-idle-time': n % 300,
  'accumulated-busy-time': n % 700,
});

function answer(pathname) {
  polls += 1;
  const now = Date.now();
  const started = now - 600_000;
  if (pathname === `/jobs/${JOB}`) {
    const vertices = VERTICES.map((id, i) => ({
      id,
      name: ['Source: many', 'enrich', 'Sink: all'][i],
      parallelism: SUBTASKS,
      maxParallelism: 4096,
      status: 'RUNNING',
      'start-time': started,
      'end-time': -1,
      duration: 600_000,
      tasks: { RUNNING: SUBTASKS },
      metrics: io(polls * 1000),
    }));
    const nodes = VERTICES.map((id, i) => ({
      id,
      parallelism: SUBTASKS,
      description: `${vertices[i].name}<br/>`,
      inputs: i === 0 ? [] : [{ id: VERTICES[i - 1], ship_strategy: 'HASH' }],
    }));
    return {
      jid: JOB,
      name: 'many',
      state: 'RUNNING',
      'start-time': started,
      'end-time': -1,
      duration: 600_000,
      now,
      timestamps: { CREATED: started, RUNNING: started + 50 },
      vertices,
      'status-counts': {},
      plan: { nodes },
    };
  }
  if (pathname.endsWith('/subtasktimes')) {
    const subtasks = Array.from({ length: SUBTASKS }, (_, i) => ({
      subtask: i,
      endpoint: `host-${i % 50}`,
      duration: 600_000,
      timestamps: { CREATED: started, DEPLOYING: started + 20, RUNNING: started + 400 + i * 100 },
    }));
    return { now, subtasks };
  }
  if (/vertices\/\w+$/.test(pathname)) {
    const subtasks = Array.from({ length: SUBTASKS }, (_, i) => ({
      subtask: i,
      status: 'RUNNING',
      attempt: 0,
      endpoint: `host-${i % 50}`,
      'taskmanager-id': `host-${i % 50}`,
      'start-time': started,
      'end-time': -1,
      duration: 600_000,
      metrics: io(polls * 100 + i),
      'status-duration': {},
    }));
    return { id: VERTICES[1], name: 'enrich', parallelism: SUBTASKS, maxParallelism: 4096, now, subtasks };
  }
  if (pathname.endsWith('/subtasks/metrics') || pathname.endsWith('/watermarks')) return [];
  if (pathname.endsWith('/backpressure'))
    return { status: 'ok', subtasks: [{ subtask: 0, 'backpressure-level': 'ok', ratio: 0.04, busyRatio: 0.6 }] };
  if (pathname.endsWith('/exceptions')) return { exceptionHistory: { entries: [], truncated: false } };
  return undefined;
}

// Answers for that job; the cluster's refresh interval is that of these tests, so a usual one is told instead.
const madeUp = async (page) => {
  const config = await (await fetch(`${setting.url}/config`)).json();
  await page.route(
    (url) => url.pathname === '/config',
    (route) => route.fulfill({ json: { ...config, 'refresh-interval': 1500 } }),
  );
  await page.route(new RegExp(`^[^#]*/jobs/${JOB}`), (route) => {
    const { pathname } = new URL(route.request().url());
    const body = pathname.startsWith('/ui') ? undefined : answer(pathname);
    if (pathname.startsWith('/ui')) return route.continue();
    return body === undefined
      ? route.fulfill({ status: 404, json: { errors: ['made up'] } })
      : route.fulfill({ json: body });
  });
};

// Scrolls for a second and a half. The number of frames.
const scroll = (page, selector) =>
  page.evaluate(
    (scrolled) =>
      new Promise((resolve) => {
        const element = document.querySelector(scrolled);
        let frames = 0;
        const begin = performance.now();
        const step = (now) => {
          frames += 1;
          element.scrollTop += 180;
          if (now - begin < 1500) requestAnimationFrame(step);
          else resolve(frames);
        };
        requestAnimationFrame(step);
      }),
    selector,
  );

// Milliseconds of processor time that the page's main thread used while something was done: unlike time on the clock, it does not depend on what else
// the machine does.
async function mainThreadMs(page, act) {
  const debugger_ = await page.context().newCDPSession(page);
  await debugger_.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async () => {
    const { metrics } = await debugger_.send('Performance.getMetrics');
    return metrics.find((metric) => metric.name === 'TaskDuration').value * 1000;
  };
  const before = await read();
  await act();
  return (await read()) - before;
}

for (const [name, address, sight, scroller] of [
  [
    'the table of subtasks',
    `/ui/jobs/${JOB}?vertex=${VERTICES[1]}&panel=subtasks`,
    '.drawer >> text=host-3',
    '.drawer section[aria-label=Subtasks]',
  ],
  ['the timeline', `/ui/jobs/${JOB}/timeline`, '.gantt-bar', '.gantt section'],
]) {
  test(`${name} of a thousand subtasks stays smooth`, async () => {
    await withPage({}, async (page, open) => {
      await madeUp(page);
      await open(address);
      await page.waitForSelector(sight);
      if (name === 'the timeline') await page.click('button.gantt-row >> nth=1');
      await page.waitForSelector(scroller);
      const rows = await page.$$eval(`${scroller} tr, ${scroller} .gantt-row`, (all) => all.length);
      assert.ok(rows > 5 && rows < 120, `${rows} rows are in the page`);
      let frames = 0;
      const used = await mainThreadMs(page, async () => {
        frames = await scroll(page, scroller);
      });
      // Sixty frames a second fit. Two refreshes fall into the time: a thousand rows are read and sorted, once, however many frames there are.
      const perFrame = Math.max(used - 2 * REFRESH_ALLOWANCE_MS, 0) / frames;
      console.log(`${name}: ${used.toFixed(0)} ms of processor time for ${frames} frames and two refreshes`);
      assert.ok(perFrame <= 16, `a frame takes ${perFrame} ms of processor time`);
      await screenshot(page, `many_subtasks_${name === 'the timeline' ? 'timeline' : 'table'}_light`);
    });
  });
}
