/** Ethernet cables of a world: what hosts and switches are given, what frames cost, how they are told of. */
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { BROADCAST_MAC, formatMac, type Mac, writeMac } from '../../src/base/mac.ts';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { type Cable, type CableEvent, type SimHost, type World, world } from '../../src/sim/index.ts';
import { Packet } from '../../src/wire/ip.ts';
import { writeIpv4 } from '../../src/wire/ipv4.ts';
import { writeIpv6 } from '../../src/wire/ipv6.ts';
import { PacketPrinter } from '../../src/wire/text.ts';

/** Local experimental ethertype: no stack sends that of its own accord. */
const EXPERIMENT = 0x88b5;

/** A frame with those octets of payload, and a VLAN tag or more between its addresses and its type. */
function frameOf(to: Mac, from: Mac, type: number, payload: Uint8Array, tags: readonly number[] = []): Frame {
  const header = 14 + 4 * tags.length;
  const frame = new Frame(header + payload.length);
  frame.end = header + payload.length;
  writeMac(frame.view, 0, to);
  writeMac(frame.view, 6, from);
  for (const [i, tag] of tags.entries()) frame.view.setUint32(12 + 4 * i, tag);
  frame.view.setUint16(header - 2, type);
  frame.bytes.set(payload, header);
  return frame;
}

/** A UDP packet of `size` octets from 10.0.0.1, or fd00::1, port 9 to the same port of .2. */
function packetOf(family: 4 | 6, size: number, trafficClass = 0): Uint8Array {
  const packet = Object.assign(new Packet(), { protocol: 17, trafficClass });
  const head = family === 4 ? 20 : 40;
  if (family === 4) packet.src.set(0, 0, 0xffff, 0x0a00_0001);
  else packet.src.set(0xfd00_0000 | 0, 0, 0, 1);
  if (family === 4) packet.dst.set(0, 0, 0xffff, 0x0a00_0002);
  else packet.dst.set(0xfd00_0000 | 0, 0, 0, 2);
  const frame = Frame.from(new Uint8Array(size - head), head);
  frame.view.setUint32(head, 0x0009_0009);
  frame.view.setUint16(head + 4, size - head);
  if (family === 4) writeIpv4(frame, packet);
  else writeIpv6(frame, packet);
  return frame.copy();
}

/** What the end of a cable hears of the experiments, instead of the host that has it. */
function listen(cable: Cable, end: 0 | 1): number[] {
  const heard: number[] = [];
  cable.ends[end].attach({
    frameArrives: (frame) => {
      if (frame.view.getUint16(frame.at + 12) === EXPERIMENT) heard.push(frame.bytes[frame.at + 14] as number);
    },
    framesWait: () => undefined,
  });
  return heard;
}

const experiment = (to: Mac, from: Mac, number: number): Frame =>
  frameOf(to, from, EXPERIMENT, new Uint8Array(46).fill(number));

/** The addresses of a host's interfaces, as text. */
function addressesOf(host: SimHost): string[] {
  return host.names?.(host.name).filter((address) => !address.startsWith('fe80:')) as string[];
}

/** Hosts, each plugged into a switch. */
function lan(w: World, names: readonly string[]): { hosts: SimHost[]; cables: Cable[] } {
  const sw = w.switch('s1');
  const hosts = names.map((name) => w.host(name));
  return { hosts, cables: hosts.map((host) => w.plug(host, sw)) };
}

