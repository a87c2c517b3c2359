// Every page and tab: it shows what it should, in both themes and on a phone, and leaves a screenshot.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { api, closeBrowser, openBrowser, screenshot, seriousFindings, setting, withPage } from './browser.mjs';

before(openBrowser);
after(closeBrowser);

const job = setting.jobs.flights;
const failed = setting.jobs.failing;
const taskManager = (await api('/taskmanagers')).taskmanagers[0].id;
const machine = `/ui/task-managers/${encodeURIComponent(taskManager)}`;
// The window, which has state, time and two inputs' worth of numbers.
const vertices = (await api(`/jobs/${job}`)).vertices;
const vertex = vertices.find((one) => one.name.includes('delay per origin')).id;
const panel = (name) => `/ui/jobs/${job}?vertex=${vertex}&panel=${name}`;

// Name of the screenshot, address, what must be seen.
const PAGES = [
  ['overview', '/', 'text=Available task slots'],
  ['jobs', '/ui/jobs', 'text=All jobs'],
  ['jobs_completed', '/ui/jobs?show=completed', 'text=Completed jobs'],
  ['job', `/ui/jobs/${job}`, '.node >> text=delay per origin'],
  ['job_exceptions', `/ui/jobs/${job}/exceptions`, 'text=Nothing has failed'],
  ['job_failed', `/ui/jobs/${failed}/exceptions`, 'text=flight 20000 has no airport'],
  ['job_data_skew', `/ui/jobs/${job}/skew`, 'td >> text=delay per origin'],
  ['job_timeline', `/ui/jobs/${job}/timeline`, '.gantt-bar'],
  ['job_checkpoints', `/ui/jobs/${job}/checkpoints`, 'text=/Latest completed checkpoint|No statistics/'],
  [
    'job_checkpoints_history',
    `/ui/jobs/${job}/checkpoints/history`,
    'h2:has-text("History"), strong:has-text("No statistics")',
  ],
  ['job_checkpoints_summary', `/ui/jobs/${job}/checkpoints/summary`, 'text=/in figures|No statistics/'],
  ['job_checkpoints_configuration', `/ui/jobs/${job}/checkpoints/configuration`, 'text=How this job checkpoints'],
  ['job_configuration', `/ui/jobs/${job}/configuration`, 'text=Restart strategy'],
  ['vertex_detail', `/ui/jobs/${job}?vertex=${vertex}`, 'text=Max parallelism'],
  ['vertex_subtasks', panel('subtasks'), '.drawer >> text=All together'],
  ['vertex_task_managers', panel('task-managers'), '.drawer td'],
  ['vertex_watermarks', panel('watermarks'), '.drawer >> text=Behind the newest'],
  ['vertex_accumulators', panel('accumulators'), '.drawer >> text=Of this operator'],
  ['vertex_back_pressure', panel('backpressure'), '.drawer >> text=HIGH above'],
  ['vertex_metrics', panel('metrics'), '.drawer .chart canvas'],
  ['vertex_flame_graph', panel('flame-graph'), '.drawer >> text=/Flame graphs|On-CPU/'],
  ['submit', '/ui/submit', 'text=/Choose a file|switched off/'],
  ['task_managers', '/ui/task-managers', 'th >> text=Free slots'],
  ['task_manager_metrics', `${machine}/metrics`, 'text=Resources'],
  ['task_manager_log', `${machine}/logs`, 'text=/^\\d+ lines|not available/'],
  ['task_manager_stdout', `${machine}/stdout`, 'text=/\\d+ lines?|not available|is empty/'],
  ['task_manager_log_files', `${machine}/log-files`, 'text=/Last modified|not available|no log files/'],
  ['task_manager_stacks', `${machine}/stacks`, '.threads >> text=/ThreadExecutor/'],
  ['job_manager_metrics', '/ui/job-manager/metrics', 'text=All metrics'],
  ['job_manager_configuration', '/ui/job-manager/configuration', 'td >> text=rest.port'],
  ['job_manager_log', '/ui/job-manager/logs', 'text=/^\\d+ lines|not available/'],
  ['job_manager_stdout', '/ui/job-manager/stdout', 'text=/\\d+ lines?|not available|is empty/'],
  ['job_manager_log_files', '/ui/job-manager/log-files', 'text=/Last modified|not available|no log files/'],
  ['job_manager_stacks', '/ui/job-manager/stacks', '.threads >> text=/ThreadExecutor/'],
  ['no_such_page', '/ui/nowhere', 'text=There is no such page'],
  ['no_such_job', `/ui/jobs/${'0'.repeat(32)}`, 'text=There is no job'],
];

// The text is there before the numbers, and numbers change without notice: two refreshes make a screenshot that is worth looking at.
const settle = (page) => page.waitForTimeout(setting.refreshMs * 2 + 200);

const ON_PHONES = [
  'overview',
  'jobs',
  'job',
  'job_failed',
  'job_timeline',
  'vertex_subtasks',
  'task_manager_metrics',
  'submit',
];

async function lookAt(page, name) {
  await settle(page);
  await screenshot(page, name);
  assert.deepEqual(await seriousFindings(page), [], name);
}

describe('pages', { concurrency: 3 }, () => {
  for (const [name, address, sight] of PAGES) {
    test(`${name} shows, and everybody can use it, light and dark`, async () => {
      await withPage({ theme: 'light' }, async (page, open) => {
        await open(address);
        await page.waitForSelector(sight);
        await lookAt(page, `${name}_light`);
        await page.emulateMedia({ colorScheme: 'dark' });
        await lookAt(page, `${name}_dark`);
      });
    });
  }

  for (const [name, address, sight] of PAGES.filter(([name]) => ON_PHONES.includes(name))) {
    test(`${name} fits a phone`, async () => {
      await withPage({ size: 'phone' }, async (page, open) => {
        await open(address);
        await page.waitForSelector(sight);
        await lookAt(page, `${name}_phone`);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        const room = await page.evaluate(() => window.innerWidth);
        assert.ok(width <= room, `the page is ${width} pixels wide, the phone ${room}`);
      });
    });
  }
});
