/** Takes: a run that is had again up to any point, and goes on in another way; and the same for runs of scenarios. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import {
  DivergedError,
  parseScenario,
  play,
  type Take,
  take,
  type World,
  WorldStuckError,
} from '../../src/sim/index.ts';
import { octets } from './helpers.ts';

/** A transfer; answers when it was over, and what came. */
async function transfer(w: World): Promise<{ time: number; octets: number }> {
  const [client, server] = [w.host('client'), w.host('server')];
  w.cable(client, server, { delay: 10 * MILLISECOND, jitter: MILLISECOND, loss: 0.02 });
  const listener = server.listen({ port: 80 });
  const socket = client.connect({ address: server.address, port: 80 });
  const sending = socket.write(octets(50_000, 1)).then(() => socket.end());
  const theirs = await listener.accept();
  let count = 0;
  for await (const chunk of theirs ?? []) count += chunk.length;
  theirs?.end();
  await sending;
  await socket.closed;
  return { time: w.now, octets: count };
}

const about = { world: { hash: true }, seed: 5 };

/** Lets a take go on for so long, and answers its hash. */
async function hashAfter(t: Take<unknown>, span: number): Promise<string> {
  await t.runUntil(t.now + span);
  return String(t.world.hash);
}

describe('a take', () => {
  test('step by step, in strides or in one go: the same', async () => {
    const whole = take(transfer, about);
    const result = await whole.finish();
    expect(result.octets).toBe(50_000);
    expect(whole.ended).toBe(true);

    const steps = take(transfer, about);
    expect(steps.events).toBe(0);
    while (!steps.ended) expect(await steps.step()).toBe(true);
    expect(await steps.finish()).toEqual(result);
    expect(steps.world.hash).toBe(whole.world.hash);

    const strides = take(transfer, about);
    for (let time = 7 * MILLISECOND; !strides.ended; time += 7 * MILLISECOND) {
      await strides.runUntil(time);
      expect(strides.now).toBe(time);
    }
    expect(await strides.finish()).toEqual(result);
    expect(strides.world.hash).toBe(whole.world.hash);
  });

  test('goes to a point by events, by time, or both', async () => {
    const t = take(transfer, about);
    await t.goTo({ events: 20 });
    expect(t.events).toBe(20);
    const { now } = t;
    await t.goTo({ events: 20, time: now + 1 });
    expect(t.point).toEqual({ events: 20, time: now + 1 });
    await t.goTo({ time: SECOND });
    expect(t.now).toBe(SECOND);
    await expect(t.goTo({ events: t.events, time: 10 ** 12 })).rejects.toThrow(RangeError); // something happens before
    await t.goTo({ events: 10 ** 9 }); // there are not so many
    expect(await t.step()).toBe(false);
  });

  test('a program that fails, or waits for ever', async () => {
    const failing = take(async (w) => {
      await w.sleep(5);
      throw new Error('on purpose');
    });
    await failing.runUntil(10);
    expect(failing.ended).toBe(true);
    await expect(failing.finish()).rejects.toThrow('on purpose');
    await expect(take(() => new Promise(() => undefined)).finish()).rejects.toThrow(WorldStuckError);
  });

  test('what is done to it happens at its points, whatever their order in the list', async () => {
    const heard: string[] = [];
    const say = (what: string) => (w: World) => void heard.push(`${what} ${w.now}`);
    const t = take(
      async (w) => {
        for (let i = 0; i < 4; i++) {
          await w.sleep(10);
          heard.push(`slept ${w.now}`);
        }
      },
      {
        acts: [
          { at: { time: 25 }, act: say('late') },
          { at: { events: 1 }, act: say('first') },
          { at: { events: 1, time: 15 }, act: say('second') },
          { at: { time: 17 }, act: say('third') },
          { at: { time: 99 }, act: say('never') },
        ],
      },
    );
    await t.runUntil(16);
    await t.act(say('now'));
    await t.finish();
    expect(heard).toEqual([
      'slept 10',
      'first 10',
      'second 15',
      'now 16',
      'third 17',
      'slept 20',
      'late 25',
      'slept 30',
      'slept 40',
    ]);
    expect(t.acts.map(({ at }) => at)).toEqual([
      { events: 1, time: 10 },
      { events: 1, time: 15 },
      { events: 1, time: 16 },
      { events: 1, time: 17 },
      { events: 2, time: 25 },
    ]);
  });
});

