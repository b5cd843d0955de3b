/** What befalls hosts and cables: parted, cut off one way, without interfaces, rebooted, with clocks that run away, and all of it by chance. */
import { describe, expect, test } from 'vitest';
import { MILLISECOND, MINUTE, type Micros, SECOND } from '../../src/base/time.ts';
import { type SimHost, type World, type WorldOptions, WorldStuckError, world } from '../../src/sim/index.ts';
import { connection, octets, takeAll, two } from './helpers.ts';

/** Hosts on one switch. */
function lan(count: number, options: WorldOptions = {}): { w: World; hosts: SimHost[] } {
  const w = world(options);
  const lan1 = w.switch('lan');
  const hosts = Array.from({ length: count }, (_, i) => w.host(`n${i + 1}`));
  for (const host of hosts) w.plug(host, lan1, { delay: MILLISECOND });
  return { w, hosts };
}

async function answers(from: SimHost, address: string): Promise<boolean> {
  return (await from.ping(address)).type === 'reply';
}

describe('a partition', () => {
  test.each(['address', 'address6'] as const)('of hosts on one switch, by %s, and it heals', async (which) => {
    const { w, hosts } = lan(4);
    const [a, b, c, d] = hosts as [SimHost, SimHost, SimHost, SimHost];
    await w.runFor(5 * SECOND); // addresses are probed for
    const all = (): Promise<boolean[]> =>
      Promise.all([
        answers(a, b[which]),
        answers(a, c[which]),
        answers(c, a[which]),
        answers(a, d[which]),
        answers(c, d[which]),
      ]);
    await w.run(async () => {
      const heal = w.partition([a, b], [c]);
      expect(await all()).toEqual([true, false, false, true, true]); // d is in no group
      heal();
      heal();
      await w.sleep(10 * SECOND);
      expect(await all()).toEqual([true, true, true, true, true]);
    });
    const lost = w.cables.map((cable) => cable.counters(cable.stationAt(1)).drops.partition);
    expect(lost.map((count) => count > 0)).toEqual([true, true, true, false]);
  });

  test('of hosts with a router between them; of two on a cable, also what is on its way', async () => {
    const w = world();
    const [a, router, b, c] = ['a', 'router', 'b', 'c'].map((name) => w.host(name)) as [
      SimHost,
      SimHost,
      SimHost,
      SimHost,
    ];
    w.cable(a, router, { addresses: [['10.1.0.2/24'], ['10.1.0.1/24']] });
    w.cable(b, router, { addresses: [['10.2.0.2/24'], ['10.2.0.1/24']] });
    w.cable(c, router, { addresses: [['10.3.0.2/24'], ['10.3.0.1/24']], delay: 100 * MILLISECOND });
    router.forward();
    for (const [host, by] of [
      [a, '10.1.0.1'],
      [b, '10.2.0.1'],
      [c, '10.3.0.1'],
    ] as const)
      host.route('0.0.0.0/0', by);
    await w.run(async () => {
      w.partition([a], [b]);
      expect(await Promise.all([answers(a, '10.2.0.2'), answers(a, '10.1.0.1'), answers(c, '10.2.0.2')])).toEqual([
        false,
        true,
        true,
      ]);
      const ping = answers(a, '10.3.0.2');
      await w.sleep(50 * MILLISECOND);
      w.partition([a], [c]);
      expect(await ping).toBe(false);
      expect(await answers(a, '10.2.0.2')).toBe(true); // the one before is over
      w.heal();
      expect(await answers(a, '10.3.0.2')).toBe(true);
    });
    expect(() => w.partition([a], [a, b])).toThrow('EINVAL');
  });

  test('holds a connection up, which goes on when it is healed', async () => {
    const pair = two({ delay: 10 * MILLISECOND });
    const { w, client, server } = pair;
    await w.run(async () => {
      const [mine, theirs] = await connection(pair);
      w.partition([client], [server]);
      const got = takeAll(theirs);
      await mine.write(octets(5000, 1));
      mine.end();
      await w.sleep(20 * SECOND);
      expect(theirs.bytesRead).toBe(0);
      w.heal();
      expect((await got).length).toBe(5000);
    });
  });
});

