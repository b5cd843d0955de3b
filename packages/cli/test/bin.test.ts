/** The command itself, started as users start it: what it prints where, and how it ends. Needs a build. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { widthOf } from '../src/ladder/columns.ts';

const bin = fileURLToPath(new URL('../../synwave/bin/synwave.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'synwave-bin-'));
const tiny = join(home, 'tiny.txt');

beforeAll(() => writeFileSync(tiny, 'hello, world\n'));
afterAll(() => rmSync(home, { recursive: true }));

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function synwave(args: readonly string[], env: Record<string, string> = {}, input = ''): Outcome {
  const clean = { PATH: process.env['PATH'] ?? '', LANG: 'C', ...env };
  return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env: clean, cwd: home, input });
}

describe('mistakes are told on one line, and end with 2', () => {
  test.each<[string, string[], RegExp]>([
    ['no command', [], /which command/],
    ['unknown command', ['handshke'], /unknown command 'handshke' .*handshake/],
    ['unknown option', ['handshake', '--los', '5%'], /unknown option '--los' .*--loss/],
    ['loss above all', ['handshake', tiny, '--loss', '101%'], /--loss: 101% is not within/],
    ['loss without a sign', ['handshake', tiny, '--loss', '0.5'], /--loss: 0.5 is not a percentage/],
    ['negative delay', ['handshake', tiny, '--delay', '-5ms'], /--delay: -5ms is below zero/],
    ['no unit', ['handshake', tiny, '--delay', '20'], /20ms or 20s/],
    ['too narrow', ['handshake', tiny, '--width', '20'], /--width: 20/],
    ['unknown labels', ['handshake', tiny, '--labels', 'abc'], /textbook, jk, relative, raw/],
    ['unknown profile', ['handshake', tiny, '--profile', 'bsd'], /rfc, linux/],
    ['unknown language', ['handshake', tiny, '--lang', 'fr'], /zh, en/],
    ['missing file', ['handshake', 'nowhere.txt'], /cannot read nowhere.txt: no such file or directory \(ENOENT\)/],
    ['a folder', ['handshake', home], /cannot read .*EISDIR/],
    ['the file twice', ['handshake', tiny, '--file', tiny], /once/],
    ['a capture that cannot be', ['handshake', tiny, '-w', 'no/where'], /cannot write no\/where: .*ENOENT/],
    ['verbose and quiet', ['handshake', tiny, '-v', '-q'], /together/],
    ['no service', ['serve'], /service/],
    ['unknown service', ['serve', 'gopher'], /echo, discard, chargen, exec, http/],
    ['exec without leave', ['serve', 'exec'], /--allow-exec/],
    ['exec for all the world', ['serve', 'exec', '--allow-exec', '--link', 'udp://0.0.0.0:7700'], /127\.0\.0\.0\/8/],
    ['unknown encoding', ['serve', 'exec', '--encoding', 'big5'], /utf8, gbk/],
    ['a size without sense', ['serve', 'exec', '--output-limit', '0'], /--output-limit: 0 is not a size/],
    ['a count without sense', ['serve', 'echo', '--max-total', '-1'], /--max-total: -1 is not a number from 1/],
    ['a link of another kind', ['exec', '--link', 'mpls', 'server', 'ls'], /--link: mpls is not a link: write udp:/],
    ['a link by name', ['nc', '--link', 'udp://localhost:1', 'server', '7'], /with an IP address/],
    ['exec nowhere', ['exec', 'server'], /command/],
    ['ping nobody', ['ping'], /ping HOST/],
    ['ping no times', ['ping', '-c', '0', 'server'], /-c, --count: 0 is not a number from 1/],
    ['ping with more than a packet holds', ['ping', '-s', '70000', 'server'], /70000 is not a number of octets/],
    ['ping with no hops', ['ping', '-t', '0', 'server'], /-t, --ttl: 0 is not a number of hops/],
    ['ping with no pause', ['ping', '-i', '0', 'server'], /-i, --interval: 0 is no time/],
    ['ping over both families', ['ping', '-4', '-6', 'server'], /-4 and -6/],
    ['ping an address of the other family', ['ping', '-4', 'fd00:2::1'], /fd00:2::1 is not an IPv4 address/],
    ['ping by a link of another kind', ['ping', '--link', 'mpls', 'server'], /--link: mpls is not a link/],
    ['ping whose impairment makes no sense', ['ping', '--loss', '200%', 'server'], /--loss: 200% is not within/],
    ['ping into a file that cannot be', ['ping', '-w', 'no/where', 'server'], /cannot write no\/where: .*ENOENT/],
    ['traceroute to nobody', ['traceroute'], /traceroute HOST/],
    ['traceroute of too many hops', ['traceroute', '-m', '256', 'server'], /256 is not a number of hops/],
    ['traceroute without echoes', ['traceroute', '-q', '0', 'server'], /-q, --queries: 0 is not a number from 1/],
    ['nc nowhere', ['nc', 'server'], /nc HOST PORT/],
    ['nc to listen on nothing', ['nc', '-l'], /nc -l \[HOST\] PORT/],
    ['nc to a port that is none', ['nc', 'server', '70000'], /70000 is not a port/],
    ['nc -k alone', ['nc', '-k', 'server', '7'], /-k .* -l/],
    ['nc -z with -l', ['nc', '-z', '-l', '7'], /-z .* -l/],
    ['nc -z with a range upside down', ['nc', '-z', 'server', '9-7'], /range of ports/],
  ])('%s', (_name, args, line) => {
    const { status, stdout, stderr } = synwave(args);
    expect(stderr).toMatch(/^synwave: [^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  test('a connection that fails ends with 1, after its ladder', () => {
    const { status, stdout, stderr } = synwave(['handshake', tiny, '--loss', '100%']);
    expect(stdout).toContain('SYN=1, seq=x');
    expect(stderr).toMatch(/^synwave: [^\n]*ETIMEDOUT[^\n]*\n$/);
    expect(status).toBe(1);
  });
});

describe('what is printed', () => {
  test('a ladder on standard output, 80 columns wide, without colours, and nothing else', () => {
    const { status, stdout, stderr } = synwave(['handshake', tiny]);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain('Three-way handshake');
    expect(stdout).not.toContain('\u001b');
    expect(Math.max(...stdout.split('\n').map(widthOf))).toBe(80);
  });

  test('colours only when asked for, where there is no terminal', () => {
    expect(synwave(['handshake', tiny], { FORCE_COLOR: '1' }).stdout).toContain('\u001b[');
  });

  test('in Chinese where the environment is', () => {
    expect(synwave(['handshake', '--file', tiny], { LC_ALL: 'zh_CN.UTF-8' }).stdout).toContain('三次握手');
    expect(synwave(['handshake', tiny, '--lang', 'en'], { LC_ALL: 'zh_CN.UTF-8' }).stdout).toContain('handshake');
  });

  test('with --json one document alone', () => {
    const capture = join(home, 'a.pcapng');
    const { status, stdout, stderr } = synwave(['handshake', '-', '--json', '-w', capture], {}, 'from standard input');
    expect(status).toBe(0);
    expect(stderr).toBe('');
    const document = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(document)).toEqual(['segments', 'states', 'bytes', 'sha256', 'capture']);
    expect(document).toMatchObject({ bytes: 19, capture });
    expect(existsSync(capture)).toBe(true);
  });

  test('with -q nothing; with -w the capture is told of on standard error', () => {
    expect(synwave(['handshake', tiny, '-q', '-w', 'q.pcapng'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const { stderr } = synwave(['handshake', tiny, '-w', 'v.pcapng']);
    expect(stderr).toMatch(/^synwave: \d+ packets written to v.pcapng\n$/);
    expect(readFileSync(join(home, 'v.pcapng')).equals(readFileSync(join(home, 'q.pcapng')))).toBe(true);
  });

  test('a seed may be letters', () => {
    const seven = synwave(['handshake', tiny, '--seed', 'seven', '--labels', 'raw']).stdout;
    expect(synwave(['handshake', tiny, '--seed', 'seven', '--labels', 'raw']).stdout).toBe(seven);
    expect(synwave(['handshake', tiny, '--seed', '7', '--labels', 'raw']).stdout).not.toBe(seven);
  });

  test('who stops reading early hears nothing of it', async () => {
    const child = spawn(process.execPath, [bin, 'handshake', bin, '-v'], { env: { LANG: 'C' } });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdout.destroy();
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

const COMMANDS = ['handshake', 'ping', 'traceroute', 'serve', 'nc', 'exec', 'run', 'bench', 'dump', 'ss'];
/** Those that have no link. */
const ALONE = ['handshake', 'run', 'dump', 'ss'];

