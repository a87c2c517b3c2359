// The UI behind a proxy that puts a prefix before all addresses.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { closeBrowser, openBrowser, setting, withPage } from './browser.mjs';

const PREFIX = '/behind/ui';
const outside = [];

// Passes on what is below the prefix; notes what is not.
const proxy = http.createServer((request, response) => {
  if (!request.url.startsWith(`${PREFIX}/`)) {
    outside.push(request.url);
    response.writeHead(404).end();
    return;
  }
  const { host: _, ...headers } = request.headers;
  const onward = http.request(
    `${setting.url}${request.url.slice(PREFIX.length)}`,
    { method: request.method, headers },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  request.pipe(onward);
});

before(async () => {
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  await openBrowser();
});
after(async () => {
  await closeBrowser();
  proxy.close();
  proxy.closeAllConnections();
});

test('every page works behind a prefix, and asks for nothing beside it', async () => {
  const base = `http://127.0.0.1:${proxy.address().port}`;
  await withPage({ base }, async (page, open) => {
    await open(`${PREFIX}/`);
    await page.waitForSelector('text=Available task slots');
    assert.equal(new URL(page.url()).pathname, `${PREFIX}/ui/overview`);
    await page.locator('td a', { hasText: 'flights to stop' }).first().click();
    await page.waitForSelector('.node');
    assert.equal(new URL(page.url()).pathname, `${PREFIX}/ui/jobs/${setting.jobs.stopped}`);
    // The address as it was passed on to somebody else, several folders deep.
    await open(`${PREFIX}/ui/jobs/${setting.jobs.failing}/exceptions`);
    await page.waitForSelector('text=flight 20000 has no airport');
    await page.goBack();
    await page.waitForSelector('.node');
    assert.deepEqual(
      outside.filter((address) => address !== '/favicon.ico'),
      [],
    );
  });
});
