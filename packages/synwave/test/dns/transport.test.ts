/** The way to a server and back: loss, silence, servers that are not there, what does not fit into a datagram. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { Channel } from '../../src/dns/ask-tcp.ts';
import { Chance } from '../../src/dns/chance.ts';
import type { Message } from '../../src/dns/codec.ts';
import type { Desk } from '../../src/dns/desk.ts';
import { answerTo, queryOf } from '../../src/dns/message.ts';
import { Rcode } from '../../src/dns/types.ts';
import { codec, nameServer, resolver } from '../../src/node/dns.ts';
import { type SimHost, world } from '../../src/sim/index.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import { a, codeOf, fakeServer, place, RECORDS, served } from './helpers.ts';

/** More addresses than fit into 512 octets, or into 1232. */
const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `10.2.${i >> 8}.${i & 0xff}`);
const BIG = { ...RECORDS, 'big.example': many(200), 'huge.example': many(2300) };

describe('over a bad cable', () => {
  test.each([4, 6] as const)('20 of 100 packets lost, IPv%i: each name is found, in time', async (family) => {
    const { w, client, dns, cable } = place({ delay: 20_000, loss: 0.2 }, { seed: 3 });
    nameServer(dns, { records: RECORDS });
    const r = resolver(client, { servers: [family === 4 ? dns.address : dns.address6], attempts: 8, timeout: SECOND });
    await w.run(async () => {
      for (let i = 0; i < 50; i++) expect(await r.addresses(`n${i}.any.example`)).toEqual(['10.1.0.9']);
    });
    expect(r.counters.timeouts).toBeGreaterThan(10);
    expect(r.counters.sent).toBe(100 + r.counters.timeouts);
    expect(cable.counters(client).drops.loss).toBeGreaterThan(5);
    expect(w.now).toBeLessThan(120 * SECOND);
  });

  test('200 look-ups at once', async () => {
    const { w, r, client } = served({ attempts: 10, timeout: SECOND }, {}, { delay: 20_000, loss: 0.2 }, { seed: 4 });
    await w.run(async () => {
      const names = Array.from({ length: 200 }, (_, i) => `n${i}.any.example`);
      const found = await Promise.all(names.map((name) => r.addresses(name)));
      expect(found.every(([address]) => address === '10.1.0.9')).toBe(true);
    });
    expect(client.counters().udpSockets).toBe(0);
    expect(w.now).toBeLessThan(11 * SECOND);
  });

  test('packets in disorder, some twice', async () => {
    const { w, r } = served({}, { records: BIG }, { delay: 20_000, jitter: 20_000, duplicate: 0.3 });
    await w.run(async () => {
      const names = Array.from({ length: 50 }, (_, i) => `n${i}.any.example`);
      const found = await Promise.all([...names.map((name) => r.addresses(name)), r.addresses('big.example')]);
      expect(found.map(({ length }) => length)).toEqual([...names.map(() => 1), 200]);
    });
  });
});

