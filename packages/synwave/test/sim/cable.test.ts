import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { inProcess } from '../../src/link/link.ts';
import { type CableEvent, world } from '../../src/sim/index.ts';
import { connection, give, octets, same, takeAll, two } from './helpers.ts';

/** What a test says of an event. */
function brief({ type, time, from, id, arrivesAt, reason }: CableEvent): string {
  const more = reason ?? (arrivesAt === null ? 'never' : arrivesAt);
  return `${time} ${from} #${id} ${type} ${more}`;
}

describe('watching a cable', () => {
  test('a packet is sent and delivered; both have its number', async () => {
    const { w, client, server, cable } = two({ delay: 100 });
    const seen: string[] = [];
    cable.watch((event) => seen.push(brief(event)));
    await w.run(async () => {
      server.listen({ port: 80 });
      await client.connect({ address: server.address, port: 80 }).opened;
    });
    expect(seen.slice(0, 4)).toEqual([
      '0 client #0 sent 100',
      '100 client #0 delivered 100',
      '100 server #1 sent 200',
      '200 server #1 delivered 200',
    ]);
  });

  test('copies, flipped bits, losses: in this order, with the octets as they were at each', () => {
    const { w, cable } = two({
      delay: 5,
      fault: (frame) => (['duplicate', 'corrupt', 'drop'] as const)[frame.bytes[frame.at] as number] ?? null,
    });
    const seen: string[] = [];
    const octetsSeen: string[] = [];
    const stop = cable.watch((event) => {
      seen.push(brief(event));
      octetsSeen.push(Buffer.from(event.frame.copy()).toString('hex'));
    });
    for (const first of [0, 1, 2]) cable.ends[0].send(Frame.from(Uint8Array.of(first, 0, 0, 0)));
    expect(seen).toEqual([
      '0 client #0 sent 5',
      '0 client #0 duplicated 5',
      '0 client #1 sent 5',
      '0 client #1 corrupted 5',
      '0 client #2 sent never',
      '0 client #2 dropped fault',
    ]);
    expect(octetsSeen[2]).toBe('01000000');
    expect(octetsSeen[3]).not.toBe('01000000');
    stop();
    cable.ends[0].send(Frame.from(Uint8Array.of(3)));
    expect(seen).toHaveLength(6);
    expect(cable.counters(w.hosts[0] as never)).toMatchObject({ sent: 4, octets: 13, duplicated: 1, corrupted: 1 });
  });

  test('a watcher may settle what a program waits for', async () => {
    const { w, client, cable } = two({ delay: MILLISECOND, loss: 1 });
    const reason = await w.run(async () => {
      client.connect({ address: '10.0.0.2', port: 80 }).opened.catch(() => {});
      return new Promise((resolve) => {
        cable.watch((event) => event.type === 'dropped' && resolve(event.reason));
      });
    });
    expect(reason).toBe('loss');
    expect(w.now).toBe(0);
  });
});

describe('what a cable carries', () => {
  test('nothing larger than its MTU', () => {
    const { cable, client } = two({ mtu: 100 });
    cable.ends[0].send(Frame.from(new Uint8Array(100)));
    cable.ends[0].send(Frame.from(new Uint8Array(101)));
    expect(cable.counters(client)).toMatchObject({ sent: 2, drops: { mtu: 1 } });
  });

  test('each direction by its own settings', async () => {
    const { w, client, server, cable } = two({ delay: 10, back: { delay: 30 } });
    await w.run(async () => {
      server.listen({ port: 80 });
      await client.connect({ address: server.address, port: 80 }).opened;
      expect(w.now).toBe(40);
      cable.set({ delay: 100 }, client);
      const from = w.now;
      await client.connect({ address: server.address, port: 80 }).opened;
      expect(w.now - from).toBe(130);
    });
    expect(() => cable.set({}, w.host('elsewhere'))).toThrow(RangeError);
  });

  test('IPv6 as well as IPv4, and addresses as given', async () => {
    const w = world();
    const [a, b, c] = [w.host('a'), w.host('b'), w.host('c')];
    w.cable(a, b);
    w.cable(b, c);
    w.cable(a, c, { addresses: [['192.0.2.1/24'], ['192.0.2.9/24', '2001:db8::9/64']] });
    expect([a.address, a.address6]).toEqual(['10.0.0.1', 'fd00::1']);
    expect([b.address, b.address6]).toEqual(['10.0.0.2', 'fd00::2']);
    expect([c.address, c.address6]).toEqual(['10.0.1.2', 'fd00:0:0:1::2']);
    await w.run(async () => {
      c.listen({ port: 80 });
      b.listen({ port: 80 });
      await a.connect({ address: '192.0.2.9', port: 80 }).opened;
      await b.connect({ address: c.address6, port: 80 }).opened;
      await a.connect({ address: b.address6, port: 80 }).opened;
    });
    expect(() => w.cable(a, a)).toThrow('EINVAL');
    expect(() => w.host('a')).toThrow('EADDRINUSE');
    expect(() => w.host('alone').address).toThrow('EADDRNOTAVAIL');
  });

  test('without checksums where the offloads say so', async () => {
    const pair = two({ offloads: inProcess });
    await pair.w.run(async () => {
      const [mine, theirs] = await connection(pair);
      const text = octets(100_000, 1);
      const [, got] = await Promise.all([give(mine, text), takeAll(theirs)]);
      expect(same(got, text)).toBe(true);
    });
  });
});