test('a cable that is cut for one station lets the other through, and loses what is on its way', async () => {
  const pair = two({ delay: 10 * MILLISECOND });
  const { w, client, server, cable } = pair;
  await w.run(async () => {
    const [mine, theirs] = await connection(pair);
    await mine.write(octets(100, 1));
    cable.unplug(client);
    expect([cable.plugged, cable.unplugged]).toEqual([true, ['client']]);
    await theirs.write(octets(100, 2));
    await w.sleep(SECOND);
    expect([mine.readable, theirs.readable]).toEqual([100, 0]);
    expect(cable.counters(client).drops.unplugged).toBeGreaterThan(1);
    expect(cable.counters(server).drops.unplugged).toBe(0);
    cable.plug(client);
    expect([cable.plugged, cable.unplugged]).toEqual([true, []]);
    await w.sleep(MINUTE);
    expect(theirs.readable).toBe(100);
    cable.unplug(client);
    cable.unplug(server);
    expect([cable.plugged, cable.unplugged, cable.unplugs]).toEqual([false, ['client', 'server'], 1]);
    cable.plug();
    expect(cable.unplugged).toEqual([]);
  });
});

test('interfaces that go down send and hear nothing; up again, connections go on', async () => {
  const pair = two({ delay: 10 * MILLISECOND });
  const { w, client } = pair;
  await w.run(async () => {
    const [mine, theirs] = await connection(pair);
    client.setLinksUp(false);
    expect(await client.ping('127.0.0.1')).toMatchObject({ type: 'reply' });
    await mine.write(octets(1000, 1));
    await w.sleep(3 * SECOND);
    expect(theirs.readable).toBe(0);
    client.setLinksUp(true);
    await w.sleep(MINUTE);
    expect(theirs.readable).toBe(1000);
  });
});

describe('a reboot', () => {
  test('takes its time, and nothing is remembered', async () => {
    const pair = two();
    const { w, client, server } = pair;
    await w.run(async () => {
      const [mine] = await connection(pair);
      server.reboot(5 * SECOND);
      await mine.write(octets(10, 1));
      await w.sleep(4.9 * SECOND);
      expect([server.down, mine.state]).toEqual([true, 'ESTABLISHED']);
      await expect(mine.closed).rejects.toThrow('ECONNRESET'); // it answers again, and knows of nothing
      expect(server.down).toBe(false);
      server.listen({ port: 80 });
      await client.connect({ address: server.address, port: 80 }).opened;
    });
  });

  test('called again, the later one counts', async () => {
    const { w, server } = two();
    server.reboot(SECOND);
    await w.runFor(0.5 * SECOND);
    server.reboot(SECOND);
    await w.runFor(0.9 * SECOND);
    expect(server.down).toBe(true);
    await w.runFor(0.2 * SECOND);
    expect(server.down).toBe(false);
  });
});