describe('servers', () => {
  /** A client, and two servers on cables of their own. */
  function pair(): { w: ReturnType<typeof world>; client: SimHost; first: SimHost; second: SimHost } {
    const w = world();
    const [client, first, second] = [w.host('client'), w.host('first'), w.host('second')];
    w.cable(client, first, { delay: 1000 });
    w.cable(client, second, { delay: 1000 });
    return { w, client, first, second };
  }

  test('the first is dead: the second is asked after 5 s, as on Linux', async () => {
    const { w, client, first, second } = pair();
    nameServer(second, { records: RECORDS });
    const r = resolver(client, { servers: [first.address, second.address] });
    first.crash();
    expect(await w.run(() => r.addresses('v4.example', 4))).toEqual(['10.1.0.4']);
    expect(w.now).toBe(5 * SECOND + 2 * MILLISECOND);
    expect(r.counters.timeouts).toBe(1);
  });

  test('the first has nobody at the port: the second is asked at once', async () => {
    const { w, client, first, second } = pair();
    nameServer(second, { records: RECORDS });
    const r = resolver(client, { servers: [first.address, second.address] });
    expect(await w.run(() => r.addresses('v4.example', 4))).toEqual(['10.1.0.4']);
    expect(w.now).toBe(4 * MILLISECOND);
  });

  test('no way leads to the first: the second is asked at once', async () => {
    const { w, client, second } = pair();
    nameServer(second, { records: RECORDS });
    const r = resolver(client, { servers: ['192.0.2.1', second.address] });
    expect(await w.run(() => r.addresses('v4.example', 4))).toEqual(['10.1.0.4']);
    expect(w.now).toBe(2 * MILLISECOND);
  });

  test.each([Rcode.ServFail, Rcode.Refused, Rcode.NotImp])(
    'the first answers with code %i: the second is asked',
    async (rcode) => {
      const { w, client, first, second } = pair();
      fakeServer(first, ({ answer }) => answer({ rcode }));
      nameServer(second, { records: RECORDS });
      const r = resolver(client, { servers: [first.address, second.address] });
      expect(await w.run(() => r.addresses('v4.example', 4))).toEqual(['10.1.0.4']);
    },
  );

  test('the first says that there is no such name: the second is not asked', async () => {
    const { w, client, first, second } = pair();
    fakeServer(first, ({ answer }) => answer({ rcode: Rcode.NXDomain }));
    const server = nameServer(second, { records: RECORDS });
    const r = resolver(client, { servers: [first.address, second.address] });
    expect(await w.run(() => codeOf(r.addresses('v4.example', 4)))).toBe('ENOTFOUND');
    expect(server.counters.queries).toBe(0);
  });

  test('all are dead: each is asked twice, for 5 s', async () => {
    const { w, client, first, second } = pair();
    const r = resolver(client, { servers: [first.address, second.address] });
    first.crash();
    second.crash();
    expect(await w.run(() => codeOf(r.resolve('v4.example', 'A')))).toBe('ETIMEOUT');
    expect(w.now).toBe(20 * SECOND);
    expect(r.counters).toMatchObject({ sent: 4, timeouts: 4 });
  });

  test('one is silent and one refuses: what was said counts for more', async () => {
    const { w, client, first, second } = pair();
    fakeServer(first, ({ answer }) => answer({ rcode: Rcode.Refused }));
    second.crash();
    const r = resolver(client, { servers: [first.address, second.address], timeout: SECOND });
    expect(await w.run(() => codeOf(r.resolve('v4.example', 'A')))).toBe('EREFUSED');
  });

  test('none can be reached', async () => {
    const { w, client } = pair();
    const r = resolver(client, { servers: ['192.0.2.1', '2001:db8::1'] });
    expect(await w.run(() => codeOf(r.resolve('v4.example', 'A')))).toBe('ECONNREFUSED');
    expect(w.now).toBe(0);
  });

  test('one at another port', async () => {
    const { w, client, first } = pair();
    nameServer(first, { records: RECORDS, port: 5353 });
    const r = resolver(client, { servers: [{ address: first.address, port: 5353 }] });
    expect(await w.run(() => r.addresses('v4.example'))).toEqual(['10.1.0.4']);
  });

  test('one that is heard of later', async () => {
    const { w, client, second } = pair();
    nameServer(second, { records: RECORDS });
    const servers: string[] = [];
    const r = resolver(client, { servers: () => servers });
    await w.run(async () => {
      expect(await codeOf(r.resolve('v4.example', 'A'))).toBe('ECONNREFUSED');
      servers.push(second.address);
      expect(await codeOf(r.resolve('v4.example', 'A'))).toBe(null);
      servers[0] = 'no address';
      expect(await codeOf(r.resolve('www.example', 'A'))).toBe('EINVAL');
    });
  });

  test('one that comes back is found again', async () => {
    const { w, client, first } = pair();
    first.crash();
    w.after(6 * SECOND, () => {
      first.boot();
      nameServer(first, { records: RECORDS });
    });
    const r = resolver(client, { servers: [first.address], attempts: 3 });
    expect(await w.run(() => r.addresses('v4.example', 4))).toEqual(['10.1.0.4']);
    expect(w.now).toBe(10 * SECOND + 2 * MILLISECOND);
  });
});

describe('what does not fit into a datagram (RFC 7766)', () => {
  test.each([4, 6] as const)('is asked for over TCP, IPv%i', async (family) => {
    const { w, client, dns } = place({ delay: 1000 });
    const server = nameServer(dns, { records: BIG });
    const r = resolver(client, { servers: [family === 4 ? dns.address : dns.address6] });
    const found = await w.run(() => r.resolve('big.example', 'A'));
    expect(found.map(({ address }) => address)).toEqual(many(200));
    expect(r.counters).toMatchObject({ sent: 1, sentOverTcp: 1, connections: 1 });
    expect(server.counters).toMatchObject({ truncated: 1, accepted: 1 });
  });

  test('up to 65,535 octets', async () => {
    const { w, r, server } = served({}, { records: BIG });
    expect((await w.run(() => r.addresses('huge.example'))).length).toBe(2300);
    expect(server.counters.truncated).toBe(1);
  });

  test('over a cable that loses 20 of 100 packets', async () => {
    const { w, r } = served({ timeout: 60 * SECOND, attempts: 5 }, { records: BIG }, { delay: 20_000, loss: 0.2 });
    expect((await w.run(() => r.resolve('huge.example', 'A'))).length).toBe(2300);
  });

  test('one connection serves many questions at once (§6.2.1.1), and is closed when it idles (§6.2.3)', async () => {
    const records = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`big${i}.example`, many(100 + i)]));
    const { w, r, client, dns, server } = served({ tcpIdle: 2 * SECOND }, { records });
    await w.run(async () => {
      const found = await Promise.all(Object.keys(records).map((name) => r.resolve(name, 'A')));
      expect(found.map(({ length }) => length)).toEqual(Object.values(records).map(({ length }) => length));
      expect(r.counters).toMatchObject({ sentOverTcp: 20, connections: 1 });
      await w.sleep(SECOND);
      expect(server.counters.open).toBe(1);
      await w.sleep(1.5 * SECOND);
      expect(server.counters.open).toBe(0);
    });
    await w.run();
    for (const host of [client, dns])
      expect(host.counters().connections).toEqual({ full: 0, halfOpen: 0, timeWait: 0 });
  });

  test('a connection that was closed is opened again for the next', async () => {
    const { w, r } = served({ tcpIdle: SECOND, cache: 0 }, { records: BIG });
    await w.run(async () => {
      await r.resolve('big.example', 'A');
      await r.resolve('big.example', 'A');
      await w.sleep(2 * SECOND);
      await r.resolve('big.example', 'A');
    });
    expect(r.counters).toMatchObject({ sentOverTcp: 3, connections: 2 });
  });
});

