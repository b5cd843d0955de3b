/** serve, exec and nc as users start them: processes of their own that meet at a UDP socket. Needs a build. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../synwave/bin/synwave.js', import.meta.url));

/** A command that runs, and what it has printed so far. */
class Running {
  stdout = Buffer.alloc(0);
  stderr = '';
  readonly child: ChildProcess;
  private readonly closed: Promise<unknown[]>;

  constructor(args: readonly string[], input: string | Buffer | null) {
    this.child = spawn(process.execPath, [bin, ...args], { env: { PATH: process.env['PATH'] ?? '', LANG: 'C' } });
    this.closed = once(this.child, 'close');
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout = Buffer.concat([this.stdout, chunk]);
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += String(chunk);
    });
    this.child.stdin?.on('error', () => undefined); // who has ended reads no more
    if (input !== null) this.child.stdin?.end(input);
  }

  /** Resolves with what the pattern found on standard error. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stderr);
      if (found !== null) return found;
      if (this.child.exitCode !== null) throw new Error(`ended with ${this.child.exitCode}: ${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async end(): Promise<{ status: number | null; stdout: string; stderr: string }> {
    await this.closed;
    return { status: this.child.exitCode, stdout: this.stdout.toString(), stderr: this.stderr };
  }
}

const running: Running[] = [];

afterEach(async () => {
  for (const each of running.splice(0)) {
    each.child.kill('SIGKILL');
    await each.end();
  }
});

function start(args: readonly string[], input: string | Buffer | null = ''): Running {
  const each = new Running(args, input);
  running.push(each);
  return each;
}

/** Starts what listens, at a UDP port that is free; answers how others find it. */
async function listen(args: readonly string[], input?: string | null): Promise<{ server: Running; link: string[] }> {
  const server = start([...args, '--link', 'udp://127.0.0.1:0', '-v'], input);
  const [, link = ''] = await server.says(/(udp:\/\/[\d.]+:\d+)/);
  return { server, link: ['--link', link] };
}

