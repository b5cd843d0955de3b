/**
 * Other people's DNS behind a TUN device of the kernel's: BIND's clients, `dig` and `host`, ask a name server of ours, and a
 * resolver of ours asks dnsmasq.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Resolver } from '../../src/dns/resolver.ts';
import { nameServer, resolver } from '../../src/node/dns.ts';
import { type Kernel, lacking, meetKernel } from '../kernel/device.ts';
import { codeOf, RECORDS } from './helpers.ts';

const missing = lacking('dig', 'host');
if (missing !== '') process.stderr.write(`SKIPPED: dig cannot ask our name server here for want of ${missing}\n`);

const MEETING = { device: 'synwave-dns', kernel: '10.80.0.1', ours: '10.80.0.2' } as const;

/** What a tool prints on standard output, whatever it ends with. */
function run(tool: string, ...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(tool, args, { timeout: 8000 }, (_error, stdout) => resolve(stdout));
  });
}

const dig = (...args: string[]): Promise<string> => run('dig', `@${MEETING.ours}`, '+tries=2', '+time=2', ...args);

describe.skipIf(missing !== '')('dig', () => {
  let kernel: Kernel;

  beforeAll(async () => {
    kernel = await meetKernel(MEETING);
    const big = Array.from({ length: 200 }, (_, i) => `10.2.0.${i}`);
    nameServer(kernel.host, { records: { ...RECORDS, 'big.example': big } });
  });
  afterAll(() => kernel.close());

  test.each<[string, string[], string]>([
    ['A', ['www.example', 'A'], '10.1.0.1\n'],
    ['AAAA', ['www.example', 'AAAA'], 'fd01::1\n'],
    ['CNAME, followed', ['alias.example', 'A'], 'www.example.\n10.1.0.1\n'],
    ['MX', ['example', 'MX'], '10 mail.example.\n'],
    ['NS', ['example', 'NS'], 'ns.example.\n'],
    ['TXT', ['mail.example', 'TXT'], '"v=spf1 -all"\n'],
    ['SRV', ['_http._tcp.example', 'SRV'], '0 0 80 www.example.\n'],
    ['SOA', ['example', 'SOA'], 'ns.example. hostmaster.example. 1 7200 900 1209600 300\n'],
    ['PTR', ['-x', '10.1.0.1'], 'www.example.\n'],
    ['PTR of IPv6', ['-x', 'fd01::1'], 'www.example.\n'],
    ['a wildcard', ['what.any.example'], '10.1.0.9\n'],
    ['over TCP', ['+tcp', 'v4.example'], '10.1.0.4\n'],
    ['without EDNS', ['+noedns', 'v4.example'], '10.1.0.4\n'],
  ])('%s', async (_name, args, answer) => {
    expect(await dig('+short', ...args)).toBe(answer);
  });

  test.each<[string, string[], RegExp[]]>([
    ['no such name', ['nobody.example'], [/status: NXDOMAIN/, /flags: qr aa rd;/, /example\.\s+300\s+IN\s+SOA/]],
    ['none of that type', ['v4.example', 'AAAA'], [/status: NOERROR/, /ANSWER: 0, AUTHORITY: 1/]],
    ['another zone', ['www.elsewhere'], [/status: REFUSED/]],
    ['another class', ['CH', 'TXT', 'version.bind'], [/status: REFUSED/]],
    ['a later EDNS', ['+edns=3', '+noednsneg', 'v4.example'], [/status: BADVERS/, /EDNS: version: 0/]],
    ['an option that we do not know', ['+nsid', '+cookie', 'v4.example'], [/status: NOERROR/, /10\.1\.0\.4/]],
    ['another kind of question', ['+opcode=4', 'v4.example'], [/status: NOTIMP/]],
    ['a question without one', ['+header-only'], [/status: FORMERR/]],
    ['truncated', ['+ignore', '+noedns', 'big.example'], [/flags: qr aa tc rd;/, /ANSWER: 0,/]],
    ['truncated, then over TCP', ['big.example'], [/Truncated, retrying in TCP mode/, /ANSWER: 200,/]],
    ['a type by its number', ['-t', 'TYPE65', 'v4.example'], [/status: NOERROR/, /IN\s+HTTPS/]],
  ])('%s', async (_name, args, patterns) => {
    const out = await dig(...args);
    for (const pattern of patterns) expect(out).toMatch(pattern);
    expect(out).not.toMatch(/warning(?!: recursion requested)|malformed|mismatch|unexpected/i);
  });

  test('several questions on one connection', async () => {
    const out = await dig('+tcp', '+keepopen', '+short', 'v4.example', 'mail.example', 'www.example');
    expect(out).toBe('10.1.0.4\n10.1.0.25\n10.1.0.1\n');
  });

  test('host', async () => {
    expect(await run('host', 'alias.example', MEETING.ours)).toMatch(
      /alias\.example is an alias for www\.example\.\nwww\.example has address 10\.1\.0\.1\nwww\.example has IPv6 address fd01::1\n/,
    );
  });
});

