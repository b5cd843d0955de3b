/** Captures of Ethernet: what a tap takes down on a link that needs no checksums, tshark reads without a complaint. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/base/address-text.ts';
import { Frame } from '../../src/base/frame.ts';
import { BROADCAST_MAC, groupMac, type Mac } from '../../src/base/mac.ts';
import { PcapngWriter } from '../../src/capture/pcapng-write.ts';
import { tap } from '../../src/capture/tap.ts';
import { inProcess, type Link } from '../../src/link/link.ts';
import { Arp, ArpOperation, writeArp } from '../../src/wire/arp.ts';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT, DhcpMessage, DhcpOp, DhcpType, writeDhcp } from '../../src/wire/dhcp.ts';
import { EtherType, writeEthernet } from '../../src/wire/ethernet.ts';
import { writeIcmpv4 } from '../../src/wire/icmpv4.ts';
import { writeIcmpv6 } from '../../src/wire/icmpv6.ts';
import { addressSum, FRAGMENT_NEXT_HEADER, Packet, Protocol } from '../../src/wire/ip.ts';
import { writeFragmentHeader } from '../../src/wire/ipv6.ts';
import { clearNd, NdMessage, NdType, writeNd } from '../../src/wire/nd.ts';
import { ACK, measure, Segment } from '../../src/wire/segment.ts';
import { writeTcp } from '../../src/wire/tcp.ts';
import { writeUdp } from '../../src/wire/udp.ts';
import * as arbitrary from '../wire/arbitrary.ts';
import { hasTool } from '../wire/tcpdump.ts';

const HERE: Mac = 0x0200_0000_0001;
const THERE: Mac = 0x0200_0000_0002;
const HEAD = 256;

const address = (text: string) => parseAddress(text) ?? expect.unreachable(text);

const text = (octets: number): Frame =>
  Frame.from(
    new Uint8Array(octets).map((_, i) => i),
    HEAD,
  );

/** A packet header between two addresses of one family. */
function between(src: string, dst: string, protocol: number): Packet {
  const packet = new Packet();
  packet.src.copy(address(src));
  packet.dst.copy(address(dst));
  packet.family = packet.dst.family;
  packet.protocol = protocol;
  packet.dontFragment = false;
  return packet;
}

/** The frame around what stands in `frame`; groups have their own MAC. */
function around(frame: Frame, packet: Packet): Frame {
  arbitrary.writeIp(frame, packet);
  const isGroup = packet.family === 4 ? packet.dst.d >>> 28 === 0xe : packet.dst.a >>> 24 === 0xff;
  const dst = packet.dst.d === -1 ? BROADCAST_MAC : isGroup ? groupMac(packet.dst) : THERE;
  writeEthernet(frame, dst, HERE, packet.family === 4 ? EtherType.Ipv4 : EtherType.Ipv6);
  return frame;
}

function arp(operation: number, sender: string, target: string, targetMac: Mac): Frame {
  const packet = new Arp();
  packet.operation = operation;
  packet.senderMac = HERE;
  packet.sender.copy(address(sender));
  packet.targetMac = targetMac;
  packet.target.copy(address(target));
  const frame = text(0);
  writeArp(frame, packet);
  writeEthernet(frame, operation === ArpOperation.Request ? BROADCAST_MAC : THERE, HERE, EtherType.Arp);
  return frame;
}

