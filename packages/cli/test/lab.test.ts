/** `synwave lab` and `npm start` as users start them: the page answers, Ctrl-C ends it, a port that is taken is told. Needs a build. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bin = `${root}packages/synwave/bin/synwave.js`;
const hasTerminals = spawnSync('script', ['--version'], { stdio: 'ignore' }).status === 0;

interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  readonly line: string;
  /** How it ended. */
  readonly ended: Promise<number | null>;
}

const children: ChildProcess[] = [];
const servers: Server[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
});

/** Starts it, and waits for the line that tells where the page is. */
function serving(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Served> {
  const child = spawn(command, args, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C', TERM: 'dumb', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let out = '';
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const found = /^.*(http:\/\/127\.0\.0\.1:\d+\/).*$/m.exec(out);
      if (found !== null) resolve({ child, url: found[1] ?? '', line: found[0], ended });
    });
    child.once('exit', () => reject(new Error(`it ended without a page: ${out}`)));
  });
}

const lab = (args: readonly string[], env: Record<string, string> = {}): Promise<Served> =>
  serving(process.execPath, [bin, 'lab', ...args], env);

/** Takes a port of this machine; 0: any. */
async function taken(port: number): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('synwave lab', () => {
  test('serves the page with all that it names, and nothing outside of its folder; Ctrl-C ends it with 130', async () => {
    const { child, url, line, ended } = await lab(['--port', '0']);
    expect(line).toMatch(/^The lab is at http:\/\/127\.0\.0\.1:\d+\/ \(Ctrl-C ends\)$/);
    const page = await fetch(url);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const text = await page.text();
    expect(text).toContain('<div id="lab">');
    for (const [, path = ''] of text.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)) {
      expect((await fetch(url + path.slice(2))).status, path).toBe(200);
    }
    expect((await fetch(`${url}%2e%2e/%2e%2e/package.json`)).status).toBe(404);
    expect((await fetch(`${url}nothing`)).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect(await (await fetch(url, { method: 'HEAD' })).text()).toBe('');
    child.kill('SIGINT');
    expect(await ended).toBe(130);
  });

  test('in Chinese where the environment is', async () => {
    const { line } = await lab(['-p', '0'], { LC_ALL: 'zh_CN.UTF-8' });
    expect(line).toContain('实验室网页');
  });

  test('a port that was asked for and is taken: one line, and 1', async () => {
    const port = await taken(0);
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'lab', '--port', String(port)], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', LANG: 'C' },
      timeout: 10_000,
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `synwave: listen on 127.0.0.1 port ${port} failed: Address already in use (EADDRINUSE, another socket has the port)\n`,
    );
  });

  test('the usual port is taken: another one that is free', async () => {
    await taken(4600).catch(() => 0); // it may be somebody else's already
    const { url, child, ended } = await lab([]);
    expect(url).not.toContain(':4600/');
    expect((await fetch(url)).status).toBe(200);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
  });

  test.each([['70000'], ['x'], ['-1']])('--port %s: one line, and 2', (port) => {
    const { status, stderr } = spawnSync(process.execPath, [bin, 'lab', `--port=${port}`], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', LANG: 'C' },
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^synwave: [^\n]*port[^\n]*\n$/);
  });
});

describe('npm start', () => {
  // What `npm start` does after the build.
  const start = `${process.execPath} scripts/start.js`;

  test('without a terminal: the handshake, what to try next, and the end', () => {
    const { status, stdout } = spawnSync(process.execPath, ['scripts/start.js'], { cwd: root, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('npx synwave lab');
    expect(stdout).not.toContain('http://127.0.0.1');
  });

  test.skipIf(!hasTerminals)('at a terminal: the page afterwards, until Ctrl-C', { timeout: 30_000 }, async () => {
    const { child, url, ended } = await serving('script', ['-qec', start, '/dev/null']);
    expect((await fetch(url)).status).toBe(200);
    child.stdin?.write('\u0003');
    expect([0, 130]).toContain(await ended);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});