describe('a fork', () => {
  test('without a difference is the same, wherever it is made', async () => {
    const first = take(transfer, about);
    await first.finish();
    for (const at of [{ time: 0 }, { time: 33_333 }, { events: 17 }, { events: 40, time: 50_000 }]) {
      const fork = await first.fork({ at });
      expect(fork.now).toBeLessThan(first.now);
      await fork.finish();
      expect(fork.world.hash).toBe(first.world.hash);
    }
  });

  test('with one packet lost: the same up to there, another behind', async () => {
    const first = take(transfer, about);
    const at = { time: 60 * MILLISECOND };
    await first.runUntil(at.time);
    const hash = first.world.hash;
    const lost = await first.fork({ at, faults: [{ match: 'first data from client', do: 'drop' }] });
    expect(lost.world.hash).toBe(hash);
    const same = await first.fork({ at });
    expect(await hashAfter(same, SECOND)).toBe(await hashAfter(first, SECOND));
    expect(await hashAfter(lost, SECOND)).not.toBe(String(first.world.hash));
    expect((await lost.finish()).octets).toBe(50_000);

    // Of the fork, a fork: the first data from there on is lost once, and counted from the same place.
    const again = await lost.fork({ at: { time: 70 * MILLISECOND } });
    await again.finish();
    expect(again.world.hash).toBe(lost.world.hash);
    const before = await lost.fork({ at: { time: 50 * MILLISECOND } });
    await before.finish();
    await first.finish();
    expect(before.world.hash).toBe(first.world.hash);
  });

  test('a packet that is past cannot be changed', async () => {
    const first = take(transfer, about);
    const at = { time: 60 * MILLISECOND };
    await first.runUntil(at.time);
    const cable = first.world.cables[0];
    const client = first.world.hosts[0];
    if (cable === undefined || client === undefined) throw new Error('no network');
    const { sent } = cable.counters(client);
    const fault = { cable: cable.name, from: 'client', do: 'drop' } as const;
    await expect(first.fork({ at, faults: [{ ...fault, n: sent }] })).rejects.toThrow(`packet ${sent} from client`);
    const fork = await first.fork({ at, faults: [{ ...fault, n: sent + 1 }] });
    await fork.finish();
    expect(fork.world.cables[0]?.counters(fork.world.hosts[0] ?? client).drops.fault).toBe(1);
  });

  test('something is done at its point; what was done behind that to the first is not', async () => {
    const unplug = (w: World): void => w.cables[0]?.unplug();
    const plug = (w: World): void => w.cables[0]?.plug();
    const first = take(transfer, about);
    await first.runUntil(40 * MILLISECOND);
    await first.act(unplug);
    await first.runUntil(3 * SECOND);
    await first.act(plug);
    expect((await first.finish()).octets).toBe(50_000);

    const early = await first.fork({ at: { time: 30 * MILLISECOND } });
    expect(early.acts).toEqual([]);
    expect((await early.finish()).time).toBeLessThan((await first.finish()).time);
    const between = await first.fork({ at: { time: 100 * MILLISECOND }, act: plug });
    expect(between.acts).toHaveLength(2);
    expect((await between.finish()).octets).toBe(50_000);
    expect(between.world.hash).not.toBe(first.world.hash);
  });

  test('back to an earlier point: what was done later is still to come', async () => {
    const first = take(transfer, { ...about, acts: [{ at: { time: 2 * SECOND }, act: (w) => w.cables[0]?.plug() }] });
    await first.runUntil(40 * MILLISECOND);
    await first.act((w) => w.cables[0]?.unplug());
    await first.runUntil(SECOND);
    const back = await first.rewind({ time: 20 * MILLISECOND });
    expect(back.now).toBe(20 * MILLISECOND);
    await first.finish();
    await back.finish();
    expect(back.acts).toHaveLength(2);
    expect(back.world.hash).toBe(first.world.hash);
  });

  test('a program that does not do the same again is told so, with the first difference', async () => {
    let runs = 0;
    const fickle = async (w: World): Promise<void> => {
      const [a, b] = [w.host('a'), w.host('b')];
      w.cable(a, b, { delay: 5 });
      const socket = a.udp({ port: 1000 });
      for (let i = 0; i < 5; i++) {
        await w.sleep(10);
        socket.send(new Uint8Array(i === 2 ? runs + 1 : 1), b.address, 9);
      }
      runs++;
    };
    const first = take(fickle);
    await first.finish();
    const error = await first.fork({ at: { time: 40 } }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DivergedError);
    expect(String(error)).toMatch(
      /the run is not the same again: packet \d was ".*length 1" by a on a-b at 0.000030 s, and is ".*length 2"/,
    );
    await (await first.fork({ at: { time: 20 } })).finish(); // up to there it is the same
  });
});

describe('a fork of a scenario', () => {
  const scenario = parseScenario(
    JSON.parse(readFileSync(new URL('../../scenarios/third-ack-lost.json', import.meta.url), 'utf8')),
  );

  test('is the same up to a point, and differs by an intervention', () => {
    const first = play(scenario);
    first.finish();
    const same = first.fork({ time: 100 * MILLISECOND });
    expect(same.now).toBe(100 * MILLISECOND);
    expect(same.finish()).toEqual(first.verdict());
    expect(same.packets).toEqual(first.packets);

    const lost = first.fork({ time: 100 * MILLISECOND }, [
      { type: 'packet', packet: same.packets.length - 1, fault: 'drop' },
    ]);
    lost.finish();
    expect(lost.interventions).toHaveLength(1);
    expect(lost.packets.length).toBeGreaterThan(same.packets.length);
    expect(() => first.fork({ time: 100 * MILLISECOND }, [{ type: 'packet', packet: 0, fault: 'drop' }])).toThrow(
      'packet 0 is past',
    );
  });

  test('what was done before the point stays, what was done behind it does not', () => {
    const first = play(scenario);
    first.advance(15 * MILLISECOND);
    first.act('server', { do: 'pause' });
    first.advance(25 * MILLISECOND);
    const { events } = first.world;
    first.act('server', { do: 'resume' });
    first.finish();
    expect(first.interventions).toHaveLength(2);
    const paused = first.fork({ time: 20 * MILLISECOND });
    expect(paused.interventions).toHaveLength(1);
    expect(paused.view().find(({ name }) => name === 'server')?.paused).toBe(true);
    const both = first.fork({ events, time: 25 * MILLISECOND });
    expect(both.interventions).toHaveLength(2);
    both.finish();
    expect(both.packets).toEqual(first.packets);
    const other = first.fork({ time: 20 * MILLISECOND }, [
      { type: 'deed', events: paused.world.events, time: 30 * MILLISECOND, who: 'server', deed: { do: 'resume' } },
    ]);
    other.finish();
    expect(other.interventions).toHaveLength(2);
    const past = { type: 'deed', events: 0, time: 0, who: 'server', deed: { do: 'resume' } } as const;
    expect(() => first.fork({ time: 20 * MILLISECOND }, [past])).toThrow('server resume at 0.000000 s is past');
  });
});
