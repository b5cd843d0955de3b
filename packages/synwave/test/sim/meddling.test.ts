/** Faults of single packets: named by cable, direction and number, beside chance and in its place. */
import { assert, asyncProperty, constantFrom, double, integer, nat, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MILLISECOND } from '../../src/base/time.ts';
import { type CableEvent, type CableOptions, type PacketFault, type WorldOptions, world } from '../../src/sim/index.ts';
import { connection, give, octets, takeAll, two } from './helpers.ts';

/** A transfer over two parallel cables' worth of mischief; what it came to. */
async function transfer(options: CableOptions, about: WorldOptions): Promise<{ hash: string; chances: PacketFault[] }> {
  const pair = two(options, { hash: true, keepChances: true, ...about });
  await pair.w.run(async () => {
    const [mine, theirs] = await connection(pair);
    await Promise.all([give(mine, octets(30_000, 1)), takeAll(theirs).then(() => theirs.end())]);
    await mine.closed;
  });
  return { hash: String(pair.w.hash), chances: [...pair.w.chances] };
}

describe('chance, taken down and handed to another world', () => {
  test('gives the same octets at the same times, whatever the cable does', async () => {
    const share = double({ min: 0, max: 0.1, noNaN: true });
    const options = record({
      delay: integer({ min: 0, max: 50_000 }),
      jitter: integer({ min: 0, max: 20_000 }),
      loss: share,
      duplicate: share,
      reorder: share,
      reorderBy: integer({ min: 1, max: 100_000 }),
      corrupt: share,
      rate: constantFrom(0, 1e6, 1e8),
      burst: constantFrom(null, { enter: 0.02, leave: 0.5 }),
    });
    await assert(
      asyncProperty(options, nat(), async (cable, seed) => {
        const { hash, chances } = await transfer(cable, { seed });
        const again = await transfer(cable, { seed, faults: chances, chance: false });
        expect(again).toEqual({ hash, chances: [] });
      }),
      { numRuns: 30, seed: 7 },
    );
  });

  test('left out, the run is another', async () => {
    const cable = { delay: 1000, loss: 0.1 };
    const { hash, chances } = await transfer(cable, { seed: 3 });
    expect(chances.length).toBeGreaterThan(3);
    expect((await transfer(cable, { seed: 3, faults: chances.slice(1), chance: false })).hash).not.toBe(hash);
  });
});

describe('a fault of one packet', () => {
  function watched(faults: PacketFault[], ask: (event: CableEvent) => boolean): Promise<string[]> {
    const pair = two({ delay: 10 * MILLISECOND }, { faults });
    const seen: string[] = [];
    pair.cable.watch((event) => {
      if (ask(event)) seen.push(`${event.time / MILLISECOND} ${event.from} ${event.n} ${event.type}`);
    });
    return pair.w.run(async () => {
      const [mine, theirs] = await connection(pair);
      await Promise.all([give(mine, octets(100, 1)), takeAll(theirs)]);
      return seen;
    });
  }

  test('is of that direction and that number alone', async () => {
    const faults: PacketFault[] = [
      { cable: 'client-server', from: 'client', n: 1, do: 'drop' },
      { cable: 'client-server', from: 'server', n: 1, do: { delay: 5 * MILLISECOND } },
      { cable: 'client-server', from: 'server', n: 1, do: 'duplicate' },
      { cable: 'client-server', from: 'nobody', n: 2, do: 'drop' },
      { cable: 'server-client', from: 'client', n: 3, do: 'drop' },
    ];
    const seen = await watched(faults, ({ type, n }) => type !== 'sent' && n <= 2);
    expect(seen).toEqual([
      '0 client 1 dropped',
      '1010 client 2 delivered', // the SYN again, after a second
      '1010 server 1 duplicated',
      '1025 server 1 delivered',
      '1025 server 1 delivered',
    ]);
  });

  test('a bit that is not named is the same each time, whatever befalls others', async () => {
    async function bitOf(others: PacketFault[]): Promise<string> {
      const faults: PacketFault[] = [...others, { cable: 'client-server', from: 'client', n: 2, do: 'corrupt' }];
      const seen: bigint[] = [];
      const { w, client, server, cable } = two({}, { faults });
      cable.watch(({ type, n, from, frame }) => {
        if (from !== 'client' || n !== 2 || (type !== 'sent' && type !== 'corrupted')) return;
        seen.push(BigInt(`0x${Buffer.from(frame.copy()).toString('hex')}`));
      });
      await w.run(() => client.ping(server.address, { timeout: 100 }));
      await w.run(() => client.ping(server.address, { timeout: 100 }));
      const [before = 0n, after = 0n] = seen;
      const changed = (before ^ after).toString(2);
      expect(changed).toMatch(/^10*$/);
      return changed;
    }
    const first = await bitOf([]);
    expect(await bitOf([])).toBe(first);
    expect(await bitOf([{ cable: 'client-server', from: 'client', n: 1, do: 'corrupt' }])).toBe(first);
  });
});

test('a meddler is asked of each packet, in order, beside the list', async () => {
  const asked: string[] = [];
  const w = world({
    faults: [{ cable: 'a-b', from: 'a', n: 2, do: 'drop' }],
    meddler: ({ cable, from, to, n, time, frame }) => {
      asked.push(`${time} ${cable.name} ${from}>${to} ${n} ${frame.length}`);
      return n === 1 ? ['duplicate'] : [];
    },
  });
  const [a, b] = [w.host('a'), w.host('b')];
  const cable = w.cable(a, b, { delay: 5 });
  const answers = await w.run(async () => [await a.ping(b.address), await a.ping(b.address, { timeout: 100 })]);
  expect(answers.map(({ type }) => type)).toEqual(['reply', 'timeout']);
  expect(asked).toEqual(['0 a-b a>b 1 84', '5 a-b b>a 1 84', '5 a-b b>a 2 84', '10 a-b a>b 2 84']);
  expect(cable.counters(a)).toMatchObject({ sent: 2, duplicated: 1, drops: { fault: 1 } });
});

test('parallel cables have names of their own', () => {
  const w = world();
  const [a, b, c] = [w.host('a'), w.host('b'), w.host('b#2')];
  const names = [w.cable(a, c), w.cable(a, b), w.cable(a, b), w.cable(b, a), w.cable(a, b)].map(({ name }) => name);
  expect(names).toEqual(['a-b#2', 'a-b', 'a-b#3', 'b-a', 'a-b#4']);
});
