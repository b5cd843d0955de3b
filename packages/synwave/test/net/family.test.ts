/** Both families in a world: which address is tried when (RFC 8305), what a dead family costs, and addresses of a link. */
import { once } from 'node:events';
import type { AddressInfo, NetConnectOpts, Server, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import type { FaultScript } from '../../src/link/impair.ts';
import { createDgram } from '../../src/node/dgram.ts';
import { createNet, type SynwaveNet } from '../../src/node/net.ts';
import { type Two, two } from '../sim/helpers.ts';

const DELAY = 10 * MILLISECOND;

/** Loses every packet of these families, whoever sends it. */
function dead(...families: readonly Family[]): FaultScript {
  return (frame) => (families.includes(((frame.bytes[frame.at] as number) >> 4) as Family) ? 'drop' : null);
}

/** What a client is told of its attempts, with the time in milliseconds. */
function watched(w: Two['w'], socket: Socket): unknown[] {
  const told: unknown[] = [];
  const events = ['connectionAttempt', 'connectionAttemptTimeout', 'connectionAttemptFailed', 'connect'];
  for (const event of events) {
    socket.on(event, (ip?: string, _port?: number, _family?: number, error?: NodeJS.ErrnoException) => {
      told.push([
        Math.round(w.now / MILLISECOND),
        event,
        ...(ip === undefined ? [] : [ip]),
        ...(error ? [error.code] : []),
      ]);
    });
  }
  return told;
}

async function listening(net: SynwaveNet, host = '::'): Promise<Server> {
  const server = net.createServer((peer) => peer.end('hello')).listen(7, host);
  await once(server, 'listening');
  return server;
}

/** A name with the server's addresses, in this order. */
function named({ server }: Two, order: readonly Family[]): string[] {
  return order.map((family) => (family === 4 ? server.address : server.address6));
}

describe('a name with addresses of both families', () => {
  test.each<[string, Family[], Family[], [number, string, Family?][], Family]>([
    [
      'both live, IPv6 first',
      [],
      [6, 4],
      [
        [0, 'connectionAttempt', 6],
        [20, 'connect'],
      ],
      6,
    ],
    [
      'both live, IPv4 first',
      [],
      [4, 6],
      [
        [0, 'connectionAttempt', 4],
        [20, 'connect'],
      ],
      4,
    ],
    [
      'IPv6 is dead: IPv4 after 250 ms',
      [6],
      [6, 4],
      [
        [0, 'connectionAttempt', 6],
        [250, 'connectionAttemptTimeout', 6],
        [250, 'connectionAttempt', 4],
        [270, 'connect'],
      ],
      4,
    ],
    [
      'IPv4 is dead: IPv6 after 250 ms',
      [4],
      [4, 6],
      [
        [0, 'connectionAttempt', 4],
        [250, 'connectionAttemptTimeout', 4],
        [250, 'connectionAttempt', 6],
        [270, 'connect'],
      ],
      6,
    ],
    [
      'IPv6 is dead, but second',
      [6],
      [4, 6],
      [
        [0, 'connectionAttempt', 4],
        [20, 'connect'],
      ],
      4,
    ],
  ])('%s', async (_what, gone, order, wanted, by) => {
    const hosts = two({ delay: DELAY, fault: dead(...gone) });
    const { w, client, server } = hosts;
    const addressOf = (family: Family): string => (family === 4 ? server.address : server.address6);
    await w.run(async () => {
      const listener = await listening(createNet(server));
      const net = createNet(client, { hosts: { both: named(hosts, order) } });
      const socket = net.connect(7, 'both');
      const told = watched(w, socket);
      const [text] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
      expect(text).toBe('hello');
      expect([socket.remoteAddress, socket.remoteFamily]).toEqual([addressOf(by), `IPv${by}`]);
      expect(told).toEqual(wanted.map(([at, what, to]) => [at, what, ...(to === undefined ? [] : [addressOf(to)])]));
      const tried = wanted.flatMap(([, what, to]) =>
        what === 'connectionAttempt' && to ? [`${addressOf(to)}:7`] : [],
      );
      expect(socket.autoSelectFamilyAttemptedAddresses).toEqual(tried);
      await once(socket, 'close');
      listener.close();
    });
    // The attempt that was given up leaves nothing behind.
    await w.run();
    expect([client, server].map((host) => host.counters().connections)).toEqual(
      Array.from({ length: 2 }, () => ({ full: 0, halfOpen: 0, timeWait: 0 })),
    );
  });

  test.each<[string, Family[], NetConnectOpts | object, string[], number]>([
    ['both are dead', [4, 6], {}, ['ETIMEDOUT', 'ETIMEDOUT'], 180],
    ['IPv6 is dead, IPv4 refuses', [6], { port: 8 }, ['ETIMEDOUT', 'ECONNREFUSED'], 0],
    ['both refuse', [], { port: 8 }, ['ECONNREFUSED', 'ECONNREFUSED'], 0],
  ])('%s: an AggregateError with each code', async (_what, gone, options, codes, seconds) => {
    const hosts = two({ delay: DELAY, fault: dead(...gone) });
    const { w, client, server } = hosts;
    await w.run(async () => {
      const listener = await listening(createNet(server));
      const net = createNet(client, { hosts: { both: named(hosts, [6, 4]) } });
      const socket = net.connect({ port: 7, host: 'both', ...options });
      const [error] = (await once(socket, 'error')) as [AggregateError & { code: string }];
      expect(error).toBeInstanceOf(AggregateError);
      expect(error.code).toBe(codes[0]);
      expect(error.errors.map(({ code }: { code: string }) => code)).toEqual(codes);
      expect(error.errors.map(({ address }: { address: string }) => address)).toEqual(named(hosts, [6, 4]));
      expect(Math.floor(w.now / (60 * SECOND)) * 60).toBe(seconds);
      listener.close();
    });
  });

  test('a host without the other family: the attempt fails at once, and costs no time', async () => {
    const addresses = [['10.0.0.1/24'], ['10.0.0.2/24', 'fd00::2/64']] as const;
    const hosts = two({ delay: DELAY, addresses });
    const { w, client, server } = hosts;
    await w.run(async () => {
      const listener = await listening(createNet(server));
      const socket = createNet(client, { hosts: { both: named(hosts, [6, 4]) } }).connect(7, 'both');
      const told = watched(w, socket.resume());
      await once(socket, 'close');
      expect(told).toEqual([
        [0, 'connectionAttempt', 'fd00::2'],
        [0, 'connectionAttemptFailed', 'fd00::2', 'ENETUNREACH'],
        [0, 'connectionAttempt', '10.0.0.2'],
        [20, 'connect'],
      ]);
      listener.close();
    });
  });

  test('the families take turns: six addresses, all dead but the last', async () => {
    const alive = ['10.0.0.2'];
    const script: FaultScript = (frame) => {
      const octets = frame.bytes.subarray(frame.at);
      const from4 = (at: number): string => octets.subarray(at, at + 4).join('.');
      return octets[0] === 0x45 && [from4(12), from4(16)].some((ip) => alive.includes(ip)) ? null : 'drop';
    };
    const { w, client, server } = two({ delay: DELAY, fault: script });
    const list = ['fd00::a', 'fd00::b', 'fd00::c', '10.0.0.10', '10.0.0.11', server.address];
    await w.run(async () => {
      const listener = await listening(createNet(server));
      const socket = createNet(client, { hosts: { many: list } }).connect({
        port: 7,
        host: 'many',
        autoSelectFamilyAttemptTimeout: 100,
      });
      const told = watched(w, socket.resume());
      await once(socket, 'close');
      const order = ['fd00::a', '10.0.0.10', 'fd00::b', '10.0.0.11', 'fd00::c', server.address];
      expect(socket.autoSelectFamilyAttemptedAddresses).toEqual(order.map((ip) => `${ip}:7`));
      expect(told.at(-1)).toEqual([520, 'connect']);
      listener.close();
    });
  });

  test.each([4, 6] as const)('family %i alone is asked for, whatever is dead', async (family) => {
    const hosts = two({ delay: DELAY, fault: dead(family === 4 ? 6 : 4) });
    const { w, client, server } = hosts;
    await w.run(async () => {
      const listener = await listening(createNet(server));
      const net = createNet(client, { hosts: { both: named(hosts, [4, 6]) } });
      const socket = net.connect({ port: 7, host: 'both', family });
      await once(socket, 'connect');
      expect([w.now, socket.remoteFamily]).toEqual([2 * DELAY, `IPv${family}`]);
      await once(socket.resume(), 'close');
      listener.close();
    });
  });

  test('without autoSelectFamily the first address has all the time there is', async () => {
    const hosts = two({ delay: DELAY, fault: dead(6) });
    const { w, client, server } = hosts;
    await w.run(async () => {
      const listener = await listening(createNet(server));
      const net = createNet(client, { hosts: { both: named(hosts, [6, 4]) } });
      const socket = net.connect({ port: 7, host: 'both', autoSelectFamily: false });
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error).toMatchObject({ code: 'ETIMEDOUT', address: server.address6 });
      expect(w.now).toBeGreaterThan(180 * SECOND);
      listener.close();
    });
  });

  test('an answer that comes after its turn makes no second connection', async () => {
    const late: FaultScript = (frame) =>
      (frame.bytes[frame.at] as number) >> 4 === 6 ? { delay: 300 * MILLISECOND } : null;
    const hosts = two({ delay: DELAY, fault: late });
    const { w, client, server } = hosts;
    let connections = 0;
    await w.run(async () => {
      const listener = await listening(createNet(server));
      listener.on('connection', () => connections++);
      const socket = createNet(client, { hosts: { both: named(hosts, [6, 4]) } })
        .connect(7, 'both')
        .resume();
      await once(socket, 'close');
      expect(socket.bytesRead).toBe(5);
      await w.sleep(5 * SECOND);
      listener.close();
    });
    expect(connections).toBe(1);
  });
});

