/** Searches in one thread: what is found, that it is found again, and what is left of it when it is shrunk. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { Mischief } from '../../src/sim/explore/mischief.ts';
import { shrink } from '../../src/sim/explore/shrink.ts';
import {
  type Explored,
  explore,
  fileId,
  hasProgram,
  type PacketFault,
  parseProgramScenario,
  parseScenario,
  type Shrunk,
  scenarioText,
  testText,
  type World,
  world,
} from '../../src/sim/index.ts';

/** Asks once, and counts on an answer within a span: right on a good network alone. */
function hasty(patience: number): (w: World) => Promise<string> {
  return async (w) => {
    const [client, server] = [w.host('client'), w.host('server')];
    w.cable(client, server, { delay: 10 * MILLISECOND });
    const echo = server.udp({ port: 7 });
    void (async () => {
      for await (const { octets, address, port } of echo) echo.send(octets, address, port);
    })();
    const socket = client.udp();
    socket.send(new Uint8Array(5), server.address, 7);
    const late = w.sleep(patience).then(() => 'late');
    return Promise.race([socket.receive().then(() => 'answered'), late]);
  };
}

const answered = (result: string): boolean => result === 'answered';

describe('a search', () => {
  test('finds what fails, shrinks it, and tells it by what packets say', async () => {
    const { runs, failed, failures } = await explore(hasty(SECOND), { property: answered, runs: 200 });
    expect(failed).toBe(1);
    expect(runs).toBeLessThan(200);
    const [found] = failures;
    expect(found?.failure.message).toBe('PropertyError: the property does not hold');
    expect(found?.smallest?.sentences).toHaveLength(1);
    expect(found?.smallest?.sentences[0]).toMatch(/^drop the first (?:UDP|packet) from (?:client|server)$/);
    expect(found?.smallest?.faults).toHaveLength(1);
  });

  test('finds the same with the same seed, other runs with another, and each in its shard', async () => {
    const all = async (options: object): Promise<Explored> =>
      explore(hasty(25 * MILLISECOND), { property: answered, runs: 30, all: true, ...options });
    const first = await all({});
    expect(await all({})).toEqual(first);
    expect((await all({ seed: 2 })).failures[0]?.faults).not.toEqual(first.failures[0]?.faults);
    const shards = await Promise.all([1, 2, 3].map((index) => all({ shard: { index, of: 3 } })));
    expect(shards.map(({ runs, of }) => [runs, of])).toEqual([
      [10, 10],
      [10, 10],
      [10, 10],
    ]);
    expect(shards.reduce((sum, { failed }) => sum + failed, 0)).toBe(first.failed);
    const numbers = shards.flatMap(({ failures }) => failures.map(({ run }) => run));
    expect(Math.min(...numbers)).toBe(first.failures[0]?.run);
  });

  test('leaves run 0 alone: what fails there fails by itself', async () => {
    const { runs, failures } = await explore(async (w) => {
      await w.sleep(5);
      throw new Error('always');
    });
    expect(runs).toBe(1);
    expect(failures[0]).toMatchObject({ run: 0, faults: [], failure: { message: 'Error: always', time: 5 } });
    expect(failures[0]?.smallest?.sentences).toEqual([]);
  });

  test('tells failures of several kinds apart, and counts all', async () => {
    let n = 0;
    const { failed, failures } = await explore(
      async () => {
        n++;
        if (n % 3 === 1) throw new Error(`number ${n}`);
        if (n % 3 === 2) await new Promise(() => undefined); // waits for ever
      },
      { runs: 9, all: true, shrinkRuns: 0 },
    );
    expect(failed).toBeGreaterThan(2);
    expect(failures.map(({ failure }) => failure.kind)).toEqual([
      'Error  number #',
      'WorldStuckError  the program waits, and nothing is left to happen, at # s',
    ]);
  });

  test('says so when the same does not fail again', async () => {
    let n = 0;
    const program = async (): Promise<void> => {
      if (n++ === 0) throw new Error('once');
    };
    expect((await explore(program)).failures[0]?.smallest).toBeNull();
  });

  test('a cable that loses packets by itself: that is shrunk as well', async () => {
    const program = async (w: World): Promise<boolean> => {
      const [a, b] = [w.host('a'), w.host('b')];
      w.cable(a, b, { loss: 0.3, delay: 5 });
      for (let i = 0; i < 10; i++) if ((await a.ping(b.address, { timeout: SECOND })).type === 'timeout') return false;
      return true;
    };
    const { failures } = await explore(program, { property: (result) => result, mix: { drop: 0 } });
    expect(failures[0]?.smallest?.sentences).toEqual(['drop the first ICMP from b']);
    expect(failures[0]?.run).toBe(0); // chance alone did it
  });

  test('an error in a callback, a property that throws, and a limit', async () => {
    const { failures } = await explore(async (w) => {
      w.after(3, () => {
        throw new TypeError('called back');
      });
      await w.sleep(10);
    });
    expect(failures[0]?.failure.message).toBe('TypeError: called back');
    const thrown = await explore(async () => 7, {
      property: (result) => {
        throw new Error(`not ${result}`);
      },
    });
    expect(thrown.failures[0]?.failure.message).toBe('Error: not 7');
    const endless = await explore(
      async (w) => {
        for (;;) await w.sleep(1);
      },
      { limit: { events: 100 } },
    );
    expect(endless.failures[0]?.failure.message).toBe('the run takes more events than its limit');
  });

  test('stops when it is asked to, and refuses what makes no sense', async () => {
    let told = 0;
    const explored = await explore(async () => undefined, { stop: () => told >= 3, progress: (runs) => (told = runs) });
    expect(explored).toMatchObject({ runs: 3, of: 1000, failed: 0, failures: [] });
    const program = async (): Promise<void> => undefined;
    await expect(explore(program, { runs: 0 })).rejects.toThrow('runs 0 is not a whole number');
    await expect(explore(program, { shard: { index: 3, of: 2 } })).rejects.toThrow('shard 3/2');
    await expect(explore(program, { mix: { drop: -1 } })).rejects.toThrow('drop -1 is below 0');
    await expect(explore(program, { mix: { loose: 1 } as object })).rejects.toThrow(
      'mix: loose is not drop, duplicate',
    );
  });
});