describe('a clock that is fast by ppm', () => {
  /** How long a host waits for an echo that does not come, and when it sends its second SYN. */
  async function waits(ppm: number): Promise<[Micros, Micros]> {
    const { w, client, server, cable } = two();
    client.drift(ppm);
    cable.unplug();
    const syns: Micros[] = [];
    cable.watch(({ type, time }) => type === 'sent' && syns.push(time));
    return w.run(async () => {
      const from = w.now;
      await client.ping(server.address, { timeout: 10 * SECOND });
      const silent = w.now - from;
      syns.length = 0;
      client.connect({ address: server.address, port: 80 }).opened.catch(() => {});
      await w.sleep(2.5 * SECOND);
      return [silent, (syns[1] ?? 0) - (syns[0] ?? 0)];
    });
  }

  test('moves its timers', async () => {
    expect(await waits(0)).toEqual([10 * SECOND, SECOND]);
    const [silent, again] = await waits(100_000);
    expect([Math.abs(silent - 9_090_909) <= 1, Math.abs(again - 909_091) < 10]).toEqual([true, true]);
    const [slow] = await waits(-500_000);
    expect(slow).toBe(20 * SECOND);
  });

  test('may change under way: time goes on from where it was; 2000 ppm shift timestamps by 2 s in 1000', async () => {
    const pair = two({ delay: MILLISECOND });
    const { w, client } = pair;
    await w.run(async () => {
      const [mine, theirs] = await connection(pair);
      client.drift(2000);
      await w.sleep(1000 * SECOND);
      expect(client.now()).toBe(w.now + 2 * SECOND);
      client.drift(-2000);
      expect(client.now()).toBe(w.now + 2 * SECOND);
      await w.sleep(1000 * SECOND);
      expect(client.now()).toBe(w.now);
      await mine.write(octets(100_000, 1));
      mine.end();
      expect((await takeAll(theirs)).length).toBe(100_000);
    });
    expect(() => client.drift(600_000)).toThrow(RangeError);
  });
});

describe('chaos', () => {
  const every = (seconds: number, lasts: number) => ({ every: seconds * SECOND, lasts: lasts * SECOND });
  const about = {
    until: 10 * MINUTE,
    crashes: every(60, 10),
    pauses: every(60, 5),
    partitions: every(40, 10),
    cuts: every(30, 5),
  };

  test('follows from the seed alone, happens as it was planned, and ends in time', async () => {
    const plans: string[][] = [];
    for (const seed of [1, 1, 2]) {
      const { w, hosts } = lan(5, { seed });
      const planned = w.chaos(about);
      plans.push(planned.map(({ time, ends, text }) => `${time} ${ends} ${text}`));
      for (const { time, ends, type, hosts: who } of planned) {
        expect(time).toBeGreaterThan(0);
        expect(ends).toBeLessThanOrEqual(about.until);
        if (type === 'crash' && ends > time + 2) w.at(time + 1, () => expect(who[0]?.down).toBe(true));
        if (type === 'pause' && ends > time + 2) w.at(time + 1, () => expect(who[0]?.paused).toBe(true));
      }
      let most = 0;
      for (let at = 0; at < about.until; at += SECOND) {
        await w.runUntil(at);
        most = Math.max(most, hosts.filter(({ down, paused }) => down || paused).length);
      }
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(2);
      await w.runUntil(about.until);
      await w.run(async () => {
        await w.sleep(10 * SECOND);
        expect(hosts.filter(({ down, paused }) => down || paused)).toEqual([]);
        expect(w.cables.flatMap(({ unplugged }) => unplugged)).toEqual([]);
        const [first, ...others] = hosts as [SimHost, ...SimHost[]];
        for (const host of others) expect(await answers(first, host.address)).toBe(true);
      });
    }
    expect(plans[1]).toEqual(plans[0]);
    expect(plans[2]).not.toEqual(plans[0]);
    const kinds = ['crashes', 'pauses', 'partition', 'is cut', 'for what'];
    for (const kind of kinds)
      expect(
        plans[0]?.some((text) => text.includes(kind)),
        kind,
      ).toBe(true);
  });

  test('more of one kind does not move another, and the rates hold', () => {
    const { w } = lan(3);
    const other = lan(3).w;
    const cuts = (planned: ReturnType<World['chaos']>): Micros[] =>
      planned.filter(({ type }) => type === 'cut').map(({ time }) => time);
    const hour = { until: 6000 * MINUTE, cuts: every(60, 0) };
    const first = cuts(w.chaos(hour));
    expect(cuts(other.chaos({ ...hour, crashes: every(10, 5) }))).toEqual(first);
    expect(first.length).toBeGreaterThan(5700);
    expect(first.length).toBeLessThan(6300);
  });

  test('refuses what makes no sense', () => {
    const { w } = lan(2);
    expect(() => w.chaos({ until: 0 })).toThrow('chaos until 0: that is not after now, 0');
    expect(() => w.chaos({ until: SECOND, cuts: every(0, 1) })).toThrow('chaos every 0, lasting 1000000');
    expect(() => w.chaos({ until: SECOND, most: 0 })).toThrow('chaos for 0 hosts at a time');
  });
});