describe('help', () => {
  test.each([
    ['en', 'Examples:'],
    ['zh', '示例：'],
  ])('in %s leads with three examples and fits one screen', (language, examples) => {
    for (const command of ['', ...COMMANDS, 'completion']) {
      const args = [...(command === '' ? [] : [command]), '--help'];
      const { status, stdout, stderr } = synwave([...args, '--lang', language]);
      expect([status, stderr]).toEqual([0, '']);
      const lines = stdout.trimEnd().split('\n');
      expect(lines.slice(0, 5)).toEqual([
        examples,
        ...[1, 2, 3].map(() => expect.stringMatching(new RegExp(`^ {2}synwave ${command}`)) as string),
        '',
      ]);
      expect(lines.length).toBeLessThanOrEqual(24);
      expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
    }
  });

  test.each(['en', 'zh'].flatMap((language) => COMMANDS.map((name) => [language, name] as const)))(
    'in %s names every option of %s',
    (language, name) => {
      const { stdout } = synwave([name, '--help', '--lang', language]);
      const shared = ALONE.includes(name) ? [] : ['../src/options.ts'];
      const source = [`../src/commands/${name}.ts`, ...shared]
        .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
        .join('');
      const options = new Set(source.match(/(?<=')(?:(?:-\w, )?--[a-z][a-z-]*|-\w)(?=[ '])/g));
      expect(options.size).toBeGreaterThan(7);
      for (const option of options) expect(stdout).toContain(option);
    },
  );

  test('--version is that of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', `file://${bin}`), 'utf8')) as {
      version: string;
    };
    expect(synwave(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
  });
});