describe('mischief', () => {
  /** What so many runs do to a thousand packets each. */
  async function done(options: ConstructorParameters<typeof Mischief>[1], runs = 60): Promise<PacketFault[][]> {
    const all: PacketFault[][] = [];
    for (let i = 0; i < runs; i++) {
      const mischief = new Mischief(new Random(i), options);
      const w = world({ meddler: (packet) => mischief.meddle(packet) });
      const [a, b] = [w.host('a'), w.host('b')];
      w.cable(a, b, { delay: MILLISECOND });
      b.listen({ port: 80 }).onConnection = (socket) => {
        socket.handler = { readable: () => socket.tryRead(new Uint8Array(65_536)), ended: () => socket.end() };
      };
      const socket = a.connect({ address: b.address, port: 80 });
      await w
        .run(async () => {
          await socket.write(new Uint8Array(30_000));
          socket.end();
          await socket.closed;
        })
        .catch(() => undefined);
      all.push(mischief.done);
    }
    return all;
  }

  const kindOf = ({ do: fault }: PacketFault): string =>
    typeof fault === 'string' ? fault : 'delay' in fault ? 'delay' : 'corrupt';

  test('differs from run to run: few packets, many, bursts, and all kinds', async () => {
    const runs = await done({});
    const counts = runs.map(({ length }) => length);
    expect(counts.filter((count) => count >= 1 && count <= 3).length).toBeGreaterThan(5);
    expect(counts.filter((count) => count > 10).length).toBeGreaterThan(5);
    expect(new Set(runs.flat().map(kindOf))).toEqual(new Set(['drop', 'duplicate', 'delay', 'corrupt']));
  });

  test('has the kinds that are wanted alone', async () => {
    const mix = { drop: 0, duplicate: 1, delay: 0, reorder: 0, corrupt: 0 };
    const some = (await done({ mix, schedules: false }, 30)).flat();
    expect(new Set(some.map(kindOf))).toEqual(new Set(['duplicate']));
    const none = await done({ mix: { ...mix, duplicate: 0 }, schedules: false }, 10);
    expect(none.flat()).toEqual([]);
    const order = (await done({ mix: { ...mix, duplicate: 0 } }, 30)).flat();
    expect(new Set(order.map(kindOf))).toEqual(new Set(['delay']));
  });
});

