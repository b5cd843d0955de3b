import { describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import type { CableOptions } from '../../src/sim/index.ts';
import { connection, give, octets, same, takeAll, two } from './helpers.ts';

const MIB = 1 << 20;

describe('1 MiB each way, at once', () => {
  test.each<[string, CableOptions]>([
    ['over a cable without delay', {}],
    ['over 20 ms', { delay: 20 * MILLISECOND }],
    ['over 10 Mbit/s with 20 ms and a queue of 64 KiB', { delay: 20 * MILLISECOND, rate: 10_000_000, queue: 65_536 }],
    ['with 1% loss', { delay: 10 * MILLISECOND, loss: 0.01 }],
    ['with 10% loss', { delay: 10 * MILLISECOND, loss: 0.1 }],
    ['with losses in bursts', { delay: 10 * MILLISECOND, burst: { enter: 0.005, leave: 0.3 } }],
    ['with reordering', { delay: 10 * MILLISECOND, reorder: 0.05, reorderBy: 3 * MILLISECOND }],
    ['with duplicates', { delay: 10 * MILLISECOND, duplicate: 0.1 }],
    ['with flipped bits', { delay: 10 * MILLISECOND, corrupt: 0.02 }],
    ['with jitter', { delay: 10 * MILLISECOND, jitter: 10 * MILLISECOND }],
    [
      'with all of it',
      { delay: 10 * MILLISECOND, jitter: MILLISECOND, loss: 0.02, duplicate: 0.02, reorder: 0.02, corrupt: 0.02 },
    ],
    ['with an MTU of 576', { delay: MILLISECOND, mtu: 576, loss: 0.01 }],
  ])('%s', async (_name, options) => {
    const pair = two(options);
    const { w } = pair;
    await w.run(async () => {
      const [mine, theirs] = await connection(pair);
      const up = octets(MIB, 1);
      const down = octets(MIB, 2);
      const [, , got, sent] = await Promise.all([give(mine, up), give(theirs, down), takeAll(mine), takeAll(theirs)]);
      expect(same(got, down)).toBe(true);
      expect(same(sent, up)).toBe(true);
      await Promise.all([mine.closed, theirs.closed]);
    });
    expect(w.now).toBeLessThan(600 * SECOND);
    await w.run();
    expect(pair.client.counters().connections).toEqual({ full: 0, halfOpen: 0, timeWait: 0 });
    expect(pair.server.counters().connections).toEqual({ full: 0, halfOpen: 0, timeWait: 0 });
  });
});

test('a line of 10 Mbit/s carries more than 9 of text, and the round trip grows by its queue and no more', async () => {
  const pair = two({ delay: 10 * MILLISECOND, rate: 10_000_000, queue: 50_000 });
  const { w } = pair;
  await w.run(async () => {
    const [mine, theirs] = await connection(pair);
    const text = octets(8 * MIB, 1);
    const from = w.now;
    const [, got] = await Promise.all([give(mine, text), takeAll(theirs)]);
    expect(same(got, text)).toBe(true);
    const seconds = (w.now - from) / SECOND;
    expect((8 * 8 * MIB) / seconds).toBeGreaterThan(9_000_000);
    expect(mine.info().rtt.srtt).toBeLessThan(2 * 10 * MILLISECOND + 40 * MILLISECOND + 2 * MILLISECOND);
  });
});

test('a lost ACK makes no round trip of the time until the retransmission (RFC 7323 §4.1, §5.3)', async () => {
  const pair = two({ delay: 10 * MILLISECOND }, { config: { sack: false } });
  const { w, cable, server } = pair;
  await w.run(async () => {
    const [mine] = await connection(pair);
    await mine.write(octets(100, 1));
    await w.sleep(5 * MILLISECOND);
    cable.set({ fault: () => 'drop' }, server);
    await w.sleep(500 * MILLISECOND);
    cable.set({ fault: null }, server);
    await w.sleep(SECOND);
    const { rtt, counters } = mine.info();
    expect(counters.timeouts).toBe(1);
    expect(rtt.latest).toBeLessThan(100 * MILLISECOND);
    expect(rtt.srtt).toBeLessThan(100 * MILLISECOND);
  });
});
