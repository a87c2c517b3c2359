// Parts of pages whose answers are made up, because a real cluster gives them seldom or at length: long logs, verdicts, checkpoints, refusals.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { closeBrowser, openBrowser, screenshot, seriousFindings, setting, until, withPage } from './browser.mjs';

before(openBrowser);
after(closeBrowser);

const job = `/jobs/${setting.jobs.flights}`;
const answerWith = (page, address, body, status = 200) =>
  page.route(
    (url) => url.pathname === address,
    (route) => route.fulfill({ status, json: body }),
  );

// Serves a text as a file that may grow, by ranges, as the JobManager serves logs.
function serveFile(page, address, file) {
  return page.route(
    (url) => url.pathname === address,
    (route) => {
      const text = file();
      const range = /bytes=(\d*)-/.exec(route.request().headers().range ?? '');
      const from = range === null ? 0 : range[1] === '' ? Math.max(0, text.length - 2_000_000) : Number(range[1]);
      if (range !== null && from >= text.length)
        return route.fulfill({ status: 416, headers: { 'Content-Range': `bytes */${text.length}` } });
      const headers = {
        'Content-Type': 'text/plain',
        'Content-Range': `bytes ${from}-${text.length - 1}/${text.length}`,
      };
      return route.fulfill({ status: range === null ? 200 : 206, headers, body: text.slice(from) });
    },
  );
}

const LEVELS = ['info', 'info', 'info', 'warning', 'error', 'debug'];
const lineOf = (n) =>
  `2026-04-05 12:00:00.${String(n % 1000).padStart(3, '0')} [${LEVELS[n % 6]}] [weir-control] event number ${n}\n`;

