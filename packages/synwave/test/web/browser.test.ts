/** The stack in a real page: hosts in real time in the page and in a worker, and a world that runs there as it does here. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { findChromium, launch } from './chromium.ts';
import type { exchange } from './page/main.ts';
import type { pingPong } from './page/pair.ts';
import { runWorld } from './page/world.ts';

/** One script, from the sources, that names nothing of Node.js. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('page/main.ts', import.meta.url));
  const lib = { entry, formats: ['iife' as const], name: 'page' };
  const built = await build({ configFile: false, logLevel: 'error', build: { lib, write: false, minify: false } });
  const [output] = [built].flat();
  if (output === undefined || !('output' in output)) throw new Error('vite built nothing');
  return output.output[0].code;
}

const path = findChromium();

describe.skipIf(path === null)('in Chromium', () => {
  const errors: string[] = [];
  let script = '';
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    [script, browser] = await Promise.all([bundle(), launch(path ?? '')]);
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => errors.push(message.text()));
    // No server: the page is what stands here, at an address that has digests.
    await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '<title>synwave</title>' }));
    await page.goto('http://localhost/');
    await page.addScriptTag({ content: script });
  }, 60_000);

  afterAll(() => browser.close());

  test.each([4, 6])(
    'two hosts of a page exchange 1 MiB over IPv%i',
    async (family) => {
      const { sent, got } = await page.evaluate<Awaited<ReturnType<typeof exchange>>>(`page.exchange(${family})`);
      expect(sent).toMatch(/^[0-9a-f]{64}$/);
      expect(got).toBe(sent);
      expect(errors).toEqual([]);
    },
    30_000,
  );

  test('two hosts that answer each other without end leave the page its turns', async () => {
    const { before, all } = await page.evaluate<Awaited<ReturnType<typeof pingPong>>>('page.pingPong(200)');
    expect(before).toBeGreaterThan(0);
    expect(all).toBeGreaterThan(before);
  }, 30_000);

  test('and two of a worker', async () => {
    const answer = await page.evaluate((code) => {
      const source = `${code}; page.exchange().then(postMessage, (error) => postMessage({ got: String(error) }));`;
      const worker = new Worker(URL.createObjectURL(new Blob([source])));
      return new Promise<Awaited<ReturnType<typeof exchange>>>((resolve) => {
        worker.addEventListener('message', ({ data }) => resolve(data as Awaited<ReturnType<typeof exchange>>));
      });
    }, script);
    expect(answer.got).toBe(answer.sent);
  }, 30_000);

  test.each<[Family, number]>([
    [4, 1],
    [4, 2],
    [6, 3],
    [6, 4],
  ])(
    'a world over IPv%i, of seed %i, is the same here and there, to the last packet',
    async (family, seed) => {
      const there = await page.evaluate<Awaited<ReturnType<typeof runWorld>>>(`page.runWorld(${seed}, ${family})`);
      expect(there.hash).toMatch(/^[0-9a-f]{16}$/);
      expect(there).toEqual(await runWorld(seed, family));
    },
    30_000,
  );
});
