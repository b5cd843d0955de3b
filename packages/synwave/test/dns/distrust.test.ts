/** Answers that are not believed (RFC 5452): from elsewhere, to something else, or of no shape at all. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { answerTo } from '../../src/dns/message.ts';
import { Rcode } from '../../src/dns/types.ts';
import { codec, resolver } from '../../src/node/dns.ts';
import { type SimHost, world } from '../../src/sim/index.ts';
import { type Asked, a, codeOf, fakeServer, place } from './helpers.ts';

const NAME = 'www.example';
const TRUE = [a(NAME, '10.0.0.80')];
const FORGED = [a(NAME, '10.6.6.6')];

/** Sends `octets` from another place than the server's. */
function sendFrom(
  host: SimHost,
  { from }: Asked,
  where: { address?: string; port?: number },
  octets: Uint8Array,
): void {
  const socket = host.udp({ ...where, reuseAddress: true });
  socket.send(octets, from.address, from.port);
  socket.close();
}

function forged({ query }: Asked): Uint8Array {
  return codec.encode({ ...answerTo(query, Rcode.NoError), answers: FORGED });
}

const questionOf = (asked: Asked): Asked['query']['questions'][number] =>
  asked.query.questions[0] ?? { name: '', type: 'A', class: 1 };

describe('not believed', () => {
  test.each<[string, (asked: Asked, host: SimHost) => void, number]>([
    ['another number', (asked) => asked.answer({ id: asked.query.id ^ 1, answers: FORGED }), 1],
    [
      'another name',
      (asked) => asked.answer({ questions: [{ ...questionOf(asked), name: 'ww.example' }], answers: FORGED }),
      1,
    ],
    [
      'a name in other letters',
      (asked) => asked.answer({ questions: [{ ...questionOf(asked), name: 'WWW.example' }], answers: FORGED }),
      1,
    ],
    [
      'another type',
      (asked) => asked.answer({ questions: [{ ...questionOf(asked), type: 'AAAA' }], answers: FORGED }),
      1,
    ],
    ['another class', (asked) => asked.answer({ questions: [{ ...questionOf(asked), class: 3 }], answers: FORGED }), 1],
    ['no question', (asked) => asked.answer({ questions: [], answers: FORGED }), 1],
    [
      'one question more',
      (asked) => asked.answer({ questions: [questionOf(asked), questionOf(asked)], answers: FORGED }),
      1,
    ],
    ['a question', (asked) => asked.answer({ response: false, answers: FORGED }), 1],
    ['another kind of question', (asked) => asked.answer({ opcode: 4, answers: FORGED }), 1],
    [
      'half an answer',
      (asked, host) => sendFrom(host, asked, { port: 53, address: '10.0.0.2' }, forged(asked).subarray(0, -1)),
      1,
    ],
    ['from another port', (asked, host) => sendFrom(host, asked, { port: 54, address: '10.0.0.2' }, forged(asked)), 0],
    [
      'from another address',
      (asked, host) => sendFrom(host, asked, { port: 53, address: '10.0.0.3' }, forged(asked)),
      0,
    ],
  ])('%s', async (_name, forge, ignored) => {
    const w = world();
    const [client, dns] = [w.host('client'), w.host('dns')];
    w.cable(client, dns, { addresses: [['10.0.0.1/24'], ['10.0.0.2/24', '10.0.0.3/24']], delay: 1000 });
    fakeServer(
      dns,
      (asked) => {
        forge(asked, dns);
        w.after(100 * MILLISECOND, () => asked.answer({ answers: TRUE }));
      },
      '10.0.0.2',
    );
    const r = resolver(client, { servers: ['10.0.0.2'], attempts: 1 });
    await w.run(async () => expect(await r.resolve(NAME, 'A')).toEqual(TRUE));
    expect(r.counters.ignored).toBe(ignored);
    expect(w.now).toBe(102 * MILLISECOND);
  });

  test('what comes after the answer', async () => {
    const { w, client, dns } = place();
    fakeServer(dns, (asked) => {
      asked.answer({ answers: TRUE });
      asked.answer({ answers: FORGED });
    });
    const r = resolver(client, { servers: [dns.address] });
    await w.run(async () => {
      expect(await r.resolve(NAME, 'A')).toEqual(TRUE);
      await w.sleep(SECOND);
      expect(await r.resolve(NAME, 'A')).toEqual([a(NAME, '10.0.0.80', 299)]);
    });
  });

  test('a flood of guesses: one that has the number has not the port, nor the next number', async () => {
    const { w, client, dns } = place({ delay: 1000 });
    fakeServer(dns, (asked) => {
      for (let i = 1; i <= 1000; i++) asked.answer({ id: (asked.query.id + i) & 0xffff, answers: FORGED });
      asked.answer({ answers: TRUE });
    });
    const r = resolver(client, { servers: [dns.address], attempts: 1 });
    await w.run(async () => expect(await r.resolve(NAME, 'A')).toEqual(TRUE));
    expect(r.counters.ignored).toBe(1000);
  });
});