test('a long log is followed, searched, filtered, linked to and downloaded', async () => {
  let text = Array.from({ length: 30_000 }, (_, n) => lineOf(n)).join('');
  await withPage({}, async (page, open) => {
    await serveFile(page, '/jobmanager/log', () => text);
    await open('/ui/job-manager/logs');
    await page.waitForSelector('text=event number 29999');
    assert.ok((await page.$$('.log-line')).length < 150, 'only the visible lines are in the page');
    await screenshot(page, 'log_light');
    assert.deepEqual(await seriousFindings(page), []);
    text += lineOf(30_000);
    await page.waitForSelector('text=event number 30000');
    await page.fill('role=searchbox[name="Search Log"]', 'number 12345');
    await page.waitForSelector('mark >> text=number 12345');
    assert.equal((await page.$$('.log-line')).length, 1);
    await page.fill('role=searchbox[name="Search Log"]', '');
    for (const level of ['info', 'warning', 'debug']) await page.click(`role=button[name=${level}]`);
    await until(
      'only errors are left',
      async () => await page.$$eval('.log-line', (lines) => lines.every((line) => line.classList.contains('error'))),
    );
    for (const level of ['info', 'warning', 'debug']) await page.click(`role=button[name=${level}]`);
    // The end is in view again.
    await page.waitForSelector('.log-line:last-child >> text=event number 30000');
    await page.click('.log-line:last-child .log-number');
    await page.waitForSelector('.log-line.linked');
    assert.match(page.url(), /#L30001$/);
    const [saved] = await Promise.all([page.waitForEvent('download'), page.click('text=Download')]);
    assert.equal(fs.readFileSync(await saved.path(), 'utf8'), text);
  });
});

const VERDICTS = [
  {
    kind: 'bottleneck',
    severity: 'warning',
    'vertex-id': null,
    subtask: 1,
    summary: '`delay per origin` is the bottleneck: 97 % busy on 1 of 2 subtasks; key `7` is 39 % of its input.',
    advice: 'Aggregate before the exchange, or spread the key with a salt.',
    evidence: [
      { name: 'busy', value: '97 %' },
      { name: 'busy elsewhere', value: '38 %' },
      { name: 'hottest key', value: '7 (39 %)' },
    ],
  },
  {
    kind: 'checkpoint',
    severity: 'error',
    summary: 'Checkpoint 12 will not finish: its barrier waits before `late flights` (subtask 0).',
    evidence: [{ name: 'since', value: '48 s' }],
  },
];

test('the diagnosis stands first, with its evidence', async () => {
  for (const theme of ['light', 'dark']) {
    await withPage({ theme }, async (page, open) => {
      await answerWith(page, `${job}/diagnosis`, { timestamp: 0, verdicts: VERDICTS });
      await open(`/ui${job}`);
      await page.waitForSelector('.verdict >> text=97 % busy');
      assert.equal(await page.textContent('.verdict strong'), 'delay per origin');
      const verdict = await page.locator('.verdicts').boundingBox();
      const graph = await page.locator('.graph').boundingBox();
      assert.ok(verdict.y < graph.y);
      await page.waitForTimeout(setting.refreshMs * 3);
      await screenshot(page, `diagnosis_${theme}`);
      assert.deepEqual(await seriousFindings(page), []);
    });
  }
});

const START = Date.now() - 120_000;
const sizes = {
  checkpointed_size: 48_000,
  state_size: 1_250_000,
  end_to_end_duration: 84,
  processed_data: 2048,
  persisted_data: 0,
};
const checkpointOf = (id, more = {}) => ({
  id,
  status: 'COMPLETED',
  is_savepoint: false,
  checkpoint_type: 'CHECKPOINT',
  trigger_timestamp: START + id * 10_000,
  latest_ack_timestamp: START + id * 10_000 + 84,
  num_subtasks: 8,
  num_acknowledged_subtasks: 8,
  external_path: `file:/checkpoints/chk-${id}`,
  ...sizes,
  ...more,
});

test('checkpoints are shown down to their subtasks', async () => {
  await withPage({}, async (page, open) => {
    const failed = checkpointOf(3, {
      status: 'FAILED',
      num_acknowledged_subtasks: 5,
      failure_message: 'Checkpoint expired before completing.',
    });
    const history = [checkpointOf(4), failed, checkpointOf(2, { is_savepoint: true }), checkpointOf(1)];
    const spread = { min: 12, avg: 50, max: 84, p50: 48, p90: 80, p95: 82, p99: 84, p999: 84 };
    const { vertices } = await (await fetch(`${setting.url}${job}`)).json();
    await answerWith(page, `${job}/checkpoints`, {
      counts: { restored: 0, total: 4, in_progress: 0, completed: 3, failed: 1 },
      summary: Object.fromEntries(Object.keys(sizes).map((name) => [name, spread])),
      latest: { completed: history[0], failed, savepoint: history[2], restored: null },
      history,
    });
    const tasks = Object.fromEntries(
      vertices.map((vertex) => [
        vertex.id,
        { ...checkpointOf(4), num_subtasks: 2, num_acknowledged_subtasks: 2, id: vertex.id },
      ]),
    );
    await answerWith(page, `${job}/checkpoints/details/4`, { ...history[0], tasks });
    const subtask = (index) => ({
      index,
      status: 'completed',
      ack_timestamp: START,
      end_to_end_duration: 40 + index,
      checkpointed_size: 6000,
      state_size: 150_000,
      checkpoint: { sync: 1, async: 30, unaligned_checkpoint: false },
      alignment: { processed: 100, persisted: 0, duration: 5 },
      start_delay: 2,
    });
    await answerWith(page, `${job}/checkpoints/details/4/subtasks/${vertices[1].id}`, {
      subtasks: [subtask(0), subtask(1)],
    });
    await open(`/ui${job}/checkpoints`);
    await page.waitForSelector('text=Checkpoint expired before completing');
    await screenshot(page, 'checkpoints_overview_light');
    assert.deepEqual(await seriousFindings(page), []);
    await page.click('role=tab[name=History]');
    await page.click('role=button[name="Checkpoint 4 in detail"]');
    await page.click(`role=button[name="Subtasks of ${vertices[1].name}"]`);
    await page.waitForSelector('text=Start delay');
    await screenshot(page, 'checkpoints_history_light');
    assert.deepEqual(await seriousFindings(page), []);
    await page.click('role=tab[name=Summary]');
    await page.waitForSelector('th >> text=p99.9');
    await screenshot(page, 'checkpoints_summary_light');
  });
});

test('what is switched off is not offered', async () => {
  await withPage({}, async (page, open) => {
    const config = await (await fetch(`${setting.url}/config`)).json();
    await answerWith(page, '/config', {
      ...config,
      features: { ...config.features, 'web-cancel': false, 'web-submit': false },
    });
    await open(`/ui${job}`);
    await page.waitForSelector('role=button[name=Savepoint]');
    await page.waitForSelector('role=button[name="Cancel job"]', { state: 'detached' });
    assert.equal(await page.isVisible('.rail >> text=Submit'), false);
  });
});

test('a cluster that asks for a token gets it', async () => {
  await withPage({}, async (page, open) => {
    let tokens = 0;
    await page.route(
      (url) => url.pathname === '/overview',
      (route) => {
        if (route.request().headers().authorization !== 'Bearer let-me-in')
          return route.fulfill({ status: 401, json: { errors: ['a token is needed'] } });
        tokens += 1;
        return route.continue();
      },
    );
    await open('/');
    await page.fill('role=textbox[name=Token]', 'let-me-in');
    await screenshot(page, 'token_light');
    await page.click('role=button[name="Go on"]');
    await until('the token is sent', () => tokens > 0);
    await page.waitForSelector('text=Available task slots');
  });
});

test('an answer that is an error shows its sentence, and the next one its data', async () => {
  await withPage({}, async (page, open) => {
    await answerWith(page, '/taskmanagers', { errors: ['the resource manager does not answer'] }, 500);
    await open('/ui/task-managers');
    await page.waitForSelector('.problem >> text=the resource manager does not answer');
    await screenshot(page, 'problem_light');
    assert.deepEqual(await seriousFindings(page), []);
    await page.unrouteAll();
    await page.click('text=Try again');
    await page.waitForSelector('td >> text=connected');
  });
});