describe('a host that is plugged into a switch', () => {
  test('has an interface eth0 with a MAC address of its own, and addresses of the network', () => {
    const w = world();
    const { hosts, cables } = lan(w, ['a', 'b', 'c']);
    expect(cables.map(({ name }) => name)).toEqual(['a-s1', 'b-s1', 'c-s1']);
    expect(cables.map(({ ends: [end] }) => [end.name, formatMac(end.mac as Mac)])).toEqual([
      ['eth0', '02:00:00:00:00:01'],
      ['eth0', '02:00:00:00:00:02'],
      ['eth0', '02:00:00:00:00:03'],
    ]);
    expect(cables.map(({ ends: [, end] }) => [end.name, end.mac])).toEqual([
      ['port1', undefined],
      ['port2', undefined],
      ['port3', undefined],
    ]);
    expect(hosts.map(({ address, address6 }) => [address, address6])).toEqual([
      ['10.200.1.1', 'fd00:0:c8:1::1'],
      ['10.200.1.2', 'fd00:0:c8:1::2'],
      ['10.200.1.3', 'fd00:0:c8:1::3'],
    ]);
    expect(w.cables).toEqual(cables);
    expect(w.switches[0]?.ports.map(({ cable }) => cable)).toEqual(cables);
  });

  test('may have other addresses, none, and another MAC address', () => {
    const w = world();
    const [s1, s2] = [w.switch('s1'), w.switch('s2')];
    const host = w.host('router');
    const first = w.plug(host, s1, { addresses: ['192.0.2.1/24', '2001:db8::1/64'], mac: '02-AA-00-00-00-07' });
    const second = w.plug(host, s2);
    const third = w.plug(host, s1, { addresses: [] });
    expect([first, second, third].map(({ ends: [end] }) => [end.name, formatMac(end.mac as Mac)])).toEqual([
      ['eth0', '02:aa:00:00:00:07'],
      ['eth1', '02:00:00:00:00:02'],
      ['eth2', '02:00:00:00:00:03'],
    ]);
    expect(addressesOf(host)).toEqual(['192.0.2.1', '2001:db8::1', '10.200.2.1', 'fd00:0:c8:2::1']);
    expect([host.address, host.address6]).toEqual(['192.0.2.1', '2001:db8::1']);
    // Addresses that were given are none of the network's own.
    const other = w.host('other');
    w.plug(other, s1);
    expect(other.address).toBe('10.200.1.1');
    const plain = w.cable(host, w.host('far'));
    expect([plain.name, plain.ends[0].name, plain.ends[0].mac, plain.ethernet]).toEqual([
      'router-far',
      'router-far',
      undefined,
      false,
    ]);
    expect(addressesOf(host).slice(4)).toEqual(['10.0.4.1', 'fd00:0:0:4::1']);
  });

  test('is refused with what makes no sense, and the world stays as it was', () => {
    const w = world();
    const [host, sw] = [w.host('a'), w.switch('s1')];
    expect(() => w.plug(host, sw, { mac: '02:00' })).toThrow('MAC address 02:00');
    expect(() => w.plug(host, sw, { mac: '01:00:5e:00:00:01' })).toThrow('EINVAL');
    expect(() => w.plug(host, sw, { addresses: ['10.0.0.1/33'] })).toThrow('EINVAL');
    expect(() => w.plug(host, sw, { loss: 2 })).toThrow(RangeError);
    expect(() => w.plug(host, world().switch('elsewhere'))).toThrow('switch elsewhere of another world');
    expect(w.cables).toEqual([]);
    expect(sw.ports).toEqual([]);
    const [end] = w.plug(host, sw).ends;
    expect([end.name, formatMac(end.mac as Mac), host.address]).toEqual(['eth0', '02:00:00:00:00:01', '10.200.1.1']);
    expect(() => w.switch('a')).toThrow('EADDRINUSE');
    expect(() => w.host('s1')).toThrow('EADDRINUSE');
    expect(() => w.switch('s2', { stations: 0 })).toThrow(RangeError);
    expect(w.switches).toEqual([sw]);
  });

  test('the 255th host of a network, and hosts of network 14,336, have to be given addresses', () => {
    const w = world();
    const sw = w.switch('s1');
    for (let i = 1; i <= 254; i++) w.plug(w.host(`h${i}`), sw);
    expect(w.hosts.at(-1)?.address).toBe('10.200.1.254');
    expect(w.hosts.at(-1)?.address6).toBe('fd00:0:c8:1::fe');
    const host = w.host('one-more');
    expect(() => w.plug(host, sw)).toThrow('EADDRNOTAVAIL');
    expect(w.plug(host, sw, { addresses: ['10.0.0.1/8'] }).ends[0].name).toBe('eth0');
    for (let i = 2; i <= 300; i++) w.switch(`s${i}`);
    w.plug(host, w.switches[255] as never);
    w.plug(host, w.switches[299] as never);
    expect(addressesOf(host)).toEqual([
      '10.0.0.1',
      '10.201.0.1',
      'fd00:0:c8:100::1',
      '10.201.44.1',
      'fd00:0:c8:12c::1',
    ]);
  });

  test('each direction of its cable has its own settings', async () => {
    const w = world();
    const [host, sw] = [w.host('a'), w.switch('s1')];
    const cable = w.plug(host, sw, { delay: 10, back: { delay: 30, loss: 1 }, mtu: 9000 });
    const heard = listen(w.plug(w.host('b'), sw), 0);
    const mine = listen(cable, 0);
    cable.ends[0].send(experiment(BROADCAST_MAC, 0x0200_0000_0001, 1));
    await w.runUntil(10);
    expect(heard).toEqual([1]);
    w.cables[1]?.ends[0].send(experiment(BROADCAST_MAC, 0x0200_0000_0002, 2));
    await w.runUntil(SECOND);
    expect(mine).toEqual([]);
    expect(cable.counters(sw).drops.loss).toBeGreaterThan(0);
    expect(cable.mtu).toBe(9000);
  });
});

