/** The programs in `examples/`, run as readers run them; what they print is what they promise. Needs a build. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));
const names = readdirSync(EXAMPLES).filter((name) => name.endsWith('.mjs'));

/** Each example ends within that, or is ended. */
const LIMIT = 9_000;

interface Program {
  readonly child: ChildProcess;
  readonly printed: { out: string; err: string };
  readonly ended: Promise<unknown>;
}

const programs: Program[] = [];

beforeAll(() => {
  const built = new URL('../dist/node/net.js', import.meta.url);
  if (!existsSync(built)) throw new Error('dist is not there: run `npm run build` first');
});

afterEach(async () => {
  for (const { child, ended } of programs.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});

function start(name: string, ...args: string[]): Program {
  const env = { PATH: process.env['PATH'] ?? '' };
  const child = spawn(process.execPath, [`${EXAMPLES}${name}.mjs`, ...args], { env, timeout: LIMIT });
  const program = { child, printed: { out: '', err: '' }, ended: once(child, 'close') };
  child.stdout.on('data', (chunk: Buffer) => {
    program.printed.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    program.printed.err += chunk.toString();
  });
  programs.push(program);
  return program;
}

/** Runs one to its end, which must be a good one unless told otherwise; answers its lines. */
async function run(name: string, args: readonly string[] = [], status = 0): Promise<string[]> {
  const { child, printed, ended } = start(name, ...args);
  await ended;
  expect({ status: child.exitCode, err: status === 0 ? printed.err : '' }).toEqual({ status, err: '' });
  return printed.out.trimEnd().split('\n');
}

/** Starts a server at a UDP port that is free; answers the port, when the server listens. */
async function serve(name: string, ...args: string[]): Promise<{ server: Program; port: string }> {
  const server = start(name, ...args, '0');
  return { server, port: await portOf(server) };
}

async function portOf({ child, printed, ended }: Program): Promise<string> {
  for (;;) {
    const [, port] = /UDP port (\d+)/.exec(printed.out) ?? [];
    if (port !== undefined) return port;
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${printed.err}`);
    await Promise.race([once(child.stdout as NodeJS.EventEmitter, 'data'), ended]);
  }
}

/** Ctrl-C: the server closes in order. Answers what it has printed, without the addresses of clients. */
async function stop({ child, printed, ended }: Program): Promise<string[]> {
  child.kill('SIGINT');
  await ended;
  expect([child.exitCode, printed.err]).toEqual([0, '']);
  return printed.out
    .replace(/10\.7\.0\.2:\d+/g, 'CLIENT')
    .trimEnd()
    .split('\n')
    .slice(1);
}

describe('every example', () => {
  test.each(names)('%s says at its top what it is and how to run it, in English and in Chinese', (name) => {
    const text = readFileSync(`${EXAMPLES}${name}`, 'utf8');
    const [comment = ''] = /^\/\*\*[^]*?\*\//.exec(text) ?? [];
    expect(comment).toContain(`node examples/${name}`);
    expect(comment).toMatch(/^ \* [A-Z][\w' -]+[:.,]/m);
    expect(comment).toMatch(/[\u4e00-\u9fff]{4}.*。/);
    expect(text).toContain("from 'synwave/net'");
  });

  test('is run below', () => {
    const text = readFileSync(fileURLToPath(import.meta.url), 'utf8');
    const untested = names.filter((name) => !new RegExp(`(?:run|serve)\\('${name.replace('.mjs', '')}'`).test(text));
    expect(untested).toEqual([]);
  });
});

describe('two processes', () => {
  test('echo', async () => {
    const { server, port } = await serve('echo-server');
    const lines = ['echoed: hello', 'echoed: 你好', 'echoed: goodbye', 'closed'];
    expect(await run('echo-client', [port])).toEqual(lines);
    expect(await run('echo-client', [port])).toEqual(lines);
    const told = ['CLIENT connects', 'CLIENT is gone, 21 octets echoed'];
    expect(await stop(server)).toEqual([...told, ...told]);
    await run('echo-client', [port], 1); // nobody is there any more
  });

  test('remote commands', async () => {
    const { server, port } = await serve('remote-command-server', '--allow-exec');
    const client = start('remote-command-client', port);
    await client.ended;
    expect(client.printed).toEqual({
      out: [
        '你好\n"echo 你好" ends with 0\n',
        '"" ends with 0\n',
        '"echo to stderr >&2; exit 3" ends with 3\n',
        '50000\n"seq 1 50000 | wc -l" ends with 0\n',
      ].join(''),
      err: 'to stderr\n',
    });
    expect(client.child.exitCode).toBe(0);

    // Larger than a read; an exit code that becomes the client's.
    const long = await run('remote-command-client', [port, 'seq 1 50000; exit 7'], 7);
    expect(long).toHaveLength(50_001);
    expect(long.slice(-2)).toEqual(['50000', '"seq 1 50000; exit 7" ends with 7']);

    // One that is killed leaves nothing but a connection: the server goes on.
    const killed = start('remote-command-client', port, 'echo begun; sleep 1; echo more');
    while (!killed.printed.out.includes('begun')) await once(killed.child.stdout as NodeJS.EventEmitter, 'data');
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(await run('remote-command-client', [port, 'echo next'])).toEqual(['next', '"echo next" ends with 0']);
    expect(server.printed.out).toContain('runs ""\n');
  });

  test('remote commands whose output is GBK', async () => {
    const server = start('remote-command-server', '--allow-exec', '0', 'gbk');
    const port = await portOf(server);
    // One octet of a character, a pause, and the other.
    const command = "printf '\\304'; sleep 0.1; printf '\\343\\n'";
    const [line] = await run('remote-command-client', [port, command]);
    expect(line).toBe('你');
  });

  test('the remote command server refuses to run unless it is asked to', async () => {
    await run('remote-command-server', [], 2);
    await run('remote-command-client', ['1'], 1);
  });
});

describe('one process', () => {
  test('a server that speaks first', async () => {
    expect(await run('server-speaks-first')).toEqual([
      '0.020 s  client: connected, not reading',
      '0.030 s  server: greeting sent, and a FIN behind it',
      '2.020 s  client: CLOSE-WAIT, 13 octets wait to be read',
      '2.020 s  client: read "220 welcome\\r\\n", then the end',
    ]);
  });

  test('a message larger than one read', async () => {
    const lines = await run('large-message');
    const [, sent] = /^sent: {5}(1048576 octets, SHA-256 [0-9a-f]{16})$/.exec(lines[0] ?? '') ?? [];
    const [, first, reads] =
      /^the first read brought (\d+) octets, all (\d+) together 1048580$/.exec(lines[1] ?? '') ?? [];
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe(`received: ${sent}`);
    expect(Number(first)).toBeLessThan(1_048_576);
    expect(Number(reads)).toBeGreaterThan(1);
  });

  test('short connections: who closes first keeps TIME-WAIT', async () => {
    expect(await run('short-connection')).toEqual([
      'the server closes first:',
      '  connections at the client: none; at the server: TIME-WAIT',
      'after 2MSL, 240 s:',
      '  connections at the client: none; at the server: none',
      'the client closes first:',
      '  connections at the client: TIME-WAIT; at the server: none',
      'ten more short connections of that kind:',
      '  TIME-WAIT at the client: 11; at the server: 0',
    ]);
  });

  test('a long connection, and a server that will not keep a silent one', async () => {
    const lines = await run('long-connection');
    expect(lines.map((line) => line.replace(/^ *\d+ min {2}/, ''))).toEqual([
      'client: 1000 requests over one connection, 1 open at the server',
      'server: a connection is closed or refused, reason: idle',
      'client: the server has closed the silent connection',
      'client: connected again, and was answered',
      'server: a connection is closed or refused, reason: address',
      'client: of three connections 2 are open at the server',
    ]);
  });

  test('an internet: what is found on the way, and a way around a router that dies', async () => {
    const lines = await run('internet');
    const client6 = 'fd00:1::ff:fe00:1';
    const server6 = 'fd00:2::ff:fe00:3';
    const rtt = 'N ms / N ms / N ms';
    const hop = (ttl: number, who: string): string => `  ${ttl}  ${who}  N ms  N ms  N ms`;
    const first = [hop(1, 'r1 (10.1.0.1)'), hop(2, 'r2 (10.12.0.2)'), hop(3, 'r4 (10.24.0.4)')];
    const second = [hop(1, 'r1 (10.1.0.1)'), hop(2, 'r3 (10.12.0.3)'), hop(3, 'r4 (10.34.0.4)')];
    const last = hop(4, 'server (10.2.0.10)');
    expect(lines.map((line) => line.replace(/^ *[\d.]+ s {2}/, '').replace(/[\d.]+ ms/g, 'N ms'))).toEqual([
      `client is 10.1.0.10 and ${client6}`,
      `server is 10.2.0.10 and ${server6}`,
      'http over IPv4:',
      '  r2 (10.12.0.2) tells client: packet too big',
      '  r4 (10.2.0.1) tells server: packet too big',
      '  100000 octets came back from 10.2.0.10',
      'http over IPv6:',
      '  r2 (fd00:12::2) tells client: packet too big',
      '  r4 (fd00:2::1) tells server: packet too big',
      `  100000 octets came back from ${server6}`,
      `ping 10.2.0.10: 4 sent, 4 received, round trip min / avg / max = ${rtt}`,
      `ping ${server6}: 4 sent, 4 received, round trip min / avg / max = ${rtt}`,
      'traceroute 10.2.0.10:',
      ...first,
      last,
      `traceroute ${server6}:`,
      ...[hop(1, 'r1 (fd00:1::1)'), hop(2, 'r2 (fd00:12::2)'), hop(3, 'r4 (fd00:24::4)')],
      hop(4, `server (${server6})`),
      "laptop's ping of 1500 octets: 10.12.0.2 takes 1280 at most",
      'http with 500,000 octets, and a router that dies in the middle:',
      '  r2 is dead',
      '  r1: 10.12.0.2 does not answer',
      '  r4: 10.24.0.2 does not answer',
      '  r3 (10.12.0.3) tells client: packet too big',
      '  500000 octets came back from 10.2.0.10',
      'traceroute 10.2.0.10:',
      ...second,
      last,
      'r2 is back:',
      'traceroute 10.2.0.10:',
      ...first,
      last,
      'captures/internet.pcapng holds what the client saw',
    ]);
  });
});