describe('a server on ::', () => {
  test('sees both families; who comes over IPv4 is mapped (RFC 4291 §2.5.5.2)', async () => {
    const { w, client, server } = two({ delay: DELAY });
    const seen: unknown[] = [];
    await w.run(async () => {
      const listener = await listening(createNet(server));
      listener.on('connection', (peer: Socket) =>
        seen.push([peer.localAddress, peer.remoteAddress, peer.remoteFamily]),
      );
      for (const host of [server.address, server.address6, `::ffff:${server.address}`]) {
        const socket = createNet(client).connect(7, host).resume();
        await once(socket, 'close');
      }
      listener.close();
    });
    expect(seen).toEqual([
      [`::ffff:${server.address}`, `::ffff:${client.address}`, 'IPv6'],
      [server.address6, client.address6, 'IPv6'],
      [`::ffff:${server.address}`, `::ffff:${client.address}`, 'IPv6'],
    ]);
  });

  test('with ipv6Only is not there for IPv4', async () => {
    const { w, client, server } = two({ delay: DELAY });
    await w.run(async () => {
      const listener = createNet(server)
        .createServer((peer) => peer.end())
        .listen({ port: 7, host: '::', ipv6Only: true });
      const refused = createNet(client).connect(7, server.address);
      const [error] = (await once(refused, 'error')) as [Error];
      expect(error).toMatchObject({ code: 'ECONNREFUSED', address: server.address });
      await once(createNet(client).connect(7, server.address6).resume(), 'close');
      listener.close();
    });
  });
});