describe('switches that are joined', () => {
  test('are one network: of the switch with the lowest number', async () => {
    const w = world();
    const [s1, s2, s3] = [w.switch('s1'), w.switch('s2'), w.switch('s3')];
    const cable = w.trunk(s3, s2, { delay: 100, back: { delay: 200 } });
    expect([cable.name, cable.ends[0].name, cable.ends[1].name]).toEqual(['s3-s2', 'port1', 'port1']);
    const [a, b, c] = [w.host('a'), w.host('b'), w.host('c')];
    const cables = [w.plug(a, s3), w.plug(b, s2)];
    w.trunk(s2, s1);
    cables.push(w.plug(c, s3));
    expect([a.address, b.address, c.address]).toEqual(['10.200.2.1', '10.200.2.2', '10.200.1.1']);
    const [first, second] = cables.map((each) => listen(each, 0)) as [number[], number[]];
    cables[0]?.ends[0].send(experiment(BROADCAST_MAC, 0x0200_0000_0001, 7));
    await w.runUntil(100);
    expect([first, second]).toEqual([[], [7]]);
    cables[1]?.ends[0].send(experiment(0x0200_0000_0001, 0x0200_0000_0002, 8));
    await w.runUntil(299);
    expect(first).toEqual([]);
    await w.runUntil(300);
    expect(first).toEqual([8]);
    expect(s1.portOf('02:00:00:00:00:01')).toBe(1);
  });

  test('form no loop: the trunk that would close one is refused', () => {
    const w = world();
    const [s1, s2, s3, s4] = [w.switch('s1'), w.switch('s2'), w.switch('s3'), w.switch('s4')];
    w.trunk(s1, s2);
    w.trunk(s3, s4);
    w.trunk(s4, s2);
    for (const [a, b] of [
      [s1, s2],
      [s2, s1],
      [s1, s3],
      [s3, s4],
    ] as const) {
      expect(() => w.trunk(a, b)).toThrow(`a loop of switches: ${a.name} and ${b.name} are joined already`);
      expect(() => w.trunk(a, b)).toThrow('EINVAL');
    }
    expect(() => w.trunk(s1, s1)).toThrow('EINVAL');
    // A cable that is unplugged is there all the same: it could be plugged in again.
    w.cables[0]?.unplug();
    expect(() => w.trunk(s1, s2)).toThrow('EINVAL');
    expect(() => w.trunk(s1, world().switch('elsewhere'))).toThrow('switch elsewhere of another world');
    expect(w.cables).toHaveLength(3);
    expect(s1.ports).toHaveLength(1);
  });
});

