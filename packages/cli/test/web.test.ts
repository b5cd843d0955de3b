/** serve http, discard and chargen: what curl of the kernel gets over a TUN device in a namespace. The command itself needs a build. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PATTERN } from '../src/serve-simple.ts';
import { namesOf } from '../src/web/place.ts';
import { rangeOf } from '../src/web/range.ts';

const bin = fileURLToPath(new URL('../../synwave/bin/synwave.js', import.meta.url));

describe('ranges (RFC 9110 §14)', () => {
  test.each<[string | undefined, ReturnType<typeof rangeOf>]>([
    [undefined, 'whole'],
    ['bytes=0-0', { from: 0, to: 0 }],
    ['bytes=10-', { from: 10, to: 99 }],
    ['bytes=-10', { from: 90, to: 99 }],
    ['bytes=-1000', { from: 0, to: 99 }],
    ['bytes=50-1000', { from: 50, to: 99 }],
    ['bytes=100-', 'none'],
    ['bytes=-0', 'none'],
    ['bytes=5-4', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['octets=0-1', 'whole'],
    ['bytes=-', 'whole'],
  ])('%s', (header, range) => expect(rangeOf(header, 100)).toEqual(range));
});

describe('paths', () => {
  test.each<[string, readonly string[] | null]>([
    ['/', ['']],
    ['/a/b%20c?d=/../', ['a', 'b c']],
    ['http://host/a', ['a']],
    ['/../etc/passwd', null],
    ['/%2e%2e/etc/passwd', null],
    ['/a%2f..%2f..', null],
    ['/..%5c', null],
    ['/a%00b', null],
    ['/%ff', null],
    ['*', null],
  ])('%s', (url, names) => expect(namesOf(url)).toEqual(names));
});

const tools = ['ip', 'curl', 'nc'].filter((tool) => spawnSync('which', [tool]).status !== 0);
const missing = process.getuid?.() !== 0 ? 'root' : !existsSync('/dev/net/tun') ? '/dev/net/tun' : (tools[0] ?? '');
if (missing !== '') process.stderr.write(`SKIPPED: serve cannot be met by the kernel here for want of ${missing}\n`);

const sha = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

describe.skipIf(missing !== '')('over a TUN device', () => {
  const space = `synwave-web-${process.pid}`;
  const home = mkdtempSync(join(tmpdir(), 'synwave-web-'));
  const [www, uploads] = [join(home, 'www'), join(home, 'uploads')];
  const big = randomBytes(50 * 1024 * 1024 + 7);
  const children: ChildProcess[] = [];
  const env = { ...process.env, LANG: 'C', XDG_RUNTIME_DIR: home };

  const inside = (program: string, ...words: string[]): { stdout: Buffer; status: number | null } => {
    const all = ['netns', 'exec', space, program, ...words];
    return spawnSync('ip', all, { cwd: home, maxBuffer: 1 << 27, env, timeout: 60_000 });
  };
  const curl = (...words: string[]): Buffer => inside('curl', '-sS', '--noproxy', '*', ...words).stdout;
  const status = (...words: string[]): string => String(curl('-o', '/dev/null', '-w', '%{http_code}', ...words));
  const serve = async (...words: string[]): Promise<ChildProcess> => {
    const child = spawn('ip', ['netns', 'exec', space, process.execPath, bin, 'serve', ...words], { env });
    children.push(child);
    await new Promise<void>((resolve, reject) => {
      let text = '';
      child.stderr.on('data', (chunk) => {
        text += String(chunk);
        if (text.includes('Ctrl-C ends it')) resolve();
      });
      child.once('exit', () => reject(new Error(text)));
    });
    return child;
  };
  const end = async (child: ChildProcess): Promise<number | null> => {
    child.kill('SIGINT');
    if (child.exitCode === null) await once(child, 'exit');
    return child.exitCode;
  };

  beforeAll(async () => {
    mkdirSync(join(www, 'sub'), { recursive: true });
    mkdirSync(uploads);
    writeFileSync(join(www, 'big.bin'), big);
    writeFileSync(join(www, 'page.html'), '<p>page</p>\n');
    writeFileSync(join(www, 'digits.txt'), '0123456789');
    writeFileSync(join(www, 'empty'), '');
    writeFileSync(join(www, 'sub', 'index.html'), 'index of sub\n');
    writeFileSync(join(www, '<b>&"x'), 'odd');
    writeFileSync(join(home, 'secret'), 'secret');
    symlinkSync('../secret', join(www, 'way-out'));
    symlinkSync('digits.txt', join(www, 'way-in'));
    symlinkSync('../secret', join(uploads, 'way-out'));
    utimesSync(join(www, 'digits.txt'), 1_700_000_000, 1_700_000_000);
    expect(spawnSync('ip', ['netns', 'add', space]).status).toBe(0);
    await serve('http', www, '--upload', uploads, '--link', 'tun');
  });
  afterAll(async () => {
    for (const child of children) await end(child);
    spawnSync('ip', ['netns', 'del', space]);
    rmSync(home, { recursive: true });
  });

  const site = 'http://10.9.0.2';

  test('50 MiB each way: the same at the other end', () => {
    expect(sha(curl(`${site}/big.bin`))).toBe(sha(big));
    expect(status('-T', join(www, 'big.bin'), `${site}/copy.bin`)).toBe('201');
    expect(sha(readFileSync(join(uploads, 'copy.bin')))).toBe(sha(big));
    expect(status('-T', join(www, 'digits.txt'), `${site}/copy.bin`)).toBe('204');
    expect(String(readFileSync(join(uploads, 'copy.bin')))).toBe('0123456789');
  }, 60_000);

  test.each<[string, string[], string]>([
    ['a file', ['/digits.txt'], '200'],
    ['an empty file', ['/empty'], '200'],
    ['a link within', ['/way-in'], '200'],
    ['a link that leads out', ['/way-out'], '404'],
    ['nothing', ['/nothing'], '404'],
    ['dots', ['--path-as-is', '/../secret'], '400'],
    ['encoded dots', ['/%2e%2e/secret'], '400'],
    ['a file as a folder', ['/digits.txt/'], '404'],
    ['a folder without its slash', ['/sub'], '301'],
    ['a range', ['-r', '2-4', '/digits.txt'], '206'],
    ['a range outside', ['-r', '20-', '/digits.txt'], '416'],
    ['what is known already', ['-z', 'Tue, 14 Nov 2023 22:13:20 GMT', '/digits.txt'], '304'],
    ['another method', ['-X', 'DELETE', '/digits.txt'], '405'],
    ['a part of a file', ['-T', 'www/digits.txt', '-H', 'Content-Range: bytes 0-9/20', '/part'], '400'],
    ['an upload into no folder', ['-T', 'www/digits.txt', '/no/folder'], '404'],
    ['an upload by a link that leads out', ['-T', 'www/digits.txt', '/way-out'], '404'],
    ['an upload in the place of the folder', ['-T', '-', '/'], '404'],
  ])('%s', (_name, words, code) => {
    const [path = '', ...rest] = words.toReversed();
    expect(status(...rest.toReversed(), site + path)).toBe(code);
    expect(String(readFileSync(join(home, 'secret')))).toBe('secret');
  });

  test('bodies, types, HEAD, index and listing, two requests on one connection', () => {
    expect(String(curl('-r', '2-4', `${site}/digits.txt`))).toBe('234');
    expect(String(curl('-r', '-3', `${site}/digits.txt`))).toBe('789');
    const head = String(curl('-I', `${site}/page.html`));
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toMatch(/content-type: text\/html; charset=utf-8\r\n/i);
    expect(head).toMatch(/content-length: 12\r\n/i);
    expect(String(curl(`${site}/sub/`))).toBe('index of sub\n');
    const page = String(curl(`${site}/`));
    expect(page).toContain('<a href="./sub/">sub/</a>');
    expect(page).toContain('<a href="./%3Cb%3E%26%22x">&#60;b&#62;&#38;&#34;x</a> 3');
    expect(String(curl(`${site}/%3Cb%3E%26%22x`))).toBe('odd');
    const twice = String(curl('-w', '%{num_connects} ', `${site}/digits.txt`, `${site}/digits.txt`));
    expect(twice).toBe('01234567891 01234567890 ');
  });

  test('an upload that breaks off leaves nothing', async () => {
    expect(
      inside('curl', '-sS', '--noproxy', '*', '--limit-rate', '1M', '-m', '1', '-T', 'www/big.bin', `${site}/broken`)
        .status,
    ).toBe(28);
    await expect.poll(() => readdirSync(uploads).toSorted()).toEqual(['copy.bin', 'way-out']);
  });

  test('discard, chargen: RFC 863, RFC 864; Ctrl-C ends with 130 and takes the device away', async () => {
    const other = ['--link', 'tun', '--address', '10.10.0.2/24'];
    const quiet = await serve('discard', ...other);
    expect(inside('sh', '-c', 'head -c 3000000 www/big.bin | nc -N 10.10.0.2 9')).toMatchObject({
      status: 0,
      stdout: Buffer.alloc(0),
    });
    expect(await end(quiet)).toBe(130);
    const loud = await serve('chargen', ...other);
    const size = 3 * PATTERN.length;
    const got = inside('sh', '-c', `nc -d 10.10.0.2 19 | head -c ${size}`).stdout;
    expect(String(got)).toBe(String(Buffer.concat([PATTERN, PATTERN, PATTERN])));
    expect(String(got).split('\r\n', 1)[0]).toBe(
      ` !"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_\`abcdefg`,
    );
    expect(await end(loud)).toBe(130);
    expect(String(inside('ip', '-o', 'link').stdout)).not.toContain('synwave1');
  }, 30_000);
});

test.each<[string, string[], RegExp]>([
  ['a folder that is not there', ['http', 'nowhere'], /cannot serve nowhere: no such file or directory/],
  ['a file', ['http', bin], /it is not a folder/],
  ['a folder for echo', ['echo', '.'], /serve echo has no folder/],
  ['uploads for discard', ['discard', '--upload', '.'], /--upload goes with serve http/],
])('%s', (_name, words, line) => {
  const { stderr, status } = spawnSync(process.execPath, [bin, 'serve', ...words], {
    encoding: 'utf8',
    env: { LANG: 'C' },
  });
  expect(stderr).toMatch(line);
  expect(status).toBe(2);
});