describe('serve exec, and exec', () => {
  test('output, complaints and exit code of a command come back, each where it belongs', async () => {
    const { server, link } = await listen(['serve', 'exec', '--allow-exec']);
    const command = ['exec', ...link, 'server', 'echo 你好;', 'echo no', '>&2;', 'exit 3'];
    expect(await start(command).end()).toEqual({ status: 3, stdout: '你好\n', stderr: 'no\n' });
    const options = await start(['exec', ...link, '10.7.0.1', 'printf', '%s', '--lang', '-v']).end();
    expect(options).toEqual({ status: 0, stdout: '--lang-v', stderr: '' });
    expect(await start(['exec', ...link, 'server', '']).end()).toEqual({ status: 0, stdout: '', stderr: '' });
    server.child.kill('SIGINT');
    expect((await server.end()).status).toBe(130);
    expect(server.stderr).toContain('runs "echo 你好; echo no >&2; exit 3"');
  });

  test('several clients at once, over a link that loses packets', async () => {
    const { link } = await listen(['serve', 'exec', '--allow-exec']);
    const impaired = ['--loss', '5%', '--delay', '5ms', '--jitter', '2ms', '--corrupt', '1%'];
    const clients = ['1', '2', '3'].map((seed) =>
      start(['exec', ...link, ...impaired, '--seed', seed, 'server', `seq ${seed} 20000`]).end(),
    );
    for (const [i, { status, stdout, stderr }] of (await Promise.all(clients)).entries()) {
      const numbers = Array.from({ length: 20_000 - i }, (_, k) => `${k + i + 1}\n`);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout === numbers.join('')).toBe(true);
    }
  }, 30_000);

  test('limits are the server’s, and told', async () => {
    const { link } = await listen(['serve', 'exec', '--allow-exec', '--time-limit', '300ms', '--output-limit', '1K']);
    const late = await start(['exec', ...link, 'server', 'sleep 60']).end();
    expect(late).toEqual({
      status: 124,
      stdout: '',
      stderr: 'synwave: remote: killed after 0.3 s, the time limit\n',
    });
    const much = await start(['exec', ...link, 'server', 'seq 1 1000']).end();
    expect(much).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^synwave: remote: output above 1024/) as string,
    });
    expect(much.stdout.length).toBe(1024);
  });

  test('the first Ctrl-C sends FIN and takes what comes, the second resets; both end with 130', async () => {
    const { server, link } = await listen(['serve', 'exec', '--allow-exec']);
    const patient = start(['exec', ...link, 'server', 'echo a; sleep 0.7; echo b']);
    await server.says(/runs "echo a/);
    await new Promise((resolve) => setTimeout(resolve, 200));
    patient.child.kill('SIGINT');
    expect(await patient.end()).toEqual({
      status: 130,
      stdout: 'a\nb\n',
      stderr: expect.stringMatching(/^synwave: FIN sent.*\n$/) as string,
    });
    const hasty = start(['exec', ...link, 'server', 'sleep 60']);
    await server.says(/runs "sleep 60"/);
    hasty.child.kill('SIGINT');
    await hasty.says(/FIN sent/);
    hasty.child.kill('SIGINT');
    expect((await hasty.end()).status).toBe(130);
    // The server notices, and the command goes with its client.
    await server.says(/runs "sleep 60"[^]*is gone/);
  });

  test('what fails is told on one line, in both worlds, and ends with 1', async () => {
    const { server, link } = await listen(['serve', 'echo']);
    const cases: [string[], RegExp][] = [
      [
        ['-p', '99', 'server', 'ls'],
        /connect to server port 99 failed: Connection refused \(ECONNREFUSED, RST received\)/,
      ],
      [['nobody', 'ls'], /connect to nobody port 512 failed: Name or service not known \(ENOTFOUND, /],
      [['192.0.2.1', 'ls'], /Network is unreachable \(ENETUNREACH, no route/],
      [['-w', '200ms', '10.7.0.9', 'ls'], /Connection timed out \(ETIMEDOUT, no answer to SYN within 200 ms\)/],
      [['-p', '7', 'server', 'ls'], /what answers is no synwave serve exec/],
    ];
    for (const [args, line] of cases) {
      const { status, stdout, stderr } = await start(['exec', ...link, ...args]).end();
      expect(stderr).toMatch(/^synwave: [^\n]+\n$/);
      expect(stderr).toMatch(line);
      expect([status, stdout]).toEqual([1, '']);
    }
    server.child.kill('SIGINT');
    await server.end();
    const { status, stderr } = await start(['exec', ...link, 'server', 'ls']).end();
    expect(stderr).toMatch(/^synwave: nobody is at udp:.*UDP port unreachable.*\n$/);
    expect(status).toBe(1);
  }, 20_000);
});

describe('serve', () => {
  test('a link that is taken', async () => {
    const { link } = await listen(['serve', 'echo']);
    const { status, stderr } = await start(['serve', 'echo', ...link]).end();
    expect(stderr).toMatch(/^synwave: udp:.* is taken: .*\n$/);
    expect(status).toBe(1);
  });

  test('echo, and its policy: each refusal is told', async () => {
    const { server, link } = await listen(['serve', 'echo', '--max-total', '1', '--idle-timeout', '3s']);
    const first = start(['nc', ...link, 'server', '7'], null);
    first.child.stdin?.write('first');
    await server.says(/connects/);
    const second = await start(['nc', ...link, 'server', '7'], null).end();
    expect(second).toMatchObject({ status: 1, stderr: expect.stringMatching(/ECONNRESET, RST received/) as string });
    await server.says(/is refused: too many connections in all/);
    await server.says(/is closed: silent for too long/);
    first.child.stdin?.end();
    expect((await first.end()).stdout).toBe('first');
  });
});

describe('serve, by its policy', () => {
  test('takes new connections no faster than it is told', async () => {
    const { server, link } = await listen(['serve', 'echo', '--rate', '1', '--max-per-client', '5']);
    const clients = ['a', 'b', 'c', 'd'].map((text) => start(['nc', ...link, 'server', '7'], text).end());
    const refused = (await Promise.all(clients)).filter(({ status }) => status === 1);
    // One at once, and at most one more in each second that the others took to start.
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(4);
    expect(server.stderr.match(/too many new connections at once/g)).toHaveLength(refused.length);
  });
});

describe('nc', () => {
  test('a file goes over, both ways at once, and the FIN at its end ends it', async () => {
    const { server, link } = await listen(['nc', '-l', '9000'], 'from who listens\n');
    const file = Buffer.alloc(2_000_000, 'synwave ');
    const client = await start(['nc', '-v', '-N', ...link, 'server', '9000'], file).end();
    expect(client.stdout).toBe('from who listens\n');
    expect(client.stderr).toMatch(
      /^Connection to server 9000 port \[tcp\/\*\] succeeded!\nsynwave: 2000000 bytes sent, 17 bytes received in \d+\.\d\d seconds\n$/,
    );
    const { status, stdout, stderr } = await server.end();
    expect([client.status, status]).toEqual([0, 0]);
    expect(stdout === file.toString()).toBe(true);
    expect(stderr).toMatch(/^Listening on 10\.7\.0\.1 9000 .*\nConnection received on 10\.7\.\d+\.\d+ \d+\n/);
  }, 30_000);

  test('-k serves one after the other; -w ends a silent one; -z looks who listens', async () => {
    const { server, link } = await listen(['nc', '-l', '-k', '9000'], '');
    for (const text of ['one\n', 'two\n']) {
      expect(await start(['nc', ...link, 'server', '9000'], text).end()).toMatchObject({ status: 0, stderr: '' });
    }
    expect(server.stdout.toString()).toBe('one\ntwo\n');
    const open = await start(['nc', '-z', '-v', ...link, 'server', '8999-9001']).end();
    expect(open.status).toBe(0);
    expect(open.stderr.match(/refused/g)).toHaveLength(2);
    expect(open.stderr).toContain('Connection to server 9000 port [tcp/*] succeeded!');
    const none = await start(['nc', '-z', ...link, 'server', '9001']).end();
    expect(none).toMatchObject({ status: 1, stderr: expect.stringMatching(/ECONNREFUSED/) as string });
    const silent = await start(['nc', '-w', '300ms', ...link, 'server', '9000'], null).end();
    expect(silent).toMatchObject({ status: 0, stdout: '' });
    server.child.kill('SIGINT');
    expect((await server.end()).status).toBe(130);
  }, 20_000);

  test('--no-shutdown sends no FIN at the end of standard input', async () => {
    const { server, link } = await listen(['serve', 'echo']);
    const client = start(['nc', '--no-shutdown', '-w', '500ms', ...link, 'server', '7'], 'echo');
    await server.says(/connects/);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(client.child.exitCode).toBe(null);
    expect(await client.end()).toMatchObject({ status: 0, stdout: 'echo' });
  });

  test('-p and -s say where a call comes from, -4 and -6 in which family; -C ends lines with CR LF', async () => {
    const { server, link } = await listen(['nc', '-l', '-4', '9000'], '');
    const client = start(['nc', '-C', '-p', '5555', ...link, 'server', '9000'], 'one\ntwo\r\nthree');
    expect(await client.end()).toMatchObject({ status: 0, stderr: '' });
    const { stdout, stderr } = await server.end();
    expect(stdout).toBe('one\r\ntwo\r\nthree');
    expect(stderr).toMatch(/^Listening on 0\.0\.0\.0 9000 .*\nConnection received on 10\.7\.\d+\.\d+ 5555\n/);
    const wrong = await start(['nc', '-s', '10.7.0.9', ...link, 'server', '9000']).end();
    expect(wrong).toMatchObject({ status: 1, stderr: expect.stringMatching(/EADDRNOTAVAIL/) as string });
    const family = await start(['nc', '-6', ...link, '10.7.0.1', '9000']).end();
    expect(family).toMatchObject({ status: 2, stderr: 'synwave: 10.7.0.1 is not an IPv6 address\n' });
  });

  test('-i sends line by line; -q leaves some time after the end of input; -d does not read it', async () => {
    const { link } = await listen(['serve', 'echo']);
    const began = performance.now();
    const slow = start(['nc', '-i', '400ms', ...link, 'server', '7'], 'one\ntwo\nthree\n');
    expect(await slow.end()).toMatchObject({ status: 0, stdout: 'one\ntwo\nthree\n' });
    expect(performance.now() - began).toBeGreaterThan(800);
    const quitting = start(['nc', '--no-shutdown', '-q', '300ms', ...link, 'server', '7'], 'echo');
    expect(await quitting.end()).toMatchObject({ status: 0, stdout: 'echo' });
    const deaf = start(['nc', '-d', '-w', '2s', ...link, 'server', '7'], 'not read');
    expect(await deaf.end()).toMatchObject({ status: 0, stdout: '' });
  }, 30_000);

  test('-u: datagrams both ways, a port that nobody has, silence, Ctrl-C', async () => {
    const { server, link } = await listen(['nc', '-u', '-l', '9000'], null);
    expect(server.stderr).toMatch(/^Bound on 10\.7\.0\.1 9000 /);
    const client = start(['nc', '-u', '-v', '-w', '1500ms', ...link, 'server', '9000'], null);
    await client.says(/port \[udp\/\*\] succeeded!/);
    client.child.stdin?.write('a question');
    await server.says(/Connection received on 10\.7\.\d+\.\d+ \d+/);
    server.child.stdin?.write('an answer');
    expect(await client.end()).toMatchObject({ status: 0, stdout: 'an answer' });
    expect(server.stdout.toString()).toBe('a question');
    const refused = await start(['nc', '-u', ...link, 'server', '9001'], 'hello').end();
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/9001 \(udp\) failed: .*ECONNREFUSED/) as string,
    });
    server.child.kill('SIGINT');
    expect((await server.end()).status).toBe(130);
  }, 20_000);

  test.each<[string, string[], RegExp]>([
    ['-z with -u', ['-z', '-u', 'server', '9'], /silence tells nothing/],
    ['-l with -p', ['-l', '-p', '7', '8'], /nc -l PORT listens/],
    ['-4 with -6', ['-4', '-6', 'server', '9'], /-4 and -6 do not go together/],
  ])('%s', async (_name, words, line) => {
    const { status, stderr } = await start(['nc', ...words]).end();
    expect(stderr).toMatch(line);
    expect(status).toBe(2);
  });
});
