/** The built page in Chromium, as its tests and the screenshots use it: served from its folder, driven by keys and clicks. */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';

const built = fileURLToPath(new URL('../../synwave/dist/lab/', import.meta.url));
const files = fileURLToPath(new URL('../../synwave/scenarios/', import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** A scenario file, as far as the tests look into it. */
export interface ScenarioFile {
  readonly id: string;
  readonly number: number;
  readonly variants?: readonly { readonly id: string }[];
}

/** The scenario files, in their order. */
export function scenarioFiles(): ScenarioFile[] {
  const all = readdirSync(files)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(files, name), 'utf8')) as ScenarioFile);
  return all.toSorted((a, b) => a.number - b.number);
}

/** Serves the page's folder, as any static host would. */
export async function serve(): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    readFile(join(built, name)).then(
      (octets) => response.writeHead(200, { 'content-type': types[extname(name)] ?? 'text/plain' }).end(octets),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

export class LabPage {
  readonly page: Page;
  /** What went wrong in the page, and requests to elsewhere. */
  readonly complaints: string[] = [];
  private readonly origin: string;

  private constructor(page: Page, origin: string) {
    this.page = page;
    this.origin = origin;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !url.startsWith('blob:')) this.complaints.push(`asks ${url}`);
    });
  }

  static async open(browser: Browser, server: Server): Promise<LabPage> {
    const { port } = server.address() as AddressInfo;
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    return new LabPage(page, `http://127.0.0.1:${port}`);
  }

  /** Shows what an address says; a fresh page. */
  async show(hash: string, query = ''): Promise<void> {
    await this.page.goto('about:blank');
    await this.page.goto(`${this.origin}/${query}#${hash}`);
    // A run of no moments at all is one as well: the playground's, before anybody has done anything.
    await this.page.waitForSelector('.ladder[aria-busy="false"]');
    await this.page.waitForSelector('.card', { state: 'attached' });
  }

  /** Opens a file by the page's button. */
  async openFile(name: string, octets: Uint8Array): Promise<void> {
    await this.page.setInputFiles('.top .file-input', {
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(octets),
    });
  }

  /** The same, where nothing happens by itself. */
  async showEmpty(hash: string): Promise<void> {
    await this.page.goto('about:blank');
    await this.page.goto(`${this.origin}/#${hash}`);
    await this.page.waitForSelector('.ladder-heads span');
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** `[3, 14]`: the moment, and how many there are. */
  async counter(): Promise<[number, number]> {
    const [at = 0, all = 0] = (await this.text('.counter')).split('/').map(Number);
    return [at, all];
  }

  async text(selector: string): Promise<string> {
    return (await this.page.textContent(selector)) ?? '';
  }

  async texts(selector: string): Promise<string[]> {
    return this.page.$$eval(selector, (elements) => elements.map(({ textContent }) => textContent ?? ''));
  }

  /** What each host's card shows, in their order. */
  states(): Promise<(string | undefined)[]> {
    return this.page.$$eval('.card-state .pill', (pills) =>
      pills.map((pill) => (pill as HTMLElement).dataset['state']),
    );
  }

  /** What is said of each packet that is drawn, to those who hear the page: with the whole of its label. */
  sentences(): Promise<string[]> {
    return this.page.$$eval('.packet:not(.copy)', (all) => all.map((each) => each.getAttribute('aria-label') ?? ''));
  }

  /** What axe finds on the page, or in a part of it. */
  async violations(part?: string): Promise<string[]> {
    const builder = new AxeBuilder({ page: this.page });
    const { violations } = await (part === undefined ? builder : builder.include(part)).analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  }

  /** Opens a packet's menu by a click, and chooses. */
  async choose(packet: number, name: RegExp): Promise<void> {
    await this.page.click(`.packet[data-packet="${packet}"] .label`, { force: true });
    await this.page.getByRole('menuitem', { name }).click();
    await this.page.waitForSelector('.notice.changed');
  }
}
