/** A router: packets for others go on, whole or in pieces, or their sender is told why not (RFC 1812 §5, RFC 8200 §3). */
import { describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { type SimHost, type World, world } from '../../src/sim/index.ts';
import { octets } from '../world/data.ts';
import { Bench, echoText, families, packet, udpText } from './wire.ts';

const UDP = 17;

/** A router with a wire to each of two networks. The far wire takes `mtu` octets. */
function router(mtu = 1500): Bench {
  const at = new Bench();
  at.wire([families[4].network, families[6].network]);
  at.wire(['10.9.0.1/24', 'fd00:9::1/64'], mtu);
  at.stack.internet.setForwarding(true);
  return at;
}

describe.each([
  [4, '10.9.0.7'],
  [6, 'fd00:9::7'],
] as const)('a router of IPv%i', (family, far) => {
  const { peer } = families[family];

  test('sends a packet on with one hop less to go, and nothing else changed', () => {
    const at = router();
    const before = packet(family, UDP, udpText(family, 9, octets(100, 1)), { to: far, ecn: 0xb9 });
    at.arrives(before);
    const [after] = at.takeOctets(1);
    const same = packet(family, UDP, udpText(family, 9, octets(100, 1)), { to: far, ecn: 0xb9, hopLimit: 63 });
    expect(after).toEqual(same);
    expect(at.stack.counters().ip.forwarded).toBe(1);
  });

  test('does not, unless it was told to be one', () => {
    const at = router();
    at.stack.internet.setForwarding(false);
    at.arrives(packet(family, UDP, udpText(family, 9, octets(9, 1)), { to: far }));
    expect(at.take(1)).toEqual([]);
    expect(at.drops).toEqual({ 'IP destination address is not ours': 1 });
  });

  test.each<[string, object, RegExp]>([
    ['the hop limit ran out', { to: far, hopLimit: 1 }, /time exceeded in-transit/],
    [
      'no route',
      { to: family === 4 ? '192.0.2.1' : '2001:db8::1' },
      /net 192\.0\.2\.1 unreachable|no route|unreachable route/,
    ],
  ])('tells the sender: %s', (_name, over, said) => {
    const at = router();
    at.arrives(packet(family, UDP, udpText(family, 9, octets(100, 1)), over));
    const [line] = at.take(0);
    expect(line).toContain(`${families[family].ours} > ${peer}: `);
    expect(line).toMatch(said);
  });

  test.each<[string, object]>([
    ['from nobody', { from: family === 4 ? '0.0.0.0' : '::', to: far }],
    ['from a loopback address', { from: family === 4 ? '127.0.0.1' : '::1', to: far }],
    ['to a loopback address', { to: family === 4 ? '127.0.0.9' : '::1' }],
    ['from a group', { from: family === 4 ? '224.0.0.5' : 'ff02::5', to: far }],
    ...(family === 4 ? [] : ([['from an address of the link', { from: 'fe80::9', to: far }]] as [string, object][])),
  ])('keeps to itself, and says nothing: %s', (_name, over) => {
    const at = router();
    at.arrives(packet(family, UDP, udpText(family, 9, octets(100, 1)), over));
    expect([at.take(0), at.take(1)]).toEqual([[], []]);
  });

  test('says how much the next link takes, of a packet that must not be cut', () => {
    const at = router(1280);
    at.arrives(packet(family, UDP, udpText(family, 9, octets(1300, 1)), { to: far }));
    expect(at.take(1)).toEqual([]);
    expect(at.take(0)[0]).toMatch(family === 4 ? /need to frag \(mtu 1280\)/ : /packet too big, mtu 1280/);
  });

  test('answers no ICMP error by an error, and no more than its limit in a burst', () => {
    const at = router();
    const error = echoText(family, octets(40, 1));
    error[0] = family === 4 ? 3 : 1; // unreachable
    at.arrives(packet(family, family === 4 ? 1 : 58, error, { to: far, hopLimit: 1 }));
    expect(at.take(0)).toEqual([]);
    for (let i = 0; i < 10_000; i++) {
      at.arrives(packet(family, UDP, udpText(family, 9, octets(8, 1)), { to: far, hopLimit: 1 }));
    }
    expect(at.take(0).length).toBeLessThanOrEqual(50);
    expect(at.stack.counters().icmp.held).toBeGreaterThan(9900);
    // A storm of errors delays nobody: what can go on goes on.
    at.arrives(packet(family, UDP, udpText(family, 9, octets(8, 1)), { to: far }));
    expect(at.take(1)).toHaveLength(1);
  });
});

describe('a packet of IPv4 that may be cut', () => {
  test('is, and pieces again on a smaller link; the receiver puts them together', () => {
    const at = router(576);
    const text = udpText(4, 9, octets(1400, 2));
    at.arrives(packet(4, UDP, text, { to: '10.9.0.7', dontFragment: false }));
    const cut = at.takeOctets(1);
    expect(cut.map(({ length }) => length)).toEqual([572, 572, 324]);
    const second = router(300);
    for (const piece of cut) second.arrives(piece);
    const again = second.takeOctets(1);
    expect(again.every(({ length }) => length <= 300)).toBe(true);
    const ends = new Bench();
    ends.wire(['10.9.0.7/24']);
    const id = ends.stack.udp.bind({ address: null, family: 4, port: 9, shared: false, receiveBuffer: 1 << 20 });
    for (const piece of again.toReversed()) ends.arrives(piece);
    // The pseudo-header names another destination than the sum was made for: read without it.
    expect(ends.stack.counters().ip).toMatchObject({ fragmentsIn: again.length, reassembled: 1 });
    expect(ends.drops).toEqual({ 'UDP checksum wrong, or missing over IPv6': 1 });
    expect(ends.stack.udp.receive(id)).toBeNull();
  });

  test('bears its options where they belong: all in the first piece, those to be copied in the others (RFC 791 §3.1)', () => {
    const at = router(120);
    const plain = packet(4, UDP, udpText(4, 9, octets(192, 2)), { to: '10.9.0.7', dontFragment: false });
    // Record route (7), not copied; stream identifier (0x88), copied.
    const options = Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 0x88, 4, 1, 2, 0);
    const bytes = new Uint8Array(plain.length + options.length);
    bytes.set(plain.subarray(0, 20), 0);
    bytes.set(options, 20);
    bytes.set(plain.subarray(20), 32);
    bytes[0] = 0x48;
    new DataView(bytes.buffer).setUint16(2, bytes.length);
    new DataView(bytes.buffer).setUint16(10, 0);
    let sum = 0;
    for (let i = 0; i < 32; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
    sum = (sum & 0xffff) + (sum >>> 16);
    new DataView(bytes.buffer).setUint16(10, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
    at.arrives(bytes);
    const cut = at.takeOctets(1);
    expect(cut.map(([first = 0]) => first & 15)).toEqual([8, 6, 6]);
    expect([...(cut[0] as Uint8Array).subarray(20, 32)]).toEqual([...options]);
    expect([...(cut[1] as Uint8Array).subarray(20, 24)]).toEqual([0x88, 4, 1, 2]);
    expect(cut.every(({ length }) => length <= 120)).toBe(true);
  });
});

test('extension headers of IPv6 are no business of a router; a receiver says where it had to stop', () => {
  const text = udpText(6, 9, octets(24, 1));
  /** Destination options with one that nobody knows, which asks to be told of (0xc2). */
  const behind = Uint8Array.of(UDP, 0, 0xc2, 4, 1, 2, 3, 4, ...text);
  const at = router();
  at.arrives(packet(6, 60, behind, { to: 'fd00:9::7' }));
  expect(at.takeOctets(1)).toHaveLength(1);
  at.arrives(packet(6, 60, behind));
  const [said] = at.takeOctets(0);
  expect([...(said as Uint8Array).subarray(40, 42)]).toEqual([4, 2]);
  expect(new DataView((said as Uint8Array).buffer).getUint32(44)).toBe(42); // the option's own octet
  at.arrives(packet(6, 60, Uint8Array.of(UDP, 0, 0x42, 4, 1, 2, 3, 4, ...text))); // drop it, and say nothing
  expect(at.take(0)).toEqual([]);
});

/** client – r – server, over a link of which `mtu` octets get through. */
function narrow(mtu: number, more: object = {}): { w: World; client: SimHost; server: SimHost; r: SimHost } {
  const w = world({ seed: 4 });
  const [client, r, server] = ['client', 'r', 'server'].map((name) => w.host(name)) as [SimHost, SimHost, SimHost];
  const [near, far] = [
    [
      ['10.1.0.2/24', 'fd00:1::2/64'],
      ['10.1.0.1/24', 'fd00:1::1/64'],
    ],
    [
      ['10.2.0.1/24', 'fd00:2::1/64'],
      ['10.2.0.2/24', 'fd00:2::2/64'],
    ],
  ] as const;
  w.cable(client, r, { addresses: near, delay: MILLISECOND });
  w.cable(r, server, { addresses: far, delay: MILLISECOND, mtu, ...more });
  for (const [host, by] of [
    [client, '1'],
    [server, '2'],
  ] as const) {
    host.route('0.0.0.0/0', `10.${by}.0.1`);
    host.route('::/0', `fd00:${by}::1`);
  }
  r.forward();
  return { w, client, server, r };
}

describe.each([
  ['IPv4, 1280', 'address', 1280],
  ['IPv4, 576', 'address', 576],
  ['IPv4, 300: less than we go down to, so routers may cut', 'address', 300],
  ['IPv6, 1280', 'address6', 1280],
] as const)('the MTU of a path of %s', (_name, which, mtu) => {
  test('a connection finds it without a timeout, in both directions', async () => {
    const { w, client, server } = narrow(mtu);
    const data = octets(200_000, 8);
    const counters = await w.run(async () => {
      const listener = server.listen({ port: 80 });
      const socket = client.connect({ address: server[which], port: 80 });
      const echo = listener.accept().then(async (peer) => {
        if (peer === null) return null;
        for await (const chunk of peer) await peer.write(chunk);
        const theirs = peer.info().counters;
        peer.end();
        return theirs;
      });
      void socket.write(data).then(() => socket.end());
      let mine = socket.info().counters;
      let at = 0;
      for await (const chunk of socket) {
        if (at + chunk.length < data.length) mine = socket.info().counters; // the number is let go of at the end
        expect(chunk).toEqual(data.subarray(at, at + chunk.length));
        at += chunk.length;
      }
      expect(at).toBe(data.length);
      return [mine, await echo];
    });
    for (const each of counters) expect(each).toMatchObject({ timeouts: 0, fastRecoveries: 0 });
  });

  test('what was learned of it does not make less of what we take: the MSS that is announced', async () => {
    const { w, client, server } = narrow(mtu);
    await w.run(() => client.ping(server[which], { size: 1400 }));
    const announced = await w.run(async () => {
      const listener = server.listen({ port: 80 });
      const socket = client.connect({ address: server[which], port: 80 });
      await socket.opened;
      listener.close();
      return socket.info().rcv.mss;
    });
    expect(announced).toBe(which === 'address' ? 1460 : 1440);
  });

  test('datagrams are lost until it is known, and then go in fragments', async () => {
    const { w, client, server } = narrow(mtu);
    const theirs = server.udp({ port: 9 });
    const mine = client.udp();
    await w.run(async () => {
      for (let i = 0; i < 4; i++) {
        mine.send(octets(1400, i), server[which], 9);
        await w.sleep(10 * MILLISECOND);
      }
    });
    const got = [];
    for (let one = theirs.tryReceive(); one !== null; one = theirs.tryReceive()) got.push(one.octets);
    expect(got).toEqual([octets(1400, 1), octets(1400, 2), octets(1400, 3)]);
  });

  test('after ten minutes a larger packet is tried again (RFC 1191 §6.3, RFC 8201 §4)', async () => {
    const { w, client, server, r } = narrow(mtu);
    await w.run(() => client.ping(server[which], { size: 1400 }));
    expect(await w.run(() => client.ping(server[which], { size: 1400 }))).toMatchObject({ type: 'reply' });
    const told = r.counters().icmp.out;
    await w.runFor(599 * SECOND);
    expect(await w.run(() => client.ping(server[which], { size: 1400 }))).toMatchObject({ type: 'reply' });
    expect(r.counters().icmp.out).toBe(told);
    await w.runFor(2 * SECOND);
    expect(await w.run(() => client.ping(server[which], { size: 1400 }))).toMatchObject({ type: 'packet too big' });
  });
});

describe.each(['address', 'address6'] as const)('an MTU that somebody makes up, %s', (which) => {
  test('a black hole stalls no connection (RFC 4821)', async () => {
    const { w, client, server } = narrow(1500, {
      fault: ({ length }: { length: number }) => (length > 1300 ? 'drop' : null),
    });
    const n = await w.run(async () => {
      const listener = server.listen({ port: 80 });
      const socket = client.connect({ address: server[which], port: 80 });
      void socket.write(octets(300_000, 1)).then(() => socket.end());
      const peer = await listener.accept();
      let octetsIn = 0;
      if (peer !== null) for await (const chunk of peer) octetsIn += chunk.length;
      return octetsIn;
    });
    expect(n).toBe(300_000);
    expect(w.now).toBeLessThan(20 * SECOND);
  });
});