describe('a server that cannot read the question', () => {
  test('cannot repeat it, and is asked without EDNS (RFC 6891 §7)', async () => {
    const { w, client, dns } = place();
    const asked: unknown[] = [];
    fakeServer(dns, ({ query, answer }) => {
      asked.push(query.edns?.udpSize ?? null);
      if (query.edns === null) answer({ answers: TRUE });
      else answer({ rcode: Rcode.FormErr, questions: [] });
    });
    const r = resolver(client, { servers: [dns.address] });
    await w.run(async () => expect(await r.resolve(NAME, 'A')).toEqual(TRUE));
    expect(asked).toEqual([1232, null]);
  });

  test.each<[string, number]>([
    ['EDNS is not implemented', Rcode.NotImp],
    ['a version that it does not know', Rcode.BadVers],
  ])('%s', async (_name, rcode) => {
    const { w, client, dns } = place();
    fakeServer(dns, ({ query, answer }) => {
      if (query.edns === null) answer({ answers: TRUE });
      else answer({ rcode, edns: rcode > 15 ? query.edns : null });
    });
    const r = resolver(client, { servers: [dns.address] });
    await w.run(async () => expect(await r.resolve(NAME, 'A')).toEqual(TRUE));
  });

  test('EDNS can be left off', async () => {
    const { w, client, dns } = place();
    let edns: unknown = undefined;
    fakeServer(dns, ({ query, answer }) => {
      edns = query.edns;
      answer({ answers: TRUE });
    });
    await w.run(() => resolver(client, { servers: [dns.address], udpSize: 0 }).resolve(NAME, 'A'));
    expect(edns).toBe(null);
  });
});

describe('what a forger would have to guess', () => {
  /** Numbers, ports and names of so many questions. */
  async function watch(
    seed: number,
    count: number,
    mixCase = false,
  ): Promise<{ ids: number[]; ports: number[]; names: string[] }> {
    const { w, client, dns } = place({}, { seed });
    const [ids, ports, names]: [number[], number[], string[]] = [[], [], []];
    fakeServer(dns, ({ query, from, answer }) => {
      ids.push(query.id);
      ports.push(from.port);
      names.push(query.questions[0]?.name ?? '');
      answer({ answers: [] });
    });
    const r = resolver(client, { servers: [dns.address], mixCase });
    await w.run(async () => {
      for (let i = 0; i < count; i++) await codeOf(r.resolve('abcdefghijklmnopqrstuvwxyz', 'A'));
    });
    return { ids, ports, names };
  }

  test('number and port are drawn anew for each question, all over their range', async () => {
    const { ids, ports } = await watch(1, 400);
    expect(new Set(ids).size).toBeGreaterThan(390);
    expect(new Set(ports).size).toBeGreaterThan(390);
    for (const [values, from, to] of [[ids, 0, 0x1_0000] as const, [ports, 0x8000, 0x1_0000] as const]) {
      const quarters = [0, 0, 0, 0];
      for (const value of values) (quarters[Math.floor((4 * (value - from)) / (to - from))] as number) += 1;
      for (const count of quarters) expect(count).toBeGreaterThan(60);
    }
  });

  test('letters, if one wants them in either case: a server that keeps them is believed, one that does not is not', async () => {
    const { names } = await watch(1, 50, true);
    expect(new Set(names).size).toBe(50);
    const capitals = names.join('').replaceAll(/[a-z]/g, '').length;
    expect(capitals).toBeGreaterThan(50 * 13 - 150);
    expect(capitals).toBeLessThan(50 * 13 + 150);
    const { w, client, dns } = place();
    fakeServer(dns, (asked) => asked.answer({ questions: [{ ...questionOf(asked), name: NAME }], answers: TRUE }));
    const r = resolver(client, { servers: [dns.address], mixCase: true, attempts: 1 });
    expect(await w.run(() => codeOf(r.resolve(NAME, 'A')))).toBe('ETIMEOUT');
    expect(r.counters.ignored).toBe(1);
  });

  test('follows from the seed, and differs from resolver to resolver', async () => {
    expect(await watch(1, 20)).toEqual(await watch(1, 20));
    expect((await watch(2, 20)).ids).not.toEqual((await watch(1, 20)).ids);
    const { w, client, dns } = place();
    const ids: number[] = [];
    fakeServer(dns, ({ query, answer }) => {
      ids.push(query.id);
      answer();
    });
    const options = { servers: [dns.address], attempts: 1 };
    await w.run(async () => {
      for (const r of [resolver(client, options), resolver(client, options)]) await codeOf(r.resolve(NAME, 'A'));
    });
    expect(ids[0]).not.toBe(ids[1]);
  });
});

test('any octets from the server: nothing throws, and the true answer is found behind them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }),
      fc.nat(),
      async (noise, change) => {
        const { w, client, dns } = place();
        fakeServer(dns, (asked) => {
          const nearly = forged(asked);
          nearly[change % 12] = (nearly[change % 12] as number) ^ (1 + (change % 255));
          for (const octets of [...noise, nearly]) asked.send(octets);
          asked.answer({ answers: TRUE });
        });
        const r = resolver(client, { servers: [dns.address], attempts: 1 });
        // What was changed may be a flag that nobody looks at, and then it is believed; nothing else is.
        const found = await w.run(() =>
          r.resolve(NAME, 'A').catch((error: unknown) => (error as { code: unknown }).code),
        );
        if (Array.isArray(found)) expect([TRUE, FORGED]).toContainEqual(found);
        else expect(found).toMatch(/^E(SERVFAIL|REFUSED|NOTIMP|FORMERR|NOTFOUND|NODATA|CONNREFUSED)$/);
      },
    ),
    { numRuns: 200 },
  );
});
