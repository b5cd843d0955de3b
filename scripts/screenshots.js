/**
 * `npm run screenshots [-- ID...]`: a picture of each scenario at its end, in both languages, light and dark by turns, into
 * captures/screenshots; with `--size 360x740` in another size, with `--tab bytes` with a view of the drawer open.
 */
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

/** @param {string} path from the top of the repository */
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: 'string', default: '1366x768' }, tab: { type: 'string' } },
});
const page = at('packages/synwave/dist/lab/');
const scenarios = at('packages/synwave/scenarios/');
const out = at('captures/screenshots/');
const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

/** @param {string} line */
function fail(line) {
  process.stderr.write(`screenshots: ${line}\n`);
  process.exit(2);
}

const [width = 0, height = 0] = values.size.split('x').map(Number);
if (!(width > 0 && height > 0)) fail(`--size: ${values.size} is not a size: write it as 1366x768`);
if (!existsSync(`${page}index.html`)) fail('the page is not built: run npm run build');
if (browserPath === undefined) fail('Chromium is not installed');
const ids = readdirSync(scenarios).map(
  (name) => /** @type {{ id: string }} */ (JSON.parse(readFileSync(join(scenarios, name), 'utf8'))).id,
);
const unknown = positionals.find((id) => !ids.includes(id));
if (unknown !== undefined) fail(`there is no scenario ${unknown}; there are ${ids.join(', ')}`);

/** @type {Readonly<Record<string, string>>} */
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const server = createServer(({ url = '/' }, response) => {
  const name = url === '/' ? 'index.html' : url.slice(1).replace(/[?#].*/, '');
  if (!existsSync(page + name)) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': types[extname(name)] ?? 'text/plain' });
  return void createReadStream(page + name).pipe(response);
});
await new Promise((resolve) => void server.listen(0, '127.0.0.1', () => resolve(null)));
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: browserPath ?? '' });
for (const [i, id] of (positionals.length > 0 ? positionals : ids).entries()) {
  for (const lang of ['zh', 'en']) {
    const colorScheme = (i + (lang === 'en' ? 1 : 0)) % 2 === 0 ? 'light' : 'dark';
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
    const shown = await context.newPage();
    await shown.goto(`http://127.0.0.1:${port}/#s=${id}&lang=${lang}&t=100000`);
    await shown.waitForSelector('.card, .notice', { state: 'attached' });
    if (values.tab !== undefined) await shown.click(`.drawer-tabs button[data-tab="${values.tab}"]`);
    await shown.waitForTimeout(400);
    const path = `${out}${id}-${lang}-${values.size}${values.tab === undefined ? '' : `-${values.tab}`}.png`;
    await shown.screenshot({ path });
    process.stdout.write(`${relative(process.cwd(), path)}\n`);
    await context.close();
  }
}
await browser.close();
server.close();
