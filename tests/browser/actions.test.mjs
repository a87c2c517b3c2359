// What a person does: submit, watch, look into, take a savepoint, stop, cancel; what happens when the connection is lost.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { api, closeBrowser, openBrowser, screenshot, setting, stateOf, until, withPage } from './browser.mjs';

before(openBrowser);
after(closeBrowser);

const { jobs } = setting;
// The exact number behind "1.23 M", which may look the same for a long time.
const numberSent = async (page) =>
  Number((await page.getAttribute('tr[data-row] td:nth-child(6) span', 'title')).replace(/\D/g, ''));

test('a running job is watched: its numbers grow and its boxes stay where they are', async () => {
  await withPage({}, async (page, open) => {
    await open(`/ui/jobs/${jobs.flights}`);
    await page.waitForSelector('.node');
    const places = () => page.$$eval('.node', (nodes) => nodes.map((node) => [node.style.left, node.style.top]));
    const [before, placesBefore] = [await numberSent(page), await places()];
    await until('the count of records grows on the page', async () => (await numberSent(page)) > before);
    await page.waitForSelector('.edge-rate');
    assert.deepEqual(await places(), placesBefore);
  });
});

test('the counts on the page are those of the API', async () => {
  await withPage({}, async (page, open) => {
    await open(`/ui/jobs/${jobs.finished}`);
    const shown = await page.$$eval('tr[data-row] td:nth-child(4) span', (cells) =>
      cells.map((cell) => cell.title.replaceAll('\u202f', '')),
    );
    const { vertices } = await api(`/jobs/${jobs.finished}`);
    await page.waitForSelector('tr[data-row]');
    const titles = await page.$$eval('tr[data-row] td:nth-child(4) span', (cells) =>
      cells.map((cell) => cell.title.replaceAll('\u202f', '')),
    );
    assert.deepEqual(
      titles,
      vertices.map((vertex) => String(vertex.metrics['write-records'])),
      `at first ${shown}`,
    );
  });
});

test('a failed job shows its first cause', async () => {
  await withPage({}, async (page, open) => {
    await open('/ui/jobs?show=failed');
    await page.click('text=failing flights');
    await page.click('role=tab[name=/Exceptions/]');
    await page.waitForSelector('.failure.root >> text=flight 20000 has no airport');
    assert.match(await page.textContent('.failure.root'), /airport of flight/);
  });
});

test('the keyboard is enough: search, graph, drawer', async () => {
  await withPage({}, async (page, open) => {
    await open('/');
    await page.waitForSelector('h1');
    // The page may be there some frames before it listens to keys.
    await until('the search is open', async () => {
      await page.keyboard.press('/');
      return page.evaluate(() => document.activeElement?.getAttribute('role') === 'combobox');
    });
    await page.keyboard.type('job, running flights');
    assert.equal(await page.inputValue('[role=combobox]'), 'job, running flights');
    await page.waitForSelector('[role=option] >> text=flights');
    await screenshot(page, 'search_light');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.node');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-node'));
    await page.focus('.node');
    const first = await focused();
    await page.keyboard.press('ArrowRight');
    await until('the focus has moved along an edge', async () => (await focused()) !== first);
    await page.keyboard.press('ArrowLeft');
    await until('the focus is back', async () => (await focused()) === first);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.drawer');
    assert.match(page.url(), new RegExp(`vertex=${first}`));
    await page.focus('.drawer [role=tab][aria-selected=true]');
    await page.keyboard.press('ArrowRight');
    await page.waitForSelector('.drawer >> text=Subtask');
    assert.match(page.url(), /panel=subtasks/);
    await page.keyboard.press('Escape');
    await page.waitForSelector('.drawer', { state: 'detached' });
  });
});

test('addresses can be passed on, the way back works, and those of Flink lead here', async () => {
  await withPage({}, async (page, open) => {
    await open(`/#/job/running/${jobs.flights}/timeline`);
    await page.waitForSelector('.gantt');
    assert.equal(new URL(page.url()).pathname, `/ui/jobs/${jobs.flights}/timeline`);
    await page.click('role=tab[name=Configuration]');
    await page.waitForSelector('text=Restart strategy');
    await page.goBack();
    await page.waitForSelector('.gantt');
    await page.reload();
    await page.waitForSelector('.gantt');
  });
});

test('a theme that was chosen stays', async () => {
  await withPage({}, async (page, open) => {
    await open('/');
    await page.click('role=button[name=Dark]');
    await page.reload();
    await page.waitForSelector('h1');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  });
});

test('the first paint comes within a second', async () => {
  const times = [];
  // Other programs may have the processor at times.
  for (let attempt = 0; attempt < 10 && !times.some((time) => time <= 1000); ++attempt) {
    await withPage({}, async (page, open) => {
      await open('/');
      await page.waitForSelector('h1');
      // What is in the document may not have been painted yet.
      const painted = await page.waitForFunction(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
      );
      times.push(await painted.jsonValue());
    });
  }
  assert.ok(Math.min(...times) <= 1000, `first paints after ${times} ms`);
});

// Passes connections on until it is cut.
function startProxy(target) {
  const sockets = new Set();
  let server;
  const keep = (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const listen = (port) =>
    new Promise((resolve) => {
      server = net.createServer((client) => {
        const upstream = net.connect(target, '127.0.0.1');
        keep(client);
        keep(upstream);
        client.pipe(upstream).pipe(client);
      });
      server.listen(port, '127.0.0.1', () => resolve(server.address().port));
    });
  const cut = () =>
    new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    });
  return { listen, cut };
}

