// The history server: the pages of jobs that have ended, and nothing of a cluster.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeBrowser, openBrowser, screenshot, seriousFindings, setting, withPage } from './browser.mjs';

before(openBrowser);
after(closeBrowser);

const { finished, failing } = setting.jobs;
const vertex = (await (await fetch(`${setting.historyUrl}/jobs/${finished}`)).json()).vertices[0].id;

const PAGES = [
  ['overview', '/', 'td >> text=failing flights'],
  ['jobs', '/ui/jobs', 'text=All jobs'],
  ['job', `/ui/jobs/${finished}`, '.node'],
  ['job_failed', `/ui/jobs/${failing}/exceptions`, 'text=flight 20000 has no airport'],
  ['job_timeline', `/ui/jobs/${finished}/timeline`, '.gantt-bar'],
  [
    'job_checkpoints',
    `/ui/jobs/${finished}/checkpoints`,
    'text=/Latest completed checkpoint|No statistics|No checkpoint/',
  ],
  ['job_configuration', `/ui/jobs/${finished}/configuration`, 'text=Restart strategy'],
  ['vertex_subtasks', `/ui/jobs/${finished}?vertex=${vertex}&panel=subtasks`, '.drawer td'],
];

describe('the history server', () => {
  for (const [name, address, sight] of PAGES) {
    test(`shows ${name}`, async () => {
      await withPage({ base: setting.historyUrl }, async (page, open) => {
        await open(address);
        await page.waitForSelector(sight);
        await page.waitForTimeout(setting.refreshMs + 200);
        await screenshot(page, `history_${name}`);
        assert.deepEqual(await seriousFindings(page), [], name);
        const rail = await page.locator('nav.rail a.rail-link').allInnerTexts();
        assert.deepEqual(
          rail.map((text) => text.trim().split('\n')[0]),
          ['Overview', 'Jobs'],
        );
        // What cannot be had is not asked for in vain, and not offered.
        assert.equal(await page.getByRole('link', { name: /Task manager|Job manager|Data skew|Metrics/i }).count(), 0);
        assert.equal(await page.getByRole('button', { name: /^(Cancel job|Stop|Savepoint|Take a)/ }).count(), 0);
      });
    });
  }
});
