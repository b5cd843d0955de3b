/** Filters: each wants the packets that tcpdump wants by the same expression; mistakes are told with their column. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCapture } from 'synwave/pcapng';
import { afterAll, describe, expect, test } from 'vitest';
import { parseFilter } from '../src/dump/filter/parse.ts';
import { mix, pcapOf } from './mix.ts';

const hasTcpdump = spawnSync('tcpdump', ['--version']).error === undefined;
if (!hasTcpdump) process.stderr.write('\n*** tcpdump is not installed: tests against it are SKIPPED ***\n\n');

const home = mkdtempSync(join(tmpdir(), 'synwave-filter-'));
afterAll(() => rmSync(home, { recursive: true }));

const ETHERNET = 1;
const RAW = 101;

/** What makes sense whether packets have an Ethernet header or not. */
const EVERYWHERE = [
  'ip',
  'ip6',
  'tcp',
  'udp',
  'icmp',
  'icmp6',
  'ip and tcp',
  'ip6 and udp',
  'not tcp',
  'not (tcp or udp)',
  'host 10.0.0.1',
  'src host 10.0.0.1',
  'dst 10.0.0.2',
  'src 10.0.0.1 and dst 10.0.0.2',
  'src and dst host 10.0.0.1',
  'host 10.0.0.1 or 10.0.0.2',
  'host 10.0.0.1 and 10.0.0.2',
  'host 10.0.0.1 and not 10.0.0.2',
  'not host 10.0.0.1',
  'ip host 10.0.0.1',
  'host (10.0.0.1 or 192.0.2.1)',
  'host 2001:db8::1',
  'ip6 host fd00::7',
  'src host fe80::ff:fe00:1',
  'net 10',
  'net 10.1',
  'net 10.1.2',
  'net 10.0.0.0/8',
  'src net 10.0.0.0/30',
  'dst net 192.0.2.0 mask 255.255.255.0',
  'net 0.0.0.0/0',
  'net 2001:db8::/48',
  'net fd00::/8 or net fe80::/10',
  'port 80',
  'src port 80',
  'dst port 443',
  'src or dst port 7',
  'src and dst port 80',
  'tcp port 80',
  'udp port 80',
  'tcp src port 80',
  'tcp dst port http',
  'port http or https',
  'port (80 or 443)',
  'port 80 or 443 and not 7',
  'tcp port 80 or udp port 7 and host 10.0.0.1',
  'portrange 20-443',
  'src portrange 20-443',
  'tcp portrange 40000-50000',
  'portrange 443-20',
  'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0',
  'tcp[tcpflags] & tcp-syn != 0',
  'tcp[13] = 2',
  'tcp[13] & 2 = 2',
  'tcp[13] == 18',
  'tcp[tcpflags] = tcp-syn|tcp-ack',
  'tcp[tcpflags] & (tcp-ack) == tcp-ack',
  'tcp[0:2] = 80 or tcp[2:2] = 80',
  'tcp[4:4] > 65536',
  '(tcp[12] & 0xf0) >> 2 > 20',
  'tcp[(tcp[12] >> 2) & 0x3c] = 71',
  'tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)',
  'ip[0] & 0xf != 5',
  'ip[6:2] & 0x1fff != 0',
  'ip[8] < 64',
  'ip[9] = 17',
  'ip[1] & 3 = 2 or ip6[6] = 44',
  'ip6[7] = 64',
  'ip6[40] = 6',
  'udp[4:2] > 20',
  'udp[8] = 0',
  'icmp[icmptype] = icmp-echo',
  'icmp[0] = 3 and icmp[icmpcode] = 1',
  'icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply',
  'icmp6[icmp6type] = icmp6-neighborsolicit',
  'icmp6[0] >= 133',
  'less 60',
  'greater 100',
  'len > 60 and len < 100',
  'len - 20 > 40',
  'len % 2 = 0',
  'len * 2 >= 120',
  'len / 3 < 20',
  '100 + -len > 0',
  'ip proto 17',
  'ip proto \\tcp',
  'ip6 proto 58',
  'proto 6',
  'proto \\udp',
  'ip multicast',
  'ip6 multicast',
  'tcp or udp and ip6',
  'tcp && !port 80 || icmp',
  '((tcp))',
  '(tcp and (port 80 or port 7)) or (udp and not host 10.0.0.1)',
  '1 = 1',
  'ip and 0x10 = 16',
  'host 224.0.0.1',
  'src host 0xa000001',
  'not tcp[13] = 2',
  'not udp[20] = 0',
  'ip[19] ^ 3 = 1',
] as const;

const ON_ETHERNET = [
  'arp',
  'rarp or arp',
  'arp host 10.0.0.1',
  'arp[7] = 1',
  'arp[6:2] = 2 and not host 10.0.0.1',
  'ether host 02:00:00:00:00:01',
  'ether src 2:0:0:0:0:2',
  'ether dst ff:ff:ff:ff:ff:ff',
  'ether host 0200.0000.0001',
  'ether dst 02-00-00-00-00-01 and tcp',
  'ether broadcast',
  'broadcast',
  'ether multicast',
  'multicast',
  'ether proto 0x800',
  'ether proto \\ip6',
  'ether proto 0x1234',
  'ether[0] & 1 = 0 and ip[16] >= 224',
  'ether[12:2] = 0x8100',
  'ether[6:4] = 0x02000000',
  'vlan',
  'vlan 5',
  'vlan 7 and tcp',
  'vlan and port 80',
  'vlan and vlan 5 and ip',
  'tcp or vlan 5',
  '(vlan 5) or tcp',
  'vlan or udp',
  'not vlan',
  'vlan and ip[9] = 6',
  'not ether host 02:00:00:00:00:01',
] as const;