const lacks = lacking('dnsmasq');
if (lacks !== '') process.stderr.write(`SKIPPED: our resolver cannot ask dnsmasq here for want of ${lacks}\n`);

const OTHER = { device: 'synwave-dnsmasq', kernel: '10.81.0.1', ours: '10.81.0.2' } as const;

describe.skipIf(lacks !== '')('our resolver asks dnsmasq', () => {
  let kernel: Kernel;
  let dnsmasq: ChildProcess;
  let r: Resolver;
  const texts = Array.from({ length: 20 }, (_, i) => `${i} ${'x'.repeat(100)}`);

  beforeAll(async () => {
    kernel = await meetKernel(OTHER);
    const args = [
      [
        '--keep-in-foreground',
        '--log-facility=-',
        '--conf-file=/dev/null',
        '--no-resolv',
        '--no-hosts',
        '--user=root',
        '--pid-file=',
      ],
      [`--listen-address=${OTHER.kernel}`, '--bind-interfaces', '--local=/real.test/', '--local-ttl=60'],
      ['--host-record=www.real.test,10.1.0.1,fd01::1', '--cname=alias.real.test,www.real.test'],
      ['--mx-host=real.test,www.real.test,10', '--srv-host=_http._tcp.real.test,www.real.test,80,1,2'],
      texts.map((text) => `--txt-record=long.real.test,${text}`),
    ].flat();
    dnsmasq = spawn('dnsmasq', args, { stdio: 'ignore' });
    const servers = [OTHER.kernel];
    // It listens when it answers.
    await resolver(kernel.host, { servers, timeout: 200_000, attempts: 20 }).resolve('www.real.test', 'A');
    r = resolver(kernel.host, { servers, mixCase: true });
  });
  afterAll(async () => {
    dnsmasq.kill();
    r.close();
    await kernel.close();
  });

  test('and reads what it writes, names cut short by pointers among it', async () => {
    expect(await r.addresses('www.real.test')).toEqual(['fd01::1', '10.1.0.1']);
    expect(await r.resolve('alias.real.test', 'A')).toMatchObject([{ type: 'A', address: '10.1.0.1', ttl: 60 }]);
    expect(await r.resolve('real.test', 'MX')).toMatchObject([{ preference: 10, exchange: 'www.real.test' }]);
    expect(await r.resolve('_http._tcp.real.test', 'SRV')).toMatchObject([
      { port: 80, priority: 1, weight: 2, target: 'www.real.test' },
    ]);
    expect(await r.reverse('10.1.0.1')).toEqual(['www.real.test']);
    expect(await codeOf(r.resolve('nobody.real.test', 'A'))).toBe('ENOTFOUND');
    expect(await codeOf(r.resolve('www.real.test', 'MX'))).toBe('ENODATA');
    expect(r.counters).toMatchObject({ sentOverTcp: 0, ignored: 0 });
  });

  test('and takes over TCP what does not fit', async () => {
    const found = await r.resolve('long.real.test', 'TXT');
    const decoder = new TextDecoder();
    expect(found.map(({ strings }) => strings.map((part) => decoder.decode(part)).join('')).toSorted()).toEqual(
      texts.toSorted(),
    );
    expect(r.counters.sentOverTcp).toBe(1);
  });
});