describe('addresses of a link (RFC 4007 §11)', () => {
  const LINK = { delay: DELAY, addresses: [['fe80::1/64'], ['fe80::2/64']] } as const;

  test('keep their zone at both ends of a connection', async () => {
    const { w, client, server } = two(LINK);
    await w.run(async () => {
      const listener = createNet(server).createServer().listen(7, 'fe80::2%client-server');
      await once(listener, 'listening');
      expect(listener.address()).toEqual({ address: 'fe80::2%client-server', family: 'IPv6', port: 7 });
      const socket = createNet(client).connect({
        port: 7,
        host: 'fe80::2%client-server',
        localAddress: 'fe80::1%client-server',
      });
      const [[peer]] = (await Promise.all([once(listener, 'connection'), once(socket, 'connect')])) as [
        [Socket],
        unknown,
      ];
      expect([socket.localAddress, socket.remoteAddress]).toEqual(['fe80::1%client-server', 'fe80::2%client-server']);
      expect(socket.address()).toMatchObject({ address: 'fe80::1%client-server', family: 'IPv6' });
      expect([peer.localAddress, peer.remoteAddress]).toEqual(['fe80::2%client-server', 'fe80::1%client-server']);
      socket.destroy();
      listener.close();
    });
  });

  test('are shown in short form, with the zone as it was written', async () => {
    const { w, client, server } = two(LINK);
    await w.run(async () => {
      const listener = createNet(server)
        .createServer((peer) => peer.end())
        .listen(7);
      const socket = createNet(client).connect(7, 'FE80:0:0:0:0:0:0:2%client-server').resume();
      await once(socket, 'connect');
      expect([socket.localAddress, socket.remoteAddress]).toEqual(['fe80::1%client-server', 'fe80::2%client-server']);
      await once(socket, 'close');
      listener.close();
    });
  });

  test('without a zone lead nowhere: EINVAL', async () => {
    const { w, client } = two(LINK);
    await w.run(async () => {
      const net = createNet(client);
      const [far] = (await once(net.connect(7, 'fe80::2'), 'error')) as [Error];
      expect(far.message).toBe('connect EINVAL fe80::2:7 - Local (:::0)');
      const [near] = (await once(net.connect({ port: 7, host: 'fe80::2%a', localAddress: 'fe80::1' }), 'error')) as [
        Error,
      ];
      expect(near.message).toBe('bind EINVAL fe80::1');
      const [here] = (await once(net.createServer().listen(7, 'fe80::1'), 'error')) as [Error];
      expect(here.message).toBe('listen EINVAL: invalid argument fe80::1:7');
    });
  });

  test('that nobody has, with a zone: EADDRNOTAVAIL, and silence', async () => {
    const { w, client } = two(LINK);
    await w.run(async () => {
      const net = createNet(client);
      const [here] = (await once(net.createServer().listen(7, 'fe80::9%a'), 'error')) as [Error];
      expect(here.message).toBe('listen EADDRNOTAVAIL: address not available fe80::9%a:7');
      const [near] = (await once(net.connect({ port: 7, host: 'fe80::2%a', localAddress: 'fe80::9%a' }), 'error')) as [
        Error,
      ];
      expect(near.message).toBe('bind EADDRNOTAVAIL fe80::9%a');
    });
  });

  test('of datagrams: bind, send, connect, and who sent', async () => {
    const { w, client, server } = two(LINK);
    await w.run(async () => {
      const answering = createDgram(server).createSocket('udp6').bind(53, 'fe80::2%client-server');
      await once(answering, 'listening');
      expect(answering.address()).toEqual({ address: 'fe80::2%client-server', family: 'IPv6', port: 53 });
      answering.on('message', (octets, from) =>
        answering.send(`${from.address} says ${octets.toString()}`, from.port, from.address),
      );
      const asking = createDgram(client).createSocket('udp6').bind(54, 'fe80::1%client-server');
      asking.send('hi', 53, 'fe80::2%client-server');
      const [text, from] = (await once(asking, 'message')) as [Buffer, AddressInfo];
      expect([String(text), from.address]).toEqual(['fe80::1%client-server says hi', 'fe80::2%client-server']);
      asking.connect(53, 'fe80::2%client-server');
      await once(asking, 'connect');
      expect(asking.remoteAddress().address).toBe('fe80::2%client-server');
      asking.close();
      answering.close();
    });
  });

  test('zones of other addresses mean nothing, and are not shown', async () => {
    const { w, client, server } = two({ delay: DELAY });
    await w.run(async () => {
      const listener = createNet(server)
        .createServer((peer) => peer.end())
        .listen(7, `${server.address6}%client-server`);
      await once(listener, 'listening');
      expect(listener.address()).toMatchObject({ address: server.address6 });
      const socket = createNet(client).connect(7, `${server.address6}%client-server`).resume();
      await once(socket, 'connect');
      expect(socket.remoteAddress).toBe(server.address6);
      await once(socket, 'close');
      listener.close();
    });
  });
});