describe('what can happen to cables and hosts', () => {
  test('unplugged: what is on its way is lost too; plugged in again, the transfer goes on', async () => {
    const pair = two({ delay: 10 * MILLISECOND });
    const { w, client, cable } = pair;
    await w.run(async () => {
      const [mine, theirs] = await connection(pair);
      const text = octets(500_000, 1);
      const got = takeAll(theirs);
      const given = give(mine, text);
      await w.sleep(5 * MILLISECOND);
      cable.unplug();
      expect(cable.plugged).toBe(false);
      await w.sleep(SECOND);
      expect(cable.counters(client).drops.unplugged).toBeGreaterThan(5);
      cable.plug();
      await given;
      expect(same(await got, text)).toBe(true);
    });
  });

  test('crashed: what arrives is lost; booted, it knows no connection and resets it', async () => {
    const pair = two({ delay: MILLISECOND });
    const { w, client, server, cable } = pair;
    await w.run(async () => {
      const [mine] = await connection(pair);
      server.crash();
      expect(server.down).toBe(true);
      await mine.write(octets(10, 1));
      await w.sleep(10 * SECOND);
      expect(cable.counters(client).drops.down).toBeGreaterThan(1);
      server.boot();
      await expect(mine.closed).rejects.toThrow('ECONNRESET');
      const listener = server.listen({ port: 80 });
      await client.connect({ address: server.address, port: 80 }).opened;
      expect(server.openListeners).toEqual([listener]);
    });
  });

  test('paused: what arrives waits, and is answered when the host goes on', async () => {
    const pair = two({ delay: MILLISECOND });
    const { w, server, client, cable } = pair;
    await w.run(async () => {
      const [mine, theirs] = await connection(pair);
      for (let i = 0; i < 50; i++) cable.ends[0].send(Frame.from(Uint8Array.of(0)));
      await w.sleep(MILLISECOND);
      server.pause();
      await mine.write(octets(10, 1));
      await w.sleep(10 * SECOND);
      expect(theirs.readable).toBe(0);
      expect(server.paused).toBe(true);
      server.resume();
      expect((await theirs.read())?.length).toBe(10);
      expect(w.now).toBeGreaterThan(10 * SECOND);
      const from = w.now;
      await client.connect({ address: server.address, port: 81 }).opened.catch(() => {});
      expect(w.now - from).toBe(2 * MILLISECOND);
      const { sent, delivered } = cable.counters(client);
      expect(delivered).toBe(sent);
    });
  });

  test('a host talks to itself over its loopback', async () => {
    const w = world();
    const host = w.host('alone');
    await w.run(async () => {
      const listener = host.listen({ port: 80 });
      const mine = host.connect({ address: '127.0.0.1', port: 80 });
      await mine.opened;
      const theirs = await listener.accept();
      if (theirs === null) throw new Error('no connection');
      const text = octets(200_000, 1);
      const [, got] = await Promise.all([give(mine, text), takeAll(theirs)]);
      expect(same(got, text)).toBe(true);
      theirs.end();
      await theirs.closed;
    });
    expect(w.now).toBeLessThan(SECOND);
  });
});