test('a lost connection is said, counted, and comes back by itself', async () => {
  const proxy = startProxy(Number(new URL(setting.url).port));
  const port = await proxy.listen(0);
  try {
    await withPage({ base: `http://127.0.0.1:${port}` }, async (page, open) => {
      await open(`/ui/jobs/${jobs.flights}`);
      await page.waitForSelector('.node');
      await proxy.cut();
      await page.waitForSelector('text=Lost connection, reconnecting');
      await page.waitForSelector('.banner >> text=/\\(([2-9]|\\d\\d+) s\\)/');
      await screenshot(page, 'lost_connection_light');
      assert.ok(await page.isVisible('.node'), 'what was known stays on the page');
      await proxy.listen(port);
      await page.waitForSelector('.banner', { state: 'detached' });
      const sent = await numberSent(page);
      await until('numbers move again', async () => (await numberSent(page)) !== sent);
    });
  } finally {
    await proxy.cut();
  }
});

test('a savepoint is taken and its place told', async () => {
  await withPage({}, async (page, open) => {
    await open(`/ui/jobs/${jobs.flights}`);
    await page.click('role=button[name=Savepoint]');
    await page.fill('dialog input.input', setting.savepoints);
    await screenshot(page, 'dialog_savepoint_light');
    await page.click('dialog >> text=Take savepoint');
    const place = await page.textContent('.toast.ok code');
    assert.ok(fs.existsSync(path.join(place.replace(/^file:/, ''), '_metadata')), place);
    assert.equal(await stateOf(jobs.flights), 'RUNNING');
  });
});

test('a checkpoint is taken when somebody asks', async () => {
  await withPage({}, async (page, open) => {
    await open(`/ui/jobs/${jobs.flights}/checkpoints`);
    await page.click('text=Take a checkpoint now');
    const said = await page.textContent('text=/Checkpoint \\d+ completed/');
    const [number] = /\d+/.exec(said);
    const taken = await api(`/jobs/${jobs.flights}/checkpoints/details/${number}`);
    assert.equal(taken.status, 'COMPLETED');
  });
});

test('an action that fails says why', async () => {
  await withPage({}, async (page, open) => {
    await open(`/ui/jobs/${jobs.flights}`);
    await page.click('role=button[name=Savepoint]');
    await page.fill('dialog input.input', '/proc/nowhere');
    await page.click('dialog >> text=Take savepoint');
    await page.waitForSelector('.toast.bad >> text=/nowhere/');
  });
});

test('a job is stopped with a savepoint', async () => {
  await withPage({}, async (page, open) => {
    await open(`/ui/jobs/${jobs.stopped}`);
    await page.click('role=button[name=Stop]');
    await page.fill('dialog input.input', setting.savepoints);
    await screenshot(page, 'dialog_stop_light');
    await page.click('dialog >> role=button[name="Stop job"]');
    await page.waitForSelector('.toast.ok code');
    await page.waitForSelector('.page-head .badge >> text=finished');
    assert.equal(await stateOf(jobs.stopped), 'FINISHED');
  });
});

test('a job is cancelled, after it was asked', async () => {
  await withPage({}, async (page, open) => {
    await open(`/ui/jobs/${jobs.canceled}`);
    await page.click('role=button[name="Cancel job"]');
    await page.waitForSelector('dialog >> text=is lost');
    await screenshot(page, 'dialog_cancel_light');
    await page.click('dialog >> text=Back');
    assert.equal(await stateOf(jobs.canceled), 'RUNNING');
    await page.click('role=button[name="Cancel job"]');
    await page.click('dialog >> role=button[name="Cancel job"]');
    await page.waitForSelector('.page-head .badge >> text=canceled');
    assert.equal(await stateOf(jobs.canceled), 'CANCELED');
    await page.waitForSelector('role=button[name="Cancel job"]', { state: 'detached' });
  });
});

const { features } = await api('/config');
test('a program is uploaded, looked at, run and deleted', {
  skip: features['web-submit'] ? false : 'web.submit is off',
}, async () => {
  await withPage({}, async (page, open) => {
    await open('/ui/submit');
    await page.setInputFiles('input[type=file]', setting.program);
    const name = path.basename(setting.program);
    await page.click(`td >> text=${name}`);
    await page.fill('role=textbox[name=Parallelism]', '2');
    await page.click('text=Show plan');
    await page.waitForSelector('.run-form .node');
    await screenshot(page, 'submit_plan_light');
    await page.click('role=button[name=Run]');
    await page.waitForURL(/\/ui\/jobs\/[0-9a-f]{32}/);
    const job = /[0-9a-f]{32}/.exec(page.url())[0];
    await until('the job runs', async () => (await stateOf(job)) === 'RUNNING');
    assert.equal((await api(`/jobs/${job}`)).vertices[0].parallelism, 2);
    await fetch(`${setting.url}/jobs/${job}`, { method: 'PATCH' });
    await open('/ui/submit');
    await page.click('role=button[name=Delete]');
    await page.click('dialog >> role=button[name=Delete]');
    await page.waitForSelector('text=Nothing has been uploaded yet');
  });
});