describe('an Ethernet cable between two hosts', () => {
  test('has the addresses of a cable, and ends with MAC addresses', () => {
    const w = world();
    const [a, b] = [w.host('a'), w.host('b')];
    w.cable(a, b);
    const cable = w.cable(a, b, { ethernet: true });
    const other = w.cable(b, a, { ethernet: true, macs: ['02:00:00:00:0b:0b', '02:00:00:00:0a:0a'] });
    expect([cable.ethernet, cable.name]).toEqual([true, 'a-b#2']);
    expect([cable, other].map(({ ends }) => ends.map(({ name, mac }) => [name, formatMac(mac as Mac)]))).toEqual([
      [
        ['eth0', '02:00:00:00:00:01'],
        ['eth0', '02:00:00:00:00:02'],
      ],
      [
        ['eth1', '02:00:00:00:0b:0b'],
        ['eth1', '02:00:00:00:0a:0a'],
      ],
    ]);
    expect(addressesOf(b)).toEqual(['10.0.0.2', 'fd00::2', '10.0.1.2', 'fd00:0:0:1::2', '10.0.2.1', 'fd00:0:0:2::1']);
    expect(() => w.cable(a, b, { ethernet: true, macs: ['02:00:00:00:00:01', 'none'] })).toThrow('EINVAL');
    expect(() => w.cable(a, a, { ethernet: true })).toThrow('EINVAL');
    expect(w.cables).toHaveLength(3);
  });

  test('its MTU counts the packet alone: the header and VLAN tags come on top', () => {
    const w = world();
    const [a, b] = [w.host('a'), w.host('b')];
    const cable = w.cable(a, b, { ethernet: true, mtu: 1000 });
    listen(cable, 1);
    const carried = (size: number, tags: readonly number[] = []): boolean => {
      const before = cable.counters(a);
      cable.ends[0].send(frameOf(2, 2, 0x0800, packetOf(4, size), tags));
      const after = cable.counters(a);
      expect(after.octets - before.octets).toBe(14 + 4 * tags.length + size);
      return after.drops.mtu === before.drops.mtu;
    };
    const customer = 0x8100_0007;
    const provider = 0x88a8_0007;
    for (const tags of [[], [customer], [provider, customer]]) {
      expect([carried(1000, tags), carried(1001, tags)]).toEqual([true, false]);
    }
    // What the line has to carry is all of it.
    cable.set({ rate: 8_000_000 });
    const seen: (number | null)[] = [];
    cable.watch(({ type, arrivesAt }) => type === 'sent' && seen.push(arrivesAt));
    cable.ends[0].send(frameOf(2, 2, 0x0800, packetOf(4, 1000), [customer]));
    expect(seen).toEqual([1018]);
  });

  test('a frame that is cut short is carried: who gets it has to see', async () => {
    const w = world();
    const cable = w.cable(w.host('a'), w.host('b'), { ethernet: true });
    const arrived: number[] = [];
    cable.ends[1].attach({ frameArrives: ({ length }) => arrived.push(length), framesWait: () => undefined });
    cable.ends[0].send(Frame.from(new Uint8Array(9)));
    await w.runUntil(1);
    expect(arrived).toContain(9);
  });

  test('unplugged it carries nothing, and loses what is on its way; plugged in again it does', async () => {
    const w = world();
    const a = w.host('a');
    const cable = w.cable(a, w.host('b'), { ethernet: true, delay: MILLISECOND });
    const heard = listen(cable, 1);
    const say = (number: number): void => cable.ends[0].send(experiment(BROADCAST_MAC, 0x0200_0000_0001, number));
    say(1);
    cable.unplug();
    say(2);
    await w.runUntil(SECOND);
    expect(heard).toEqual([]);
    cable.plug();
    say(3);
    await w.runUntil(2 * SECOND);
    expect(heard).toEqual([3]);
    expect(cable.counters(a).drops.unplugged).toBeGreaterThanOrEqual(2);
  });

  test('marks the packet inside of the frame, behind a VLAN tag as well; ARP cannot be marked', () => {
    const w = world();
    const [a, b] = [w.host('a'), w.host('b')];
    // RED without a lower threshold.
    const red = { min: 0, max: 10_000_000, probability: 1, weight: 1 };
    const cable = w.cable(a, b, { ethernet: true, rate: 8_000_000, aqm: 'red', red, ecn: true });
    listen(cable, 1);
    const seen: string[] = [];
    cable.watch(({ type, frame, arrivesAt, reason }) => {
      const at = frame.view.getUint16(12) === 0x8100 ? 18 : 14;
      seen.push(`${type} ${frame.bytes[at + 1]} ${reason ?? arrivesAt}`);
    });
    const tag = 0x8100_0007;
    const fill = frameOf(2, 2, 0x0800, packetOf(4, 986));
    cable.ends[0].send(fill);
    // The chance of a signal rises with every packet that passes, until it is 1.
    const until = (make: () => Frame): string[] => {
      for (let i = 0; i < 20_000; i++) {
        seen.length = 0;
        cable.ends[0].send(make());
        if (seen.length > 1) return seen.map((line) => line.replace(/\d+$/, 'T'));
      }
      return [];
    };
    expect(seen).toEqual(['sent 0 1000']);
    expect(until(() => frameOf(2, 2, 0x0800, packetOf(4, 40, 1)))).toEqual(['sent 1 T', 'marked 3 T']);
    expect(until(() => frameOf(2, 2, 0x86dd, packetOf(6, 60, 2), [tag]))).toEqual(['sent 32 T', 'marked 48 T']);
    expect(until(() => frameOf(2, 2, 0x0800, packetOf(4, 40, 0), [tag]))).toEqual(['sent 0 null', 'dropped 0 aqm']);
    expect(until(() => frameOf(2, 2, 0x0806, new Uint8Array(28).fill(0x45)))).toEqual([
      'sent 69 null',
      'dropped 69 aqm',
    ]);
    expect(cable.counters(a)).toMatchObject({ marked: 2, drops: { aqm: 2 } });
  });
});

