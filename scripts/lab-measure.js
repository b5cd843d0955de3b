/// <reference lib="dom" />
/**
 * `npm run lab:measure`: how fast the page is, in Chromium: when its first step is seen with the processor slowed down four
 * times, how many frames a second it draws while playing, and the longest stall while a transfer of 10,000 segments is
 * scrubbed. Ends with 1 where one of them misses its bound. Figures are for a machine that has nothing else to do.
 */
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const folder = fileURLToPath(new URL('../packages/synwave/dist/lab/', import.meta.url));
const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

/** @param {string} line */
function fail(line) {
  process.stderr.write(`lab:measure: ${line}\n`);
  process.exit(2);
}

if (!existsSync(`${folder}index.html`)) fail('the page is not built: run npm run build');
if (browserPath === undefined) fail('Chromium is not installed');

/** @type {Readonly<Record<string, string>>} */
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const server = createServer(({ url = '/' }, response) => {
  const name = url === '/' ? 'index.html' : url.slice(1).replace(/[?#].*/, '');
  if (!existsSync(folder + name)) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': types[extname(name)] ?? 'text/plain' });
  return void createReadStream(folder + name).pipe(response);
});
await new Promise((resolve) => void server.listen(0, '127.0.0.1', () => resolve(null)));
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
const browser = await chromium.launch({ executablePath: browserPath ?? '' });

/** Watches, from the first line of script on, for the first step. */
function watch() {
  const seen = /** @type {any} */ (globalThis);
  seen.firstStep = null;
  const look = () => {
    if (document.querySelector('.ladder .here') !== null) seen.firstStep = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/**
 * @param {string} hash
 * @param {number} slower
 */
async function open(hash, slower) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  const page = await context.newPage();
  await page.addInitScript(watch);
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(`http://127.0.0.1:${port}/#${hash}`);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).firstStep !== null, null, { timeout: 120_000 });
  return { page, busy: () => busyTime(session) };
}

/**
 * How long the page's own thread has been at work so far, in milliseconds: what others do on the machine is not in it.
 * @param {import('playwright-core').CDPSession} session
 */
async function busyTime(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
}

/** Milliseconds from the navigation to the first step. */
async function firstStep() {
  const { page } = await open('s=handshake&lang=en', 4);
  const time = await page.evaluate(() => /** @type {number} */ (/** @type {any} */ (globalThis).firstStep));
  await page.context().close();
  return time;
}

/** Frames a second while the congestion scenario plays for three seconds. */
async function playing() {
  const { page, busy } = await open('s=congestion&lang=en&t=40', 1);
  await page.keyboard.press('Space');
  const before = await busy();
  const frames = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const begin = performance.now();
        let count = 0;
        const turn = (/** @type {number} */ now) => {
          count++;
          if (now - begin < 3000) requestAnimationFrame(turn);
          else resolve((count * 1000) / (now - begin));
        };
        requestAnimationFrame(turn);
      }),
  );
  const frame = (await busy()) - before;
  await page.context().close();
  return { frames: /** @type {number} */ (frames), each: frame / (3 * /** @type {number} */ (frames)) };
}

/** The playground, where 10 MB are sent: about 10,000 segments. */
function longRun() {
  const at = (/** @type {number} */ time, /** @type {string} */ who, /** @type {object} */ deed) => ({
    type: 'deed',
    events: 0,
    time,
    who,
    deed,
  });
  const deeds = [
    at(0, 'server', {
      do: 'listen',
      port: 80,
      as: 'listener',
      backlog: null,
      synBacklog: null,
      app: { name: 'read', settings: {} },
      config: {},
    }),
    at(0, 'client', { do: 'connect', to: 'server', port: 80, from: 0, as: 'mine', app: null, config: {} }),
    at(0, 'client', { do: 'write', socket: 'mine', content: { octets: 14_500_000 }, times: 1, every: 0 }),
  ];
  const text = Buffer.from(JSON.stringify(deeds)).toString('base64url');
  return `s=playground&lang=en&t=1&i=${text}`;
}

/** How long the page does not answer while the reader scrubs and steps through the long run; and how many segments that has. */
async function scrubbing() {
  const { page, busy } = await open(longRun(), 1);
  const all = Number((await page.textContent('.counter'))?.split('/')[1]);
  await page.waitForTimeout(1500);
  let stall = 0;
  let work = 0;
  for (let i = 0; i <= 60; i++) {
    const before = await busy();
    const took = await page.evaluate(
      async (to) => {
        const input = /** @type {HTMLInputElement} */ (document.querySelector('.track input'));
        const begin = performance.now();
        input.value = String(to);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
        return performance.now() - begin;
      },
      (i * 7919) % all,
    );
    stall = Math.max(stall, took);
    work = Math.max(work, (await busy()) - before);
  }
  await page.context().close();
  return { all, stall, work };
}

let failed = false;
/**
 * @param {string} what
 * @param {string} figure
 * @param {boolean} holds
 */
function tell(what, figure, holds) {
  if (!holds) failed = true;
  process.stdout.write(`${holds ? 'ok  ' : 'MISS'} ${what}: ${figure}\n`);
}

// The best of three: others may be at work on the machine.
const firsts = [await firstStep(), await firstStep(), await firstStep()];
const first = Math.min(...firsts);
tell('first step seen, processor slowed 4 times (at most 1000 ms)', `${Math.round(first)} ms`, first <= 1000);
const plays = [await playing(), await playing()];
const frames = Math.max(...plays.map((each) => each.frames));
const each = Math.min(...plays.map((one) => one.each));
tell(
  'frames a second while playing (60)',
  `${frames.toFixed(1)}; ${each.toFixed(1)} ms of work for each`,
  frames >= 58,
);
const runs = [await scrubbing(), await scrubbing()];
const stall = Math.min(...runs.map((run) => run.stall));
const work = Math.min(...runs.map((run) => run.work));
tell(
  `longest stall while scrubbing ${runs[0]?.all} steps (at most 100 ms)`,
  `${Math.round(stall)} ms; ${Math.round(work)} ms of work`,
  stall <= 100,
);
await browser.close();
server.close();
process.exitCode = failed ? 1 : 0;
