import { describe, expect, test } from 'vitest';
import { MILLISECOND, MINUTE, SECOND } from '../../src/base/time.ts';
import { WorldStuckError, world } from '../../src/sim/index.ts';
import { connection, give, octets, same, takeAll, two } from './helpers.ts';

const HOUR = 60 * MINUTE;

describe('virtual time', () => {
  test('sleeps, calls and cancelled calls, in the order of their times', async () => {
    const w = world({ start: 1000 });
    const heard: string[] = [];
    w.after(20, () => heard.push(`after ${w.now}`));
    w.at(1010, () => heard.push(`at ${w.now}`));
    w.after(15, () => heard.push('never')).cancel();
    const answer = await w.run(async () => {
      await w.sleep(10);
      heard.push(`slept ${w.now}`);
      await w.sleep(0);
      await w.sleep(30);
      return w.now;
    });
    expect(answer).toBe(1040);
    expect(heard).toEqual(['at 1010', 'slept 1010', 'after 1020']);
  });

  test('no time passes while promises are under way, however long the chain', async () => {
    const w = world();
    w.at(1, () => {});
    const later = await w.run(async () => {
      for (let i = 0; i < 10_000; i++) await Promise.resolve();
      return w.now;
    });
    expect(later).toBe(0);
  });

  test('a program that fails rejects the run; so does a planned call', async () => {
    const w = world();
    const failing = w.run(async () => {
      await w.sleep(1);
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    w.after(1, () => {
      throw new Error('planned');
    });
    await expect(w.run()).rejects.toThrow('planned');
  });

  test('runFor ends at its time, with what is later still to come; step lets one event happen', async () => {
    const w = world();
    const heard: number[] = [];
    for (const time of [5, 10, 11, 12]) w.at(time, () => heard.push(time));
    await w.runFor(10);
    expect([w.now, ...heard]).toEqual([10, 5, 10]);
    expect(await w.step()).toBe(true);
    expect([w.now, ...heard]).toEqual([11, 5, 10, 11]);
    await w.run();
    expect([w.now, ...heard]).toEqual([12, 5, 10, 11, 12]);
    expect(await w.step()).toBe(false);
    await w.runUntil(100);
    expect(w.now).toBe(100);
    expect(() => w.at(99, () => {})).toThrow(RangeError);
  });

  test('one run at a time', async () => {
    const w = world();
    await w.run(async () => {
      await expect(w.run()).rejects.toThrow('EALREADY');
    });
  });

  test('two hours without a word pass in a moment, and the keepalives are 2 h and 75 s apart', async () => {
    const pair = two({ delay: MILLISECOND });
    const { w, client, cable } = pair;
    const sent: number[] = [];
    const error = await w.run(async () => {
      const [mine] = await connection(pair);
      mine.setKeepAlive(true);
      await w.sleep(SECOND);
      cable.unplug();
      cable.watch(({ type, time }) => type === 'sent' && sent.push(time));
      return mine.closed.catch((reason: Error) => reason.message);
    });
    expect(error).toContain('ETIMEDOUT');
    expect(sent).toHaveLength(10);
    expect(sent[0]).toBeGreaterThanOrEqual(2 * HOUR);
    expect(sent[0]).toBeLessThan(2 * HOUR + SECOND);
    for (let i = 1; i < sent.length; i++) {
      expect((sent[i] as number) - (sent[i - 1] as number)).toBe(75 * SECOND);
    }
    expect(client.counters().connections.full).toBe(0);
  });
});

describe('the same seed', () => {
  async function run(seed: number): Promise<[string | null, number, number]> {
    const pair = two(
      { delay: 5 * MILLISECOND, jitter: MILLISECOND, loss: 0.02, duplicate: 0.01 },
      { seed, hash: true },
    );
    await pair.w.run(async () => {
      const [mine, theirs] = await connection(pair);
      const text = octets(300_000, 9);
      const [, , got] = await Promise.all([give(mine, text), give(theirs, text), takeAll(theirs), takeAll(mine)]);
      expect(same(got, text)).toBe(true);
    });
    return [pair.w.hash, pair.w.now, pair.w.events];
  }

  test('gives the same packets at the same times; another seed, others', async () => {
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(first[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(again).toEqual(first);
    expect(other[0]).not.toBe(first[0]);
  });

  test('a host or cable more does not change what the others do', async () => {
    const ports: number[] = [];
    for (const extra of [false, true]) {
      const w = world({ seed: 3 });
      if (extra) w.host('another');
      const client = w.host('client');
      const server = w.host('server');
      w.cable(client, server);
      await w.run(async () => {
        server.listen({ port: 80 });
        const socket = client.connect({ address: server.address, port: 80 });
        await socket.opened;
        ports.push(socket.localPort, socket.info().snd.iss);
      });
    }
    expect(ports.slice(0, 2)).toEqual(ports.slice(2));
  });
});

describe('a program that waits for what never comes', () => {
  test('is told what everybody was waiting for', async () => {
    const pair = two({ delay: MILLISECOND });
    const { w, server } = pair;
    const stuck: unknown = await w
      .run(async () => {
        const [mine] = await connection(pair, 8080);
        server.listen({ port: 81 });
        await mine.write(octets(10, 1));
        await mine.read();
      })
      .catch((error: unknown) => error);
    expect(stuck).toBeInstanceOf(WorldStuckError);
    const { message, time } = stuck as WorldStuckError;
    expect(time).toBe(w.now);
    expect(message).toMatch(/^the program waits, and nothing is left to happen, at 0\.\d{6} s\n/);
    expect(message).toMatch(
      /host client:\n {2}10\.0\.0\.1:\d+ > 10\.0\.0\.2:8080 ESTABLISHED: 0 to read, 0 in flight, 0 unsent; no timer\n/,
    );
    expect(message).toContain('host server:\n  listens on port 81: 0 wait to be accepted, 0 half open\n');
    expect(message).toMatch(/10\.0\.0\.2:8080 > 10\.0\.0\.1:\d+ ESTABLISHED: 10 to read/);
    expect(message).toMatch(
      / {2}0\.000000 s client sends to server: IP 10\.0\.0\.1\.\d+ > 10\.0\.0\.2\.8080: Flags \[S\]/,
    );
    expect(message).toMatch(/server gets from client: IP .* Flags \[P\.\], .*length 10/);
  });

  test('also when time goes on without end, by the limits', async () => {
    const w = world({ limit: { time: HOUR } });
    const tick = (): void => {
      w.after(MINUTE, tick);
    };
    tick();
    await expect(w.run(() => new Promise(() => {}))).rejects.toThrow(
      'more virtual time than its limit, at 3600.000000 s',
    );
    const busy = world({ limit: { events: 1000 } });
    const spin = (): void => {
      busy.after(0, spin);
    };
    spin();
    await expect(busy.run()).rejects.toThrow('more events than its limit');
  });

  test('names what is unplugged, paused, without power', async () => {
    const { w, client, server, cable } = two();
    cable.unplug();
    client.pause();
    server.crash();
    await expect(w.run(() => new Promise(() => {}))).rejects.toThrow(
      /host client, paused: no connection, no listener\nhost server, without power: no connection, no listener\ncable client-server is unplugged/,
    );
  });
});