function nd(type: number, src: string, dst: string, fields: (message: NdMessage) => void, behind = 0): Frame {
  const message = new NdMessage();
  clearNd(message, type);
  fields(message);
  const packet = between(src, dst, Protocol.Icmpv6);
  packet.hopLimit = 255;
  const frame = Frame.from(behind === 0 ? new Uint8Array(0) : quoted(behind), HEAD);
  writeNd(frame, message, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
  return around(frame, packet);
}

/** The beginning of a packet that a router redirects. */
function quoted(octets: number): Uint8Array {
  const packet = between('2001:db8::1', '2001:db8:1::1', Protocol.Udp);
  const frame = text(octets);
  writeUdp(frame, 1000, 2000, addressSum(packet.src, packet.dst, Protocol.Udp));
  arbitrary.writeIp(frame, packet);
  return frame.copy();
}

function dhcp(type: number, fields: Partial<DhcpMessage>): Frame {
  const message = Object.assign(new DhcpMessage(), { type, xid: 0x1234_5678, chaddr: HERE, ...fields });
  const reply = type === DhcpType.Offer || type === DhcpType.Ack || type === DhcpType.Nak;
  message.op = reply ? DhcpOp.Reply : DhcpOp.Request;
  if (reply) message.yiaddr.copy(address('10.0.0.2'));
  const packet = between(reply ? '10.0.0.1' : '0.0.0.0', '255.255.255.255', Protocol.Udp);
  const frame = Frame.from(writeDhcp(message), HEAD);
  const ports = reply ? [DHCP_SERVER_PORT, DHCP_CLIENT_PORT] : [DHCP_CLIENT_PORT, DHCP_SERVER_PORT];
  writeUdp(frame, ports[0] as number, ports[1] as number, -1);
  return around(frame, packet);
}

/** One datagram in pieces, its checksum made before it is cut. */
function fragments(src: string, dst: string, octets: number, piece: number): Frame[] {
  const whole = text(octets);
  const packet = between(src, dst, Protocol.Udp);
  writeUdp(whole, 40_001, 40_002, addressSum(packet.src, packet.dst, Protocol.Udp));
  const all = whole.copy();
  const frames: Frame[] = [];
  for (let offset = 0; offset < all.length; offset += piece) {
    const frame = Frame.from(all.subarray(offset, offset + piece), HEAD);
    const more = offset + piece < all.length;
    if (packet.family === 4) Object.assign(packet, { id: 7, fragmentOffset: offset, moreFragments: more });
    else {
      writeFragmentHeader(frame, Protocol.Udp, offset, more, 7);
      packet.protocol = FRAGMENT_NEXT_HEADER;
    }
    frames.push(around(frame, packet));
  }
  return frames;
}

function segment(src: string, dst: string, octets: number): Frame {
  const packet = between(src, dst, Protocol.Tcp);
  const frame = text(octets);
  const seg = Object.assign(new Segment(), { srcPort: 40_001, dstPort: 40_002, flags: ACK, textLen: octets });
  measure(seg);
  writeTcp(frame, seg, -1);
  return around(frame, packet);
}

function datagram(src: string, dst: string, octets: number): Frame {
  const frame = text(octets);
  writeUdp(frame, 40_001, 40_002, -1);
  return around(frame, between(src, dst, Protocol.Udp));
}

function echo(src: string, dst: string): Frame {
  const packet = between(src, dst, Protocol.Icmp);
  const frame = text(56);
  if (packet.family === 4) writeIcmpv4(frame, 8, 0, 7);
  else {
    packet.protocol = Protocol.Icmpv6;
    writeIcmpv6(frame, 128, 0, 7, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
  }
  return around(frame, packet);
}

const V4 = ['10.0.0.1', '10.0.0.2'] as const;
const V6 = ['2001:db8::1', '2001:db8::2'] as const;

/** A network as it comes up, and some traffic. Sums of TCP and UDP are left 0, but for fragments. */
function conversation(): Frame[] {
  return [
    arp(ArpOperation.Request, '0.0.0.0', '10.0.0.2', 0), // probe
    arp(ArpOperation.Request, '10.0.0.2', '10.0.0.2', 0), // announcement
    arp(ArpOperation.Request, '10.0.0.2', '10.0.0.1', 0),
    arp(ArpOperation.Reply, '10.0.0.1', '10.0.0.2', THERE),
    nd(NdType.NeighborSolicitation, '::', 'ff02::1:ff00:1', (m) => m.target.copy(address('fe80::1'))),
    nd(NdType.RouterSolicitation, 'fe80::1', 'ff02::2', (m) => (m.sourceMac = HERE)),
    nd(NdType.RouterAdvertisement, 'fe80::2', 'ff02::1', (m) => {
      Object.assign(m, { hopLimit: 64, managed: true, other: true, lifetime: 1800, mtu: 1500, sourceMac: HERE });
      Object.assign(m, { prefixCount: 2, dnsCount: 2, dnsLifetime: 600, reachableTime: 30_000, retransTimer: 1000 });
      for (const [i, prefix] of m.prefixes.slice(0, 2).entries()) {
        prefix.prefix.copy(address(`2001:db8:${i}::`));
        Object.assign(prefix, {
          length: 64,
          onLink: true,
          autonomous: true,
          validLifetime: 7200,
          preferredLifetime: 3600,
        });
      }
      m.dns[0]?.copy(address('2001:db8::53'));
      m.dns[1]?.copy(address('fe80::53'));
    }),
    nd(NdType.NeighborSolicitation, 'fe80::1', 'ff02::1:ff00:2', (m) => {
      m.target.copy(address('fe80::2'));
      m.sourceMac = HERE;
    }),
    nd(NdType.NeighborAdvertisement, 'fe80::2', 'fe80::1', (m) => {
      m.target.copy(address('fe80::2'));
      Object.assign(m, { router: true, solicited: true, override: true, targetMac: THERE });
    }),
    nd(NdType.Redirect, 'fe80::2', '2001:db8::1', (m) => {
      m.target.copy(address('fe80::3'));
      m.destination.copy(address('2001:db8:1::1'));
      m.targetMac = THERE;
    }),
    nd(
      NdType.Redirect,
      'fe80::2',
      '2001:db8::1',
      (m) => {
        m.target.copy(address('2001:db8:1::1'));
        m.destination.copy(address('2001:db8:1::1'));
      },
      100,
    ),
    dhcp(DhcpType.Discover, { hostName: 'alice', broadcast: true, parameters: [1, 3, 6, 15, 26, 51, 58, 59] }),
    dhcp(DhcpType.Offer, {
      serverId: address('10.0.0.1'),
      subnetMask: 24,
      routers: [address('10.0.0.1')],
      dns: [address('10.0.0.53'), address('10.0.0.54')],
      domainName: 'example.org',
      leaseTime: 3600,
      t1: 1800,
      t2: 3150,
      mtu: 1400,
    }),
    dhcp(DhcpType.Request, {
      serverId: address('10.0.0.1'),
      requestedAddress: address('10.0.0.2'),
      clientId: Uint8Array.of(1, 2, 0, 0, 0, 0, 1),
    }),
    dhcp(DhcpType.Ack, { serverId: address('10.0.0.1'), subnetMask: 24, leaseTime: 0xffff_ffff }),
    dhcp(DhcpType.Nak, { serverId: address('10.0.0.1'), message: 'no' }),
    ...fragments(...V4, 3000, 1480),
    ...fragments(...V6, 3001, 1448),
    segment(...V4, 5),
    segment(...V6, 1401),
    datagram(...V4, 5),
    datagram(...V6, 0),
    echo(...V4),
    echo(...V6),
  ];
}

/** What a tap takes down of them on a link without checksums, as a file of pcapng. */
function capture(frames: readonly Frame[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const link: Link = { name: 'eth0', mtu: 1500, mac: HERE, offloads: inProcess, send: () => {}, attach: () => {} };
  let now = 1;
  const tapped = tap(link, new PcapngWriter({ sink: (part) => parts.push(part) }), () => now++);
  for (const frame of frames) tapped.send(frame);
  return new Uint8Array(Buffer.concat(parts));
}

describe.skipIf(!hasTool('tshark'))('tshark', () => {
  const CHECKED = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
  const BAD = [
    '_ws.malformed',
    '_ws.expert.severity == error',
    ...['ip', 'tcp', 'udp', 'icmp', 'icmpv6'].map((protocol) => `${protocol}.checksum.status == "Bad"`),
  ].join(' || ');

  function tshark(file: Uint8Array, ...args: string[]): string[] {
    const folder = mkdtempSync(join(tmpdir(), 'synwave-ethernet-'));
    try {
      const path = join(folder, 'a.pcapng');
      writeFileSync(path, file);
      const result = spawnSync('tshark', [...CHECKED, ...args, '-r', path], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C' },
        maxBuffer: 64 << 20,
      });
      expect(result.status, result.stderr).toBe(0);
      return result.stdout.split('\n').filter((line) => line !== '');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test('finds nothing malformed and no bad checksum in a network that comes up', () => {
    const file = capture(conversation());
    expect(tshark(file, '-Y', BAD)).toEqual([]);
    const rows = tshark(
      file,
      '-T',
      'fields',
      '-e',
      'frame.protocols',
      '-e',
      'udp.checksum.status',
      '-e',
      'tcp.checksum.status',
    );
    const protocols = rows.map((row) => row.replace(/^eth:ethertype:/, '').trimEnd());
    expect(protocols).toEqual([
      ...Array.from({ length: 4 }, () => 'arp'),
      ...Array.from({ length: 6 }, () => 'ipv6:icmpv6'),
      'ipv6:icmpv6:ipv6:udp:data\t2', // what a redirect quotes is not checked
      ...Array.from({ length: 5 }, () => 'ip:udp:dhcp\t1'),
      'ip:data',
      'ip:data',
      'ip:udp:data\t1',
      'ipv6:ipv6.fraghdr:data',
      'ipv6:ipv6.fraghdr:data',
      'ipv6:ipv6.fraghdr:udp:data\t1',
      'ip:tcp:data\t\t1',
      'ipv6:tcp:data\t\t1',
      'ip:udp:data\t1',
      'ipv6:udp\t1',
      'ip:icmp:data',
      'ipv6:icmpv6:data',
    ]);
  });

  test('reads the fields that were written', () => {
    const file = capture(conversation());
    const expected: [number, Record<string, string>][] = [
      [0, { 'arp.isprobe': '1', 'arp.dst.proto_ipv4': '10.0.0.2' }],
      [1, { 'arp.isannouncement': '1' }],
      [3, { 'arp.opcode': '2', 'arp.src.hw_mac': '02:00:00:00:00:01', 'arp.dst.hw_mac': '02:00:00:00:00:02' }],
      [5, { 'icmpv6.type': '133', 'icmpv6.opt.linkaddr': '02:00:00:00:00:01' }],
      [6, { 'icmpv6.nd.ra.router_lifetime': '1800', 'icmpv6.nd.ra.flag.m': '1', 'icmpv6.nd.ra.flag.o': '1' }],
      [6, { 'icmpv6.nd.ra.reachable_time': '30000', 'icmpv6.nd.ra.retrans_timer': '1000' }],
      [6, { 'icmpv6.opt.mtu': '1500', 'icmpv6.opt.prefix': '2001:db8::,2001:db8:1::' }],
      [6, { 'icmpv6.opt.prefix.valid_lifetime': '7200,7200', 'icmpv6.opt.prefix.preferred_lifetime': '3600,3600' }],
      [6, { 'icmpv6.opt.rdnss': '2001:db8::53,fe80::53', 'icmpv6.opt.rdnss.lifetime': '600' }],
      [7, { 'icmpv6.nd.ns.target_address': 'fe80::2', 'icmpv6.opt.linkaddr': '02:00:00:00:00:01' }],
      [8, { 'icmpv6.nd.na.flag.r': '1', 'icmpv6.nd.na.flag.s': '1', 'icmpv6.nd.na.flag.o': '1' }],
      [9, { 'icmpv6.rd.na.destination_address': '2001:db8:1::1', 'icmpv6.opt.redirected_packet': '' }],
      [10, { 'icmpv6.opt.redirected_packet': '1' }],
      [11, { 'dhcp.option.dhcp': '1', 'dhcp.option.hostname': 'alice', 'dhcp.flags.bc': '1' }],
      [11, { 'dhcp.option.request_list_item': '1,3,6,15,26,51,58,59' }],
      [12, { 'dhcp.option.dhcp': '2', 'dhcp.option.subnet_mask': '255.255.255.0', 'dhcp.ip.your': '10.0.0.2' }],
      [12, { 'dhcp.option.interface_mtu': '1400', 'dhcp.option.dhcp_server_id': '10.0.0.1' }],
      [13, { 'dhcp.option.dhcp': '3', 'dhcp.option.requested_ip_address': '10.0.0.2' }],
      [15, { 'dhcp.option.dhcp': '6', 'dhcp.option.message': 'no' }],
      [18, { 'ip.reassembled.length': '3008', 'udp.length': '3008' }],
      [21, { 'ipv6.reassembled.length': '3009', 'udp.length': '3009' }],
    ];
    const names = [...new Set(expected.flatMap(([, fields]) => Object.keys(fields)))];
    const rows = tshark(file, '-T', 'fields', ...names.flatMap((name) => ['-e', name])).map((row) => row.split('\t'));
    const found = expected.map(([index, fields]) => [
      index,
      Object.fromEntries(Object.keys(fields).map((name) => [name, rows[index]?.[names.indexOf(name)]])),
    ]);
    expect(found).toEqual(expected);
  });

  test('finds nothing malformed in messages that are drawn, and sees when one is', () => {
    const drawn = fc.sample(arbitrary.discoveries, { numRuns: 200, seed: 4861 }).map(({ message, packet }) => {
      const frame = Frame.from(new Uint8Array(0), 1024);
      writeNd(frame, message, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
      return around(frame, packet);
    });
    const messages = fc.sample(arbitrary.dhcps, { numRuns: 200, seed: 2131 }).map((message) => {
      const frame = Frame.from(writeDhcp(message), HEAD);
      writeUdp(frame, DHCP_CLIENT_PORT, DHCP_SERVER_PORT, -1);
      return around(frame, between('10.0.0.1', '10.0.0.2', Protocol.Udp));
    });
    expect(tshark(capture(drawn), '-Y', BAD)).toEqual([]);
    expect(tshark(capture(messages), '-Y', BAD)).toEqual([]);
    const broken = conversation();
    for (const frame of broken) frame.bytes[frame.end - 1] = ~(frame.bytes[frame.end - 1] as number);
    expect(tshark(capture(broken), '-Y', BAD).length).toBeGreaterThan(8);
  });
});