describe('frames in words', () => {
  const printer = new PacketPrinter();

  test("a world's log has them, with how long they were", async () => {
    const w = world();
    const { cables } = lan(w, ['a', 'b']);
    for (const cable of cables) listen(cable, 0);
    const sw = w.switches[0];
    await w.runUntil(SECOND); // whatever stacks say when they come up
    cables[0]?.ends[0].send(frameOf(0x0200_0000_0002, 0x0200_0000_0001, 0x0800, packetOf(4, 1500), [0x8100_0007]));
    await w.runUntil(2 * SECOND);
    cables[0]?.unplug();
    sw?.crash();
    const report = await w.run(() => new Promise<void>(() => {})).catch(String);
    expect(report).toContain('1.000000 s a sends to s1: IP 10.0.0.1.9 > 10.0.0.2.9: UDP, length 1472');
    expect(report).toContain('1.000000 s b gets from s1: IP 10.0.0.1.9 > 10.0.0.2.9: UDP, length 1472');
    expect(report).toContain('switch s1 is without power');
    expect(report).toContain('cable a-s1 is unplugged');
  });

  test('a watcher is told the frame, and the names of switches', async () => {
    const w = world();
    const { cables } = lan(w, ['a', 'b']);
    const seen: string[] = [];
    const note = ({ type, from, to, frame, cable }: CableEvent): void => {
      const line = cable.ethernet ? printer.ethernetLine(frame) : printer.line(frame);
      if (line.includes('0x88b5')) seen.push(`${type} ${from} ${to}: ${line}`);
    };
    for (const cable of cables) cable.watch(note);
    cables[0]?.ends[0].send(experiment(0x0200_0000_0002, 0x0200_0000_0001, 1));
    await w.runUntil(SECOND);
    const line = printer.ethernetLine(experiment(0x0200_0000_0002, 0x0200_0000_0001, 1));
    expect(line).toContain('02:00:00:00:00:01 > 02:00:00:00:00:02');
    expect(seen).toEqual([
      `sent a s1: ${line}`,
      `delivered a s1: ${line}`,
      `sent s1 b: ${line}`,
      `delivered s1 b: ${line}`,
    ]);
  });
});

test('worlds with switches repeat: the same seed gives the same hash', async () => {
  const run = async (seed: number): Promise<string | null> => {
    const w = world({ seed, hash: true });
    const sw = w.switch('s1');
    const cables = ['a', 'b', 'c'].map((name) => w.plug(w.host(name), sw, { loss: 0.3, jitter: 500, duplicate: 0.1 }));
    for (let i = 0; i < 100; i++) {
      cables[i % 3]?.ends[0].send(experiment(0x0200_0000_0001 + ((i + 1) % 3), 0x0200_0000_0001 + (i % 3), i));
      await w.runFor(100);
    }
    return w.hash;
  };
  expect(await run(1)).toBe(await run(1));
  expect(await run(1)).not.toBe(await run(2));
});
