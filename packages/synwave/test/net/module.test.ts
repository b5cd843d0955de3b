/** synwave/net as a module: imported, required, typed, in a process of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import nodeNet from 'node:net';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { createHost } from '../../src/node/index.ts';
import * as names from '../../src/node/net.ts';

const { default: net } = names;
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Runs a program that says `net` after having required the package. */
function run(program: string): { status: number | null; out: string } {
  const source = `const net = require('synwave/net');\n${program}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', source], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 8000,
  });
  return { status, out: stdout + stderr };
}

/** Names that Node.js 24 has added: the surface is that of Node.js 20. */
const LATER: ReadonlySet<string> = new Set(['BoundSocket']);

describe('the module object', () => {
  test('has every public name of node:net, of the same kind', () => {
    for (const [name, value] of Object.entries(nodeNet)) {
      if (name.startsWith('_') || LATER.has(name)) continue;
      expect([name, typeof (net as unknown as Record<string, unknown>)[name]]).toEqual([name, typeof value]);
      expect(names).toHaveProperty(name);
    }
  });

  test('is an ordinary object: names may be replaced', () => {
    const mine = net.createNet(createHost());
    const { connect } = mine;
    mine.connect = () => 'replaced' as never;
    expect(mine.connect(1)).toBe('replaced');
    expect(net.connect).not.toBe(mine.connect);
    mine.connect = connect;
  });

  test('what it makes is taken where sockets and servers of Node.js are asked for', () => {
    const socket: nodeNet.Socket = new net.Socket();
    const server: nodeNet.Server = net.createServer();
    expect([socket.readyState, server.listening]).toEqual(['open', false]);
    socket.destroy();
  });
});

describe('in a process of its own', () => {
  beforeAll(() => {
    if (!existsSync(new URL('../../dist/node/net.js', import.meta.url))) throw new Error('run `npm run build` first');
  });

  test('require gives the object itself', () => {
    const { out } = run('console.log(typeof net.connect, net.default, Object.isFrozen(net)); net.connect = 1;');
    expect(out).toBe('function undefined false\n');
  });

  test('a server and a client speak, and the process ends', () => {
    const { status, out } = run(`
      const server = net.createServer((socket) => socket.end('bye'));
      server.listen(0, () => {
        net.connect(server.address().port).on('data', (data) => console.log(String(data))).on('close', () => server.close());
      });`);
    expect({ status, out }).toEqual({ status: 0, out: 'bye\n' });
  });

  test.each([
    ['a server that listens', 'net.createServer().listen(0)', 'goes on'],
    ['a server that is unreferenced', 'net.createServer().listen(0).unref()', ''],
    ['a server that was unreferenced before it listened', 'net.createServer().unref().listen(0)', ''],
    [
      'an idle connection',
      'const s = net.createServer().listen(0, () => net.connect(s.address().port, () => s.unref()))',
      'goes on',
    ],
    [
      'an idle connection, unreferenced at both ends',
      'const s = net.createServer((c) => c.unref()).listen(0, () => net.connect(s.address().port, function () { s.unref(); this.unref(); }))',
      '',
    ],
    [
      'a time-out of a socket that is unreferenced',
      'const s = net.createServer((c) => c.unref()).listen(0, () => net.connect(s.address().port, function () { s.unref(); this.unref().setTimeout(5000); }))',
      '',
    ],
  ])('%s', (_name, program, says) => {
    // The timer is looked at only by a program that goes on for another reason.
    const { status, out } = run(
      `${program}; setTimeout(() => { console.log('goes on'); process.exit(); }, 150).unref();`,
    );
    expect({ status, out: out.trim() }).toEqual({ status: 0, out: says });
  });
});
