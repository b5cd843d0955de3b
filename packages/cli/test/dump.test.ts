/** dump: line for line what tcpdump prints, for captures of every kind. The command itself needs a build. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PcapngWriter, readCapture } from 'synwave/pcapng';
import { afterAll, describe, expect, test } from 'vitest';
import { type Mixed, mix, octets, pcapOf } from './mix.ts';

const bin = fileURLToPath(new URL('../../synwave/bin/synwave.js', import.meta.url));
const env = { PATH: process.env['PATH'] ?? '', LANG: 'C', TZ: 'UTC' };
const home = mkdtempSync(join(tmpdir(), 'synwave-dump-'));
afterAll(() => rmSync(home, { recursive: true }));

const hasTcpdump = spawnSync('tcpdump', ['--version']).error === undefined;
if (!hasTcpdump) process.stderr.write('\n*** tcpdump is not installed: tests against it are SKIPPED ***\n\n');

function dump(...args: string[]): { stdout: string; stderr: string; status: number | null } {
  const options = { encoding: 'utf8', env, cwd: home, maxBuffer: 64 << 20 } as const;
  const { stdout, stderr, status } = spawnSync(process.execPath, [bin, 'dump', ...args], options);
  return { stdout, stderr, status };
}

function tcpdump(...args: string[]): string {
  const { stdout, stderr, status } = spawnSync('tcpdump', args, {
    encoding: 'utf8',
    env,
    cwd: home,
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function synwave(...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env, cwd: home });
  if (status !== 0) throw new Error(stderr);
}

/** A pcapng file: packets of interfaces of one link type, in turn. */
function pcapngOf(packets: readonly Mixed[], linkType: number, interfaces = ['left', 'right']): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter({ sink: (chunk) => void chunks.push(chunk), application: 'test' });
  const ids = interfaces.map((name) => writer.addInterface({ name, linkType }));
  for (const [i, { data, original }] of packets.entries())
    writer.packet(ids[i % ids.length] as number, BigInt(i) * 1_000_000_007n, data, {
      original,
      direction: i % 3 === 0 ? 'in' : 'out',
    });
  return Buffer.concat(chunks);
}

/** Files of packets, by name. */
const files: Readonly<Record<string, () => Uint8Array>> = {
  'ethernet.pcap': () => pcapOf(mix(1, 400, 1), 1),
  'raw.pcap': () => pcapOf(mix(2, 400, 101), 101, { little: true }),
  'nano.pcap': () => pcapOf(mix(3, 100, 1), 1, { nano: true }),
  'little-nano.pcap': () => pcapOf(mix(4, 100, 101), 101, { little: true, nano: true }),
  'cut.pcap': () => pcapOf(mix(5, 600, 1, true), 1),
  'raw-cut.pcap': () => pcapOf(mix(6, 600, 101, true), 101),
  'two.pcapng': () => pcapngOf(mix(7, 200, 1), 1),
  // Of raw IP libpcap reads one interface: to it a second one is of another type, even if it is of the same.
  'raw.pcapng': () => pcapngOf(mix(8, 200, 101), 101, ['tun']),
};

describe.skipIf(!hasTcpdump)('line for line what tcpdump -n prints', () => {
  test.each(Object.keys(files))(
    '%s',
    (name) => {
      writeFileSync(join(home, name), files[name]?.() ?? '');
      // Of frames that are cut in a header tcpdump shows the octets from one place or another; we from the packet's begin.
      const looks =
        name !== 'cut.pcap'
          ? [
              ['-S', '-X'],
              ['-xx', '-tttt'],
              ['-e', '-XX', '-ttt'],
              ['-A', '-tt'],
              ['-x', '-ttttt'],
            ]
          : [['-S']];
      for (const flags of [[], ['-e'], ...looks]) {
        // In nanoseconds times are cut to microseconds, unless they are asked for.
        const ours = dump(...flags, '-r', name);
        expect(ours.status).toBe(0);
        expect({ flags, lines: ours.stdout.split('\n') }).toEqual({
          flags,
          lines: tcpdump('-n', ...flags, '-r', name).split('\n'),
        });
      }
      expect(dump('--nano', '-r', name).stdout).toBe(tcpdump('-n', '--nano', '-r', name));
    },
    60_000,
  );

  test('captures that the other commands write', () => {
    synwave('handshake', '-q', '--loss', '5%', '--reorder', '5%', '--corrupt', '2%', '-w', 'handshake.pcapng');
    synwave('ping', '-q', '-c', '2', '-w', 'ping.pcapng', 'server');
    // Two echoes are lost to path MTU discovery: the way there is told of by "packet too big", the way back is learnt likewise.
    synwave('ping', '-6', '-q', '-c', '4', '-s', '3000', '-w', 'ping6.pcapng', 'server');
    synwave('traceroute', '--write', 'traceroute.pcapng', 'server');
    synwave('traceroute', '-6', '--write', 'traceroute6.pcapng', 'server');
    for (const name of ['handshake', 'ping', 'ping6', 'traceroute', 'traceroute6']) {
      for (const flags of [[], ['-e', '-X'], ['-S', '-tttt']]) {
        const ours = dump(...flags, '-r', `${name}.pcapng`).stdout;
        expect(ours.split('\n')).toEqual(tcpdump('-n', ...flags, '-r', `${name}.pcapng`).split('\n'));
      }
    }
  }, 60_000);
});

