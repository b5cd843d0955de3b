/** Multicast and broadcast on a simulated segment: who hears what, by which interface, and how far it goes. */
import { describe, expect, test } from 'vitest';
import { MILLISECOND } from '../../src/base/time.ts';
import { type SimHost, type World, world } from '../../src/sim/index.ts';
import type { UdpSocket } from '../../src/socket/udp-socket.ts';

const text = (octets: Uint8Array): string => new TextDecoder().decode(octets);
const bytes = (words: string): Uint8Array => new TextEncoder().encode(words);

/** Everything that waits in a socket. */
function heard(socket: UdpSocket): string[] {
  const words: string[] = [];
  for (let one = socket.tryReceive(); one !== null; one = socket.tryReceive()) words.push(text(one.octets));
  return words;
}

/** Three hosts on a segment; a router joins it to a second one, with one host on it. */
function segment(): { w: World; a: SimHost; b: SimHost; c: SimHost; router: SimHost; far: SimHost } {
  const w = world({ seed: 3 });
  const near = w.switch('near');
  const other = w.switch('other');
  const [a, b, c, router, far] = ['a', 'b', 'c', 'router', 'far'].map((name) => w.host(name)) as [
    SimHost,
    SimHost,
    SimHost,
    SimHost,
    SimHost,
  ];
  for (const [host, k] of [
    [a, 1],
    [b, 2],
    [c, 3],
    [router, 9],
  ] as const) {
    w.plug(host, near, { addresses: [`10.1.0.${k}/24`, `fd00:1::${k}/64`], delay: 100 });
  }
  w.plug(router, other, { addresses: ['10.2.0.9/24', 'fd00:2::9/64'], delay: 100 });
  w.plug(far, other, { addresses: ['10.2.0.1/24', 'fd00:2::1/64'], delay: 100 });
  router.forward();
  return { w, a, b, c, router, far };
}

const REASON = 'multicast group that nobody here has joined';

describe.each([
  ['IPv4', '239.1.2.3'],
  ['IPv6', 'ff02::1:2%eth0'],
  ['IPv6, a group of the site', 'ff05::1:2'],
] as const)('a group of %s', (_family, group) => {
  test('is heard by those who have joined it, and by nobody who has left', async () => {
    const { w, a, b, c } = segment();
    const [one, two, three] = [a, b, c].map((host) => host.udp({ port: 5000 })) as [UdpSocket, UdpSocket, UdpSocket];
    two.join(group);
    three.join(group);
    one.send(bytes('first'), group, 5000);
    await w.runFor(10 * MILLISECOND);
    three.leave(group);
    one.send(bytes('second'), group, 5000);
    await w.runFor(10 * MILLISECOND);
    expect([heard(one), heard(two), heard(three)]).toEqual([[], ['first', 'second'], ['first']]);
    expect(c.counters().drops[REASON]).toBe(1);
  });

  test('is heard by the sender as well, if it has joined and has not said otherwise', async () => {
    const { w, a } = segment();
    const one = a.udp({ port: 5000 });
    one.send(bytes('not joined'), group, 5000);
    one.join(group);
    one.send(bytes('joined'), group, 5000);
    one.setGroups({ loop: false });
    one.send(bytes('without'), group, 5000);
    await w.runFor(10 * MILLISECOND);
    expect(heard(one)).toEqual(['joined']);
  });

  test('does not leave its segment: routers here forward none', async () => {
    const { w, a, router, far } = segment();
    const one = a.udp({ port: 5000 });
    const other = far.udp({ port: 5000 });
    other.join(group);
    one.setGroups({ hopLimit: 64 });
    one.send(bytes('far'), group, 5000);
    await w.runFor(10 * MILLISECOND);
    expect(heard(other)).toEqual([]);
    expect(router.counters().ip.forwarded).toBe(0);
    expect(router.counters().drops[REASON]).toBe(1);
  });

  test('is of an interface: what comes by another is not heard', async () => {
    const { w, a, router, far } = segment();
    const both = router.udp({ port: 5000 });
    both.join(group.replace('eth0', 'eth1'), 2);
    a.udp({ port: 1 }).send(bytes('near'), group, 5000);
    far.udp({ port: 1 }).send(bytes('far'), group, 5000);
    await w.runFor(10 * MILLISECOND);
    expect(heard(both)).toEqual(['far']);
  });
});

describe('broadcast', () => {
  test.each(['255.255.255.255', '10.1.0.255'])(
    '%s is heard by all on the segment, and answered by nobody',
    async (to) => {
      const { w, a, b, c, router, far } = segment();
      const sender = a.udp({ broadcast: true });
      const [two, three] = [b, c].map((host) => host.udp({ port: 5000 })) as [UdpSocket, UdpSocket];
      const other = far.udp({ port: 5000 });
      sender.send(bytes('all'), to, 5000);
      sender.send(bytes('nobody'), to, 5001);
      await w.runFor(10 * MILLISECOND);
      expect([heard(two), heard(three), heard(other)]).toEqual([['all'], ['all'], []]);
      expect([b, c, router].map((host) => host.counters().icmp.out)).toEqual([0, 0, 0]);
      expect(a.counters().drops).toEqual({});
    },
  );

  test('is refused to who has not said that it means it', () => {
    const { a } = segment();
    expect(a.udp().trySend(bytes('x'), '10.1.0.255', 9)).toBe('EACCES');
  });
});

describe('link-local addresses', () => {
  test('an answer goes back by the zone that the question came with, on a host with two links', async () => {
    const { w, a, router, far } = segment();
    const server = router.udp({ port: 7 });
    const local = (host: SimHost): string =>
      host.interfaces()[1]?.addresses.find(({ address }) => address.startsWith('fe80'))?.address ?? '';
    const asked = await w.run(async () => {
      const seen: string[] = [];
      for (const [host, index] of [
        [a, 1],
        [far, 2],
      ] as const) {
        const to = router.interfaces()[index]?.addresses.find(({ address }) => address.startsWith('fe80'))?.address;
        const client = host.udp();
        client.send(bytes('?'), `${to}%eth0`, 7);
        const question = await server.receive();
        seen.push(question?.address ?? '');
        server.send(bytes('!'), question?.address, question?.port);
        expect((await client.receive())?.address).toBe(`${to}%eth0`);
      }
      return seen;
    });
    expect(asked).toEqual([`${local(a)}%eth0`, `${local(far)}%eth1`]);
  });

  test('a connection and a ping', async () => {
    const { w, a, b } = segment();
    const to = `${b.interfaces()[1]?.addresses.find(({ address }) => address.startsWith('fe80'))?.address}%eth0`;
    const listener = b.listen({ port: 80 });
    const peer = await w.run(async () => {
      expect(await a.ping(to)).toMatchObject({ type: 'reply' });
      const socket = a.connect({ address: to, port: 80 });
      await socket.opened;
      expect(socket.remoteAddress).toBe(to);
      return (await listener.accept())?.remoteAddress;
    });
    expect(peer).toMatch(/^fe80::.*%eth0$/);
    expect(() => a.connect({ address: to.replace('eth0', 'eth7'), port: 80 })).toThrow(/EINVAL/);
  });
});