describe('shrinking', () => {
  const fault = (n: number, what: PacketFault['do'] = 'drop'): PacketFault => ({ cable: 'c', from: 'a', n, do: what });
  const has = (faults: readonly PacketFault[], n: number): boolean => faults.some((each) => each.n === n);
  const hundred = Array.from({ length: 100 }, (_, i) => fault(30 + i));

  test('one of a hundred, three of a hundred, all of three', async () => {
    const one = await shrink(hundred, async (faults) => has(faults, 77), 1000);
    expect(one).toEqual([fault(77)]);
    let tries = 0;
    const three = async (faults: readonly PacketFault[]): Promise<boolean> => {
      tries++;
      return has(faults, 31) && has(faults, 77) && has(faults, 129);
    };
    expect(await shrink(hundred, three, 1000)).toEqual([fault(31), fault(77), fault(129)]);
    expect(tries).toBeLessThan(300);
    const all = hundred.slice(0, 3);
    expect(await shrink(all, async (faults) => faults.length === 3, 1000)).toHaveLength(3);
  });

  test('nothing is left where nothing is needed, and no more attempts are made than allowed', async () => {
    expect(await shrink(hundred, async () => true, 1000)).toEqual([]);
    let tries = 0;
    await shrink(hundred, async (faults) => ++tries > 0 && has(faults, 77) && has(faults, 129), 10);
    expect(tries).toBe(10);
  });

  test('each is made as plain as it can be: a round delay, the earliest packet, a loss in place of a flipped bit', async () => {
    const late = async (faults: readonly PacketFault[]): Promise<boolean> =>
      faults.some(({ do: what }) => typeof what === 'object' && 'delay' in what && what.delay > 30_000);
    expect(await shrink([fault(50, { delay: 187_654 })], late, 1000)).toEqual([fault(1, { delay: 40_000 })]);
    const odd = async (faults: readonly PacketFault[]): Promise<boolean> => faults.some(({ n }) => n % 7 === 0);
    expect(await shrink([fault(70, { corrupt: 5 })], odd, 1000)).toEqual([fault(7)]);
  });

  test('one long delay in the place of several losses', async () => {
    const sum = async (faults: readonly PacketFault[]): Promise<boolean> =>
      faults.length >= 3 ||
      faults.some(({ do: what }) => typeof what === 'object' && 'delay' in what && what.delay >= 5e6);
    expect(await shrink(hundred.slice(0, 4), sum, 1000)).toEqual([fault(1, { delay: 5 * SECOND })]);
  });
});

describe('what is written', () => {
  async function found(): Promise<Shrunk> {
    const { failures } = await explore(hasty(SECOND), { property: answered, runs: 200 });
    const [first] = failures;
    if (first === undefined || first.smallest === null) throw new Error('nothing was found');
    return { ...first, smallest: first.smallest };
  }

  test('a scenario that is read again, with a place for each mistake in it; the page is told that it is none of its own', async () => {
    const shrunk = await found();
    const id = fileId('file:///tmp/My Client.v2.mjs', shrunk);
    expect(id).toBe(`my-client-run-${shrunk.run}`);
    const value = JSON.parse(scenarioText(shrunk, id, { module: '../client.mjs', name: 'other' })) as Record<
      string,
      unknown
    >;
    expect(value['program']).toBe('../client.mjs#other');
    expect(hasProgram(value)).toBe(true);
    const scenario = parseProgramScenario(value);
    expect(scenario).toMatchObject({ id, seed: shrunk.seed, program: { module: '../client.mjs', name: 'other' } });
    expect(scenario.faults).toHaveLength(1);
    expect(() => parseProgramScenario({ ...value, faults: [{ match: 'third akc', do: 'drop' }] })).toThrow(
      'faults[0].match: column 7',
    );
    expect(() => parseProgramScenario({ ...value, hosts: [] })).toThrow('hosts: nobody knows this name');
    expect(() => parseScenario(value)).toThrow('program: a scenario of a program');
    // Run as the file says, it fails.
    const w = world({ seed: scenario.seed, chance: false, faults: scenario.faults });
    expect(await w.run(() => hasty(SECOND)(w))).toBe('late');
  });

  test('a test for either runner', async () => {
    const shrunk = await found();
    const [sentence] = shrunk.smallest.sentences;
    const node = testText(shrunk, 'a.json', 'node');
    expect(node).toContain("import test from 'node:test';");
    expect(node).toContain(`test('${sentence}', () => repeat(new URL('./a.json', import.meta.url)));`);
    expect(testText(shrunk, 'a.json', 'vitest')).toContain("import { test } from 'vitest';");
    const odd = { ...shrunk, smallest: { ...shrunk.smallest, sentences: ["drop the */ first from a'b\\"] } };
    expect(testText(odd, 'a.json', 'node')).toContain("test('drop the */ first from a\\'b\\\\',");
    expect(testText(odd, 'a.json', 'node')).toContain('drop the * / first from');
  });
});