describe('a server that misbehaves over TCP', () => {
  /** Answers over UDP that it does not fit; what it does over TCP is the test's. Answers how many connections there were. */
  function truncating(host: SimHost, act: (socket: TcpSocket, connection: number) => void): () => number {
    let connections = 0;
    fakeServer(host, ({ answer }) => answer({ truncated: true }));
    host.listen({ port: 53 }).onConnection = (socket) => act(socket, ++connections);
    return () => connections;
  }

  /** The questions that a socket brings, one by one; `act` sends answers. */
  function serve(socket: TcpSocket, act: (query: Message, send: (answer: Message) => void) => void): void {
    let held = Buffer.alloc(0);
    const read = (): void => {
      const chunk = new Uint8Array(4096);
      const n = socket.tryRead(chunk);
      if (n > 0) held = Buffer.concat([held, chunk.subarray(0, n)]);
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE()) {
        const query = codec.decode(held.subarray(2, 2 + held.readUInt16BE()));
        held = held.subarray(2 + held.readUInt16BE());
        if (query !== null) act(query, (answer) => socket.tryWrite(frame(codec.encode(answer))));
      }
    };
    socket.handler = { readable: read };
    read();
  }

  const frame = (octets: Uint8Array): Uint8Array =>
    Uint8Array.from([octets.length >> 8, octets.length & 0xff, ...octets]);
  const told = (query: Message): Message => ({
    ...answerTo(query, Rcode.NoError),
    answers: [a(query.questions[0]?.name ?? '', '10.0.0.1')],
  });

  test('closes in the middle: what was not answered is asked once more (§6.2.4)', async () => {
    const { w, client, dns } = place({ delay: 1000 });
    const connections = truncating(dns, (socket, connection) => {
      let asked = 0;
      serve(socket, (query, send) => {
        if (++asked > 2 && connection === 1) socket.close();
        else send(told(query));
      });
    });
    const r = resolver(client, { servers: [dns.address], attempts: 1 });
    const names = Array.from({ length: 5 }, (_, i) => `n${i}.example`);
    const found = await w.run(() => Promise.all(names.map((name) => r.resolve(name, 'A'))));
    expect(found.map(([record]) => record?.name)).toEqual(names);
    expect(connections()).toBe(2);
    expect(w.now).toBeLessThan(SECOND);
  });

  test.each<[string, (socket: TcpSocket) => void]>([
    ['closes', (socket) => socket.close()],
    ['resets', (socket) => socket.abort()],
    [
      'answers half a message and closes',
      (socket) => void socket.write(Uint8Array.of(0, 100, 1)).then(() => socket.close()),
    ],
    ['answers what is no message', (socket) => void socket.write(Uint8Array.of(0, 3, 1, 2, 3))],
    ['answers with nothing', (socket) => void socket.write(Uint8Array.of(0, 0))],
  ])('%s each time: the next server is asked', async (_name, act) => {
    const w = world();
    const [client, first, second] = [w.host('client'), w.host('first'), w.host('second')];
    w.cable(client, first, { delay: 1000 });
    w.cable(client, second, { delay: 1000 });
    const connections = truncating(first, (socket) => serve(socket, () => act(socket)));
    nameServer(second, { records: BIG });
    const r = resolver(client, { servers: [first.address, second.address] });
    expect((await w.run(() => r.resolve('big.example', 'A'))).length).toBe(200);
    expect(connections()).toBe(2);
    expect(w.now).toBeLessThan(SECOND);
  });

  test('has nobody at the TCP port', async () => {
    const { w, client, dns } = place({ delay: 1000 });
    fakeServer(dns, ({ answer }) => answer({ truncated: true }));
    const r = resolver(client, { servers: [dns.address] });
    expect(await w.run(() => codeOf(r.resolve('big.example', 'A')))).toBe('ECONNREFUSED');
    expect(r.counters.connections).toBe(2); // one for each attempt
  });

  test('says nothing: the connection is given up', async () => {
    const { w, client, dns } = place({ delay: 1000 });
    truncating(dns, (socket) => serve(socket, () => undefined));
    const r = resolver(client, { servers: [dns.address], timeout: SECOND });
    expect(await w.run(() => codeOf(r.resolve('big.example', 'A')))).toBe('ETIMEOUT');
    await w.runFor(SECOND);
    for (const host of [client, dns]) expect(host.counters().connections.full).toBe(0);
  });

  test('answers in any order (§7), and what nobody asked: each gets its own', async () => {
    const { w, client, dns } = place({ delay: 1000 });
    const waiting: (() => void)[] = [];
    truncating(dns, (socket) =>
      serve(socket, (query, send) => {
        waiting.unshift(() => {
          send({ ...told(query), id: query.id ^ 0xffff });
          const forged = [a(query.questions[0]?.name ?? '', '10.6.6.6')];
          send({ ...told(query), questions: [{ name: 'other.example', type: 'A', class: 1 }], answers: forged });
          send(told(query));
        });
        if (waiting.length === 5) for (const act of waiting) act();
      }),
    );
    const r = resolver(client, { servers: [dns.address], attempts: 1 });
    const names = Array.from({ length: 5 }, (_, i) => `n${i}.example`);
    const found = await w.run(() => Promise.all(names.map((name) => r.resolve(name, 'A'))));
    expect(found.map(([record]) => [record?.name, record?.address])).toEqual(names.map((name) => [name, '10.0.0.1']));
    expect(r.counters).toMatchObject({ connections: 1, ignored: 10 });
  });

  test('questions under way on one connection have numbers of their own (§6.2.1)', async () => {
    const { w, client, dns } = place({ delay: 1000 });
    const ids: number[] = [];
    dns.listen({ port: 53 }).onConnection = (socket) =>
      serve(socket, (query, send) => {
        ids.push(query.id);
        if (ids.length === 3) send(told(query));
      });
    const desk: Desk = {
      host: client,
      codec,
      chance: new Chance(new Random(1)),
      counters: { sent: 0, sentOverTcp: 0, connections: 0, ignored: 0, timeouts: 0, kept: 0 },
      open: new Set(),
    };
    const channel = new Channel(desk, { address: dns.address, port: 53 }, SECOND);
    const ask = (name: string): Promise<unknown> => channel.ask(queryOf(7, name, 'A', null), SECOND);
    const answers = await w.run(() => Promise.all(['a.example', 'b.example', 'c.example'].map(ask)));
    expect(ids[0]).toBe(7);
    expect(new Set(ids).size).toBe(3);
    expect(answers).toMatchObject(['ETIMEOUT', 'ETIMEOUT', { answers: [a('c.example', '10.0.0.1')] }]);
  });

  test('an idle connection that the server has closed is not used again', async () => {
    const { w, client, dns } = place({ delay: 1000 });
    const connections = truncating(dns, (socket) =>
      serve(socket, (query, send) => {
        send(told(query));
        w.after(SECOND, () => socket.close());
      }),
    );
    const r = resolver(client, { servers: [dns.address], attempts: 1, tcpIdle: 60 * SECOND });
    await w.run(async () => {
      await r.resolve('a.example', 'A');
      await w.sleep(2 * SECOND);
      await r.resolve('b.example', 'A');
    });
    expect(connections()).toBe(2);
  });

  test('a connection that a power cut of our own ended is found to be so at once', async () => {
    const { w, client, dns } = place({ delay: 1000 });
    nameServer(dns, { records: BIG });
    const r = resolver(client, { servers: [dns.address], cache: 0, tcpIdle: 60 * SECOND });
    await w.run(async () => {
      await r.resolve('big.example', 'A');
      client.crash();
      client.boot();
      const before = w.now;
      expect((await r.resolve('big.example', 'A')).length).toBe(200);
      expect(w.now - before).toBeLessThan(SECOND);
    });
  });

  test('the resolver is closed while it waits', async () => {
    const { w, client, dns } = place({ delay: 1000 });
    truncating(dns, (socket) => serve(socket, () => undefined));
    const r = resolver(client, { servers: [dns.address] });
    w.after(SECOND, () => r.close());
    expect(await w.run(() => codeOf(r.resolve('a.example', 'A')))).toBe('ECANCELLED');
    await w.runFor(SECOND);
    expect(client.counters().connections.full).toBe(0);
  });
});