describe.skipIf(!hasTcpdump)('wants what tcpdump wants', () => {
  function compare(linkType: 1 | 101, expressions: readonly string[], cut: boolean): void {
    const file = join(home, `${linkType}-${cut}.pcap`);
    const capture = pcapOf(mix(7, 600, linkType, cut), linkType);
    writeFileSync(file, capture);
    const packets = [...readCapture(capture).packets];
    const wrong: unknown[] = [];
    let wanted = 0;
    for (const expression of expressions) {
      // What is cut shows in which order a filter reads: tcpdump's optimizer changes that, so it is off then.
      const flags = cut ? ['-n', '-tt', '-O'] : ['-n', '-tt'];
      const run = spawnSync('tcpdump', [...flags, '-r', file, expression], { encoding: 'utf8' });
      if (run.status !== 0 && !/rejects all/.test(run.stderr)) wrong.push({ expression, stderr: run.stderr });
      const theirs = [...run.stdout.matchAll(/^(\d+)\.123456 /gm)].map(([, second]) => Number(second));
      const is = parseFilter(expression, linkType);
      const ours = packets.flatMap((packet, i) => (is(packet) ? [i] : []));
      wanted += ours.length;
      if (ours.join() !== theirs.join()) wrong.push({ expression, ours: ours.length, theirs: theirs.length });
    }
    expect(wrong).toEqual([]);
    expect(wanted).toBeGreaterThan(1000);
  }

  test('of Ethernet frames', () => compare(ETHERNET, [...EVERYWHERE, ...ON_ETHERNET], false), 30_000);
  test('of IP packets', () => compare(RAW, EVERYWHERE, false), 30_000);
  // Without its optimizer tcpdump reads words of an address of which no bit counts; we never do.
  const read = [...EVERYWHERE, ...ON_ETHERNET].filter((expression) => !/net \S+\/(0|8|48)/.test(expression));
  test('of frames that the capture has cut', () => compare(ETHERNET, read, true), 30_000);
});

describe('mistakes are told with their column', () => {
  test.each<[string, string]>([
    ['tcp port', 'column 9: a port must stand here'],
    ['tcp or', 'column 7: the expression ends where a test must stand'],
    ['(tcp', 'column 5: ) is missing: the expression ends'],
    ['tcp)', 'column 4: ) closes nothing'],
    ['tcp udp', 'column 5: and or or must stand in front of udp'],
    ['prot 80', 'column 1: prot is no word of filters (did you mean port?)'],
    ['10.0.0.1', 'column 1: 10.0.0.1 says nothing by itself: write host, net or port first'],
    ['port htpp', 'column 6: no service is called htpp (did you mean http?)'],
    ['port 70000', 'column 6: 70000 is not a port: the highest is 65535'],
    ['host nobody', 'column 6: no host is called nobody here: write its address'],
    ['tcp host 10.0.0.1', 'column 10: tcp has no addresses: write tcp and host'],
    ['ip port 80', 'column 9: ip has no ports: write port alone, or tcp port'],
    ['net 10.0.0.1/8', 'column 5: 10.0.0.1 has bits behind the 8 that count'],
    ['net 10.0.0.0/33', 'column 14: a number of bits from 0 to 32 must stand here'],
    ['net 10.0.0.0 mask 255.0.255.0', 'column 19: 255.0.255.0 has holes: it is no mask'],
    ['host 10.0.0.1/8', 'column 14: a mask goes with net: net 10.0.0.1/...'],
    ['tcp[13:3] = 1', 'column 8: 1, 2 or 4 octets can be read at once'],
    ['tcp[13', 'column 7: ] is missing: the expression ends'],
    ['tcp[13] & 2', 'column 12: = != < > <= or >= must stand here'],
    ['ip[0] / 0 = 1', 'column 7: nothing is divided by zero'],
    [
      'tcp[tcpflag] = 2',
      'column 5: a number or a part of a header, as tcp[13], must stand here, not tcpflag (did you mean tcpflags?)',
    ],
    ['ether host 10.0.0.1', 'column 12: 10.0.0.1 is no MAC address, as 02:00:00:00:00:01 is'],
    ['host 02:00:00:00:00:01', 'column 6: 02:00:00:00:00:01 is a MAC address: write ether host 02:00:00:00:00:01'],
    ['tcp @ udp', 'column 5: "@" has no meaning here'],
    ['ip proto tpc', 'column 10: no protocol is called tpc (did you mean tcp?)'],
    ['less', 'column 5: a number of octets must stand here'],
    ['vlan 5000', 'column 6: 5000 is no VLAN: the highest is 4095'],
    ['mpls', 'column 1: mpls is not known here'],
    ['not', 'column 4: the expression ends where a test must stand'],
  ])('%s', (expression, message) => {
    expect(() => parseFilter(expression, ETHERNET)).toThrow(`filter, ${message}`);
  });

  test('what a capture cannot have', () => {
    expect(() => parseFilter('ether host 02:00:00:00:00:01', RAW)).toThrow(
      'column 12: packets of this capture have no',
    );
    expect(() => parseFilter('tcp and vlan', RAW)).toThrow('column 9: packets of this capture have no VLAN tags');
  });
});
