/** UDP sockets of worlds: datagrams over both families, binding, the queue, and what ICMP says of them. */
import { describe, expect, test } from 'vitest';
import type { SynwaveError } from '../../src/base/errors.ts';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import type { UdpSocket } from '../../src/socket/udp-socket.ts';
import type { StackEvent } from '../../src/stack/events.ts';
import { octets, two } from '../sim/helpers.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytes = (words: string): Uint8Array => new TextEncoder().encode(words);

/** The code of what `act` throws; null when it does not. */
function refusal(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return (error as SynwaveError).code;
  }
}

describe.each(['address', 'address6'] as const)('datagrams between two hosts, by %s', (which) => {
  test('go there and back, from whom they say', async () => {
    const { w, client, server } = two({ delay: 10 * MILLISECOND });
    const echo = server.udp({ port: 7 });
    const mine = client.udp();
    const answer = await w.run(async () => {
      mine.send(bytes('hello'), server[which], 7);
      const asked = await echo.receive();
      expect(asked).toMatchObject({ address: client[which], port: mine.port });
      echo.send(asked?.octets ?? bytes('?'), asked?.address, asked?.port);
      return mine.receive();
    });
    expect(answer).toMatchObject({ address: server[which], port: 7 });
    expect(text(answer?.octets ?? bytes(''))).toBe('hello');
    expect(w.now).toBe(20 * MILLISECOND);
  });

  test('empty ones arrive, and the largest there are, in fragments; larger ones are refused', async () => {
    const { w, client, server } = two({ mtu: 1400 });
    const largest = 65_535 - 8 - (which === 'address' ? 20 : 0);
    const theirs = server.udp({ port: 9 });
    const mine = client.udp();
    const sizes = await w.run(async () => {
      mine.send(new Uint8Array(0), server[which], 9);
      mine.send(octets(largest, 1), server[which], 9);
      expect(mine.trySend(octets(largest + 1, 1), server[which], 9)).toBe('EMSGSIZE');
      return [(await theirs.receive())?.octets.length, (await theirs.receive())?.octets];
    });
    expect(sizes).toEqual([0, octets(largest, 1)]);
  });

  test('one that was damaged on its way is dropped and counted', async () => {
    const { w, client, server } = two({ corrupt: 1 });
    const theirs = server.udp({ port: 9 });
    const mine = client.udp();
    await w.run(async () => {
      for (let i = 0; i < 50; i++) mine.send(octets(100, i), server[which], 9);
      await w.sleep(SECOND);
    });
    expect(theirs.tryReceive()).toBeNull();
    const dropped = Object.values(server.counters().drops).reduce((sum, n) => sum + n, 0);
    expect(dropped).toBe(50);
    expect(server.counters().drops['UDP checksum wrong, or missing over IPv6']).toBeGreaterThan(30);
  });

  test('to a port that nobody is bound to: the socket that is connected there hears of it, once', async () => {
    const { w, client, server } = two();
    const mine = client.udp();
    mine.connect(server[which], 9);
    await w.run(async () => {
      mine.send(bytes('anyone?'));
      await expect(mine.receive()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      mine.send(bytes('and now?'));
      await w.sleep(SECOND);
      expect(mine.trySend(bytes('still?'))).toBe('ECONNREFUSED');
      expect(mine.trySend(bytes('still?'))).toBeNull();
      await w.sleep(SECOND);
    });
    expect(server.counters().icmp.out).toBe(3);
    expect(server.counters().drops['UDP port that nobody is bound to']).toBe(3);
  });

  test('a socket that is not connected hears nothing of it', async () => {
    const { w, client, server } = two();
    const mine = client.udp();
    await w.run(async () => {
      mine.send(bytes('anyone?'), server[which], 9);
      await w.sleep(SECOND);
    });
    expect(mine.takeError()).toBeNull();
    expect(client.counters().drops['ICMP message about nothing that this host has']).toBe(1);
  });
});

describe('binding', () => {
  test.each<[string, object, object, string | null]>([
    ['the same address and port', { address: '127.0.0.1' }, { address: '127.0.0.1' }, 'EADDRINUSE'],
    ['any address and one of them', {}, { address: '127.0.0.1' }, 'EADDRINUSE'],
    ['one address and any', { address: '127.0.0.1' }, { address: '0.0.0.0' }, 'EADDRINUSE'],
    ['both families and IPv4', { address: '::' }, { address: '0.0.0.0' }, 'EADDRINUSE'],
    ['IPv6 alone and IPv4', { address: '::', ipv6Only: true }, { address: '0.0.0.0' }, null],
    ['the same IPv6 address and port', { address: '::1' }, { address: '::1' }, 'EADDRINUSE'],
    ['any address and one of IPv6', {}, { address: '::1' }, 'EADDRINUSE'],
    ['one of IPv6 and any', { address: '::1' }, { address: '::' }, 'EADDRINUSE'],
    ['one of IPv6 and IPv6 alone', { address: '::1' }, { address: '::', ipv6Only: true }, 'EADDRINUSE'],
    ['one of IPv6 and any of IPv4', { address: '::1' }, { address: '0.0.0.0' }, null],
    ['an IPv4 address, mapped', { address: '127.0.0.1' }, { address: '::ffff:127.0.0.1' }, 'EADDRINUSE'],
    ['two addresses', { address: '127.0.0.1' }, { address: '10.0.0.1' }, null],
    ['two IPv6 addresses', { address: '::1' }, { address: 'fd00::1' }, null],
    ['IPv4 and IPv6 addresses', { address: '127.0.0.1' }, { address: '::1' }, null],
    ['shared by both', { reuseAddress: true }, { reuseAddress: true }, null],
    ['shared by one', { reuseAddress: true }, {}, 'EADDRINUSE'],
    ['an address of somebody else', {}, { address: '10.0.0.9', port: 54 }, 'EADDRNOTAVAIL'],
    ['a multicast group', {}, { address: '224.0.0.251', port: 54 }, null],
    ['the broadcast address of a network of ours', {}, { address: '10.0.0.255', port: 54 }, null],
    ['the broadcast address of another', {}, { address: '10.9.0.255', port: 54 }, 'EADDRNOTAVAIL'],
    ['an IPv6 address of somebody else', {}, { address: 'fd00::9', port: 54 }, 'EADDRNOTAVAIL'],
    ['a multicast group of IPv6', {}, { address: 'ff02::fb', port: 54 }, null],
    ['no address at all', {}, { address: 'here', port: 54 }, 'EINVAL'],
  ])('%s', (_name, first, second, code) => {
    const { client } = two();
    client.udp({ port: 53, ...first });
    expect(refusal(() => client.udp({ port: 53, ...second }))).toBe(code);
  });

  test('a port is free again after close', () => {
    const { client } = two();
    client.udp({ port: 53 }).close();
    expect(refusal(() => client.udp({ port: 53 }))).toBeNull();
  });

  test('ports by chance are in the upper half, and none twice', () => {
    const { client } = two();
    const ports = Array.from({ length: 2000 }, () => client.udp().port);
    expect(new Set(ports).size).toBe(2000);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(32_768);
    expect(ports.filter((port, i) => port === (ports[i - 1] ?? 0) + 1).length).toBeLessThan(20);
  });

  test.each([
    ['0.0.0.0', 'address'],
    ['::', 'address6'],
  ] as const)(
    'a specific address goes before %s, a peer before both; the latest of those that share',
    async (all, which) => {
      const { w, client, server } = two();
      const to = server[which];
      const any = server.udp({ port: 5, address: all, reuseAddress: true });
      const older = server.udp({ port: 5, address: to, reuseAddress: true });
      const latest = server.udp({ port: 5, address: to, reuseAddress: true });
      const mine = client.udp();
      const waiting = (...sockets: UdpSocket[]): number[] => sockets.map((socket) => socket.info().waiting);
      const tell = (): Promise<void> => {
        mine.send(bytes('x'), to, 5);
        return w.sleep(SECOND);
      };
      await w.run(async () => {
        await tell();
        expect(waiting(any, older, latest)).toEqual([0, 0, 1]);
        any.connect(client[which], mine.port);
        await tell();
        expect(waiting(any, older, latest)).toEqual([1, 0, 1]);
        any.disconnect();
        latest.close();
        await tell();
        expect(waiting(any, older)).toEqual([1, 1]);
        older.close();
        await tell();
        expect(waiting(any)).toEqual([2]);
      });
    },
  );

  test('a socket of both families hears both; one that is connected hears its peer alone', async () => {
    const { w, client, server } = two();
    const both = server.udp({ port: 5, address: '::' });
    const mine = client.udp();
    const other = client.udp();
    await w.run(async () => {
      mine.send(bytes('4'), server.address, 5);
      mine.send(bytes('6'), server.address6, 5);
      await w.sleep(SECOND);
      expect([both.tryReceive()?.address, both.tryReceive()?.address]).toEqual([client.address, client.address6]);
      both.connect(client.address, mine.port);
      expect(both.address).toBe(server.address);
      other.send(bytes('x'), server.address, 5);
      mine.send(bytes('y'), server.address, 5);
      await w.sleep(SECOND);
      expect(text(both.tryReceive()?.octets ?? bytes(''))).toBe('y');
      expect(both.tryReceive()).toBeNull();
    });
  });
});

describe('what cannot be sent', () => {
  test.each<[string, string, object, string]>([
    ['broadcast', '255.255.255.255', {}, 'EACCES'],
    ['broadcast to a network of ours', '10.0.0.255', {}, 'EACCES'],
    ['no route', '192.0.2.1', {}, 'ENETUNREACH'],
    ['the other family', '::1', { address: '127.0.0.1' }, 'EAFNOSUPPORT'],
    ['no route of IPv6', '2001:db8::1', {}, 'ENETUNREACH'],
    ['the other family from IPv6', '127.0.0.1', { address: '::1' }, 'EAFNOSUPPORT'],
    ['IPv4 from IPv6 alone', '127.0.0.1', { address: '::', ipv6Only: true }, 'EAFNOSUPPORT'],
    ['from loopback to elsewhere', '10.0.0.2', { address: '127.0.0.1' }, 'EINVAL'],
    ['from loopback of IPv6 to elsewhere', 'fd00::2', { address: '::1' }, 'EINVAL'],
    ['no address', 'there', {}, 'EINVAL'],
  ])('%s', (_name, to, options, code) => {
    const { client } = two();
    expect(client.udp(options).trySend(bytes('x'), to, 9)).toBe(code);
  });

  test('to nobody, or from a socket that is closed', () => {
    const { client } = two();
    const socket = client.udp();
    expect(refusal(() => socket.send(bytes('x')))).toBe('ENOTCONN');
    socket.close();
    expect(refusal(() => socket.send(bytes('x'), '127.0.0.1', 9))).toBe('EBADF');
    expect(refusal(() => socket.info())).toBe('EBADF');
    expect(refusal(() => client.udp().setTtl(0))).toBe('EINVAL');
  });
});

describe.each(['address', 'address6'] as const)('the receive queue, by %s:', (which) => {
  test('is bounded by octets: what comes on top is dropped, counted, and leaves no trace in memory', async () => {
    const { w, client, server } = two();
    const theirs = server.udp({ port: 9, receiveBuffer: 10_000 });
    const mine = client.udp();
    await w.run(async () => {
      for (let i = 0; i < 100; i++) mine.send(octets(1000, i), server[which], 9);
      await w.sleep(SECOND);
    });
    const { waiting, held, dropped } = theirs.info();
    expect([waiting, held, dropped]).toEqual([10, 10 * 1064, 90]);
    expect(server.counters().drops['UDP receive queue full']).toBe(90);
    expect(server.counters().memory.used).toBe(held);
    for (let i = 0; i < 10; i++) expect(theirs.tryReceive()?.octets).toEqual(octets(1000, i));
    expect(server.counters().memory.used).toBe(0);
  });

  test('of empty datagrams is bounded as well; close gives all back', async () => {
    const { w, client, server } = two();
    const theirs = server.udp({ port: 9, receiveBuffer: 6400 });
    const mine = client.udp();
    await w.run(async () => {
      for (let i = 0; i < 1000; i++) mine.send(bytes(''), server[which], 9);
      await w.sleep(SECOND);
    });
    expect(theirs.info()).toMatchObject({ waiting: 100, dropped: 900 });
    theirs.close();
    expect(server.counters()).toMatchObject({ memory: { used: 0 }, udpSockets: 0 });
  });

  test("counts against the host's memory", async () => {
    const { w, client } = two();
    const server = w.host('small', { memory: 5000 });
    w.cable(client, server);
    const theirs = server.udp({ port: 9 });
    const mine = client.udp();
    await w.run(async () => {
      for (let i = 0; i < 20; i++) mine.send(octets(1000, i), server[which], 9);
      await w.sleep(SECOND);
    });
    expect(theirs.info()).toMatchObject({ waiting: 4, dropped: 16 });
    expect(server.counters().drops['memory for connections is used up']).toBe(16);
  });
});

describe.each(['address', 'address6'] as const)('a socket, by %s:', (which) => {
  test('that is closed ends the loop over its datagrams', async () => {
    const { w, client, server } = two();
    const theirs = server.udp({ port: 9 });
    const mine = client.udp();
    const heard: string[] = [];
    await w.run(async () => {
      for (const word of ['a', 'b', 'c']) mine.send(bytes(word), server[which], 9);
      for await (const { octets: said } of theirs) {
        heard.push(text(said));
        if (heard.length === 3) w.after(SECOND, () => theirs.close());
      }
    });
    expect(heard).toEqual(['a', 'b', 'c']);
  });

  test('of a host that lost power sends and hears nothing, nor does it get in the way of a later one', async () => {
    const { w, client, server } = two();
    const old = server.udp({ port: 9 });
    const mine = client.udp();
    server.crash();
    server.boot();
    const fresh = server.udp({ port: 9 });
    await w.run(async () => {
      mine.send(bytes('x'), server[which], 9);
      await w.sleep(SECOND);
    });
    expect(old.trySend(bytes('x'), client[which], mine.port)).toBe('EBADF');
    expect(old.tryReceive()).toBeNull();
    expect(fresh.info().waiting).toBe(1);
  });

  test('is seen: each datagram and each ICMP message is an event', async () => {
    const { w, client, server } = two();
    const events: StackEvent[] = [];
    client.observe((event) => events.push(event));
    const mine = client.udp({ port: 4000 });
    await w.run(async () => {
      mine.send(bytes('hello'), server[which], 9);
      await w.sleep(SECOND);
    });
    const local = client[which];
    const remote = server[which];
    const length = (which === 'address' ? 20 : 40) + 8 + 8 + 5;
    const kind = which === 'address' ? { family: 4, icmpType: 3, code: 3 } : { family: 6, icmpType: 1, code: 4 };
    const icmp = { type: 'icmp', time: 0, direction: 'in', ...kind, local, remote, length };
    expect(events).toEqual([
      { type: 'datagram', time: 0, direction: 'out', local, localPort: 4000, remote, remotePort: 9, length: 5 },
      icmp,
      { type: 'drop', time: 0, connection: null, reason: 'ICMP message about nothing that this host has' },
    ]);
  });

  test('waits in vain: the report of a stuck world names it', async () => {
    const { w, server } = two();
    const theirs = server.udp({ port: 9 });
    await expect(w.run(() => theirs.receive())).rejects.toThrow('UDP [::]:9: 0 datagrams to receive');
  });
});