describe('the report of a run that hangs', () => {
  test('tells who waits for what, and what befell each connection, also one that has been silent for long', async () => {
    const pair = two({ delay: MILLISECOND }, { limit: { time: MINUTE } });
    const { w, client, server, cable } = pair;
    const stuck: unknown = await w
      .run(async () => {
        const [mine, theirs] = await connection(pair, 8080);
        const [busy, other] = await connection(pair, 90);
        void theirs.read();
        void mine.closed;
        void theirs.write(octets(20_000_000, 1));
        void server.listen({ port: 81 }).accept();
        void server.udp({ port: 53 }).receive();
        void client.ping('10.0.0.9', { timeout: 2 * MINUTE });
        void w.sleep(90 * SECOND);
        void other.closed.catch(() => {});
        for (let i = 0; i < 30; i++) {
          await busy.write(octets(10, i));
          await w.sleep(SECOND);
        }
        cable.unplug();
        void client.connect({ address: server.address, port: 80 }).opened;
        void server.udp({ port: 54 });
        await new Promise(() => {});
      })
      .catch((error: unknown) => error);
    expect(stuck).toBeInstanceOf(WorldStuckError);
    const { message } = stuck as WorldStuckError;
    const waits = message.slice(message.indexOf('who waits:'), message.indexOf('host client:'));
    const ephemeral = waits.replaceAll(/10\.0\.0\.1:\d+/g, 'client').replaceAll('10.0.0.2', 'server');
    expect(
      ephemeral
        .split('\n')
        .map((line) => line.trim())
        .toSorted(),
    ).toEqual(
      [
        '',
        'client: connect client > server:80',
        'client: end of client > server:8080',
        'client: ping 10.0.0.9',
        'server: read server:8080 > client',
        'server: accept on port 81',
        'server: end of server:90 > client',
        'server: receive on UDP port 53',
        'server: write server:8080 > client',
        'sleep until 90.006000 s',
        'who waits:',
      ].toSorted(),
    );
    const silent = /before, on 10\.0\.0\.1:\d+ > 10\.0\.0\.2:8080:\n((?: {2}.*\n?)+)/.exec(message);
    const lines = silent?.[1]?.trimEnd().split('\n') ?? [];
    expect(lines.length).toBe(6);
    for (const line of lines) expect(line).toMatch(/ 10\.0\.0\.\d\.\d+ > 10\.0\.0\.\d\.\d+: Flags/);
    expect(message).toMatch(/retransmit in \d/);
    expect(message).toContain('lost, the cable is unplugged: IP 10.0.0.1');
  });

  test('of many connections the first are told, and how many there are more', async () => {
    const { w, client, server } = two();
    const stuck: unknown = await w
      .run(async () => {
        const listener = server.listen({ port: 80 });
        for (let i = 0; i < 70; i++) {
          await client.connect({ address: server.address, port: 80 }).opened;
          void (await listener.accept())?.read();
        }
        await listener.accept();
      })
      .catch((error: unknown) => error);
    const { message } = stuck as WorldStuckError;
    expect(message).toContain('\n  and 20 connections more\n');
    expect(message).toContain('\n  and 21 more\n'); // 70 read, one accepts
    expect(message.split('\n').length).toBeLessThan(700);
  });

  test('names the partition', async () => {
    const { w, hosts } = lan(3);
    const [a, b, c] = hosts as [SimHost, SimHost, SimHost];
    w.partition([a, b], [c]);
    await expect(w.run(() => new Promise(() => {}))).rejects.toThrow('\npartition: n1, n2 | n3\n');
  });
});