describe('dump', () => {
  const capture = join(home, 'own.pcapng');
  writeFileSync(capture, pcapngOf(mix(9, 60, 1), 1));

  test('what is read is announced on standard error, unless it is quiet', () => {
    expect(dump('-r', capture, '-c', '3')).toMatchObject({
      status: 0,
      stderr: `reading from file ${capture}, link-type EN10MB (Ethernet)\n`,
    });
    expect(dump('-q', '-c', '3', '-r', capture)).toMatchObject({ status: 0, stderr: '' });
    expect(dump('-q', '-t', '-c', '3', '-r', capture).stdout.match(/^\S/gm)).toHaveLength(3);
  });

  test('those that a filter wants are copied, with all that is said of them, and by the name into pcap', () => {
    expect(dump('-r', capture, '-w', 'tcp.pcapng', 'tcp')).toMatchObject({ status: 0, stdout: '' });
    const wanted = [...readCapture(readFileSync(capture)).packets];
    const copied = [...readCapture(readFileSync(join(home, 'tcp.pcapng'))).packets];
    expect(copied.length).toBeGreaterThan(5);
    for (const { time, data, interfaceId, direction } of copied) {
      const source = wanted.find((packet) => packet.time === time);
      expect({ data: Buffer.from(data), interfaceId, direction }).toEqual({
        data: Buffer.from(source?.data ?? []),
        interfaceId: source?.interfaceId,
        direction: source?.direction,
      });
    }
    dump('-q', '-r', capture, '-w', 'tcp.pcap', 'tcp');
    const old = readCapture(readFileSync(join(home, 'tcp.pcap')));
    expect([old.format, [...old.packets].length]).toEqual(['pcap', copied.length]);
  });

  test('one way alone', () => {
    const all = [...readCapture(readFileSync(capture)).packets];
    const lines = dump('-q', '-t', '--json', '-Q', 'in', '-r', capture).stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(all.filter(({ direction }) => direction === 'in').length);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ type: 'packet', time: 0, interface: 0, direction: 'in' });
  });

  test('a file that ends in the middle of a packet: what came before is printed, and it ends with 1', () => {
    const whole = pcapOf(mix(10, 5, 101), 101);
    writeFileSync(join(home, 'short.pcap'), whole.subarray(0, whole.length - 3));
    const { stdout, stderr, status } = dump('-q', '-t', '-r', 'short.pcap');
    expect(stdout.split('\n')).toHaveLength(5);
    expect(stderr).toMatch(/^synwave: short\.pcap: .*cut short.*\n$/);
    expect(status).toBe(1);
  });

  test.each<[string, string[], RegExp]>([
    ['no file', [], /what to read\? dump -r FILE/],
    ['a file that is not there', ['-r', 'nowhere.pcap'], /cannot read nowhere\.pcap: no such file/],
    ['no capture', ['-r', bin], /neither pcap nor pcapng/],
    ['a filter that makes no sense', ['-r', capture, 'tcp', 'prot', '80'], /filter, column 5: and or or/],
    ['no count', ['-r', capture, '-c', '0'], /-c, --count: 0 is not a number from 1 on/],
    ['too many -t', ['-r', capture, '-tttttt'], /five times at most/],
  ])('%s', (_name, args, line) => {
    const { stdout, stderr, status } = dump('-q', ...args);
    expect(stderr).toMatch(/^synwave: [^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect([stdout, status]).toEqual(['', 2]);
  });

  test('packets of a link type that is not known', () => {
    writeFileSync(join(home, 'wlan.pcap'), pcapOf([{ data: octets('00'), original: 1 }], 105));
    expect(dump('-r', 'wlan.pcap')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/link type 105 are not known/) as string,
    });
  });
});
