// What the browser tests share: a browser, pages that report their errors, screenshots, the accessibility check.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

// The packages are the UI's.
const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

// web_test.py says where the cluster is and what runs on it.
export const setting = JSON.parse(process.env.WEIR_BROWSER_TEST ?? '{}');

const TIMEOUT_MS = 30_000;
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
let browser;

export async function openBrowser() {
  browser = await chromium.launch({
    executablePath: setting.chromium,
    // A container has neither a sandbox of its own nor much shared memory; nothing but the cluster is to be asked.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
    ],
  });
}

export const closeBrowser = () => browser?.close();

// A page that fails its test when a script fails in it, or when it asks anybody else for anything.
export async function withPage(options, act) {
  const context = await browser.newContext({
    viewport: SIZES[options.size ?? 'desktop'],
    colorScheme: options.theme ?? 'light',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  const errors = [];
  const base = options.base ?? setting.url;
  page.on('pageerror', (error) => errors.push(error.stack ?? String(error)));
  page.on('console', (message) => {
    // What an answer's status means is the page's affair; the browser logs it anyhow.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url()))
      errors.push(`asks for ${request.url()}`);
  });
  try {
    await act(page, (address) => page.goto(`${base}${address}`, { waitUntil: 'load' }));
    assert.deepEqual(errors, []);
  } catch (error) {
    await page.screenshot({ path: path.join(setting.screenshots, 'failure.png') }).catch(() => undefined);
    throw error;
  } finally {
    await context.close();
  }
}

export async function screenshot(page, name) {
  fs.mkdirSync(setting.screenshots, { recursive: true });
  await page.screenshot({ path: path.join(setting.screenshots, `${name}.png`) });
}

// Findings that keep somebody from using the page, as "rule: element".
export async function seriousFindings(page) {
  // The page's policy lets no foreign script in; the debugger may run one all the same.
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return result.violations
    .filter((violation) => ['serious', 'critical'].includes(violation.impact))
    .flatMap((violation) =>
      violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
    );
}

export async function api(address, options) {
  const response = await fetch(`${setting.url}${address}`, options);
  assert.ok(response.ok, `${address} answered ${response.status}`);
  return response.json();
}

export async function until(what, holds, timeoutMs = TIMEOUT_MS) {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const found = await holds();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${timeoutMs} ms for: ${what}`);
}

export const stateOf = async (job) => (await api(`/jobs/${job}`)).state;
