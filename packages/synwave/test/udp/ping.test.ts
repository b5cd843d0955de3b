/** Echoes: asked and answered by hosts of worlds, for both families; and what is said of those that do not arrive. */
import { describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { two } from '../sim/helpers.ts';
import { icmp, sentBy } from './forge.ts';

describe.each(['address', 'address6'] as const)('ping by %s', (which) => {
  test('tells sequence, size, hop limit and time', async () => {
    const { w, client, server } = two({ delay: 10 * MILLISECOND });
    const answers = await w.run(async () => [
      await client.ping(server[which]),
      await client.ping(server[which], { size: 0 }),
      await client.ping(server[which], { size: 1400 }),
    ]);
    const time = 20 * MILLISECOND;
    const reply = { type: 'reply', unreachable: null, from: server[which], ttl: 64, time, mtu: 0 };
    expect(answers).toEqual([
      { ...reply, sequence: 1, size: 64 },
      { ...reply, sequence: 2, size: 8 },
      { ...reply, sequence: 3, size: 1408 },
    ]);
  });

  test('answers itself', async () => {
    const { w, client } = two();
    const answers = await w.run(async () => [
      await client.ping(client[which]),
      await client.ping(which === 'address' ? '127.0.0.1' : '::1', { size: 60_000 }),
    ]);
    expect(answers).toMatchObject([{ type: 'reply' }, { type: 'reply', size: 60_008 }]);
  });

  test('waits as long as it is told to, and no answer is taken that comes later', async () => {
    const { w, client, server, cable } = two();
    cable.unplug();
    const silence = await w.run(() => client.ping(server[which], { timeout: 3 * SECOND }));
    expect(silence).toEqual({ type: 'timeout', sequence: 1, time: 3 * SECOND });
    expect(w.now).toBe(3 * SECOND);
    cable.plug();
    cable.set({ delay: SECOND });
    expect(await w.run(() => client.ping(server[which]))).toMatchObject({ type: 'timeout', sequence: 2 });
    await w.runFor(10 * SECOND);
    expect(client.counters().drops['ICMP message about nothing that this host has']).toBe(1);
  });

  test('many at once are told apart', async () => {
    const { w, client, server } = two({ delay: MILLISECOND, jitter: 20 * MILLISECOND });
    const answers = await w.run(() => Promise.all(Array.from({ length: 50 }, () => client.ping(server[which]))));
    expect(answers.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(answers.every(({ type }) => type === 'reply')).toBe(true);
  });

  test('hears what a router on the way says, and not what somebody makes up', async () => {
    const { w, client, server, cable } = two({ delay: MILLISECOND });
    const packets = sentBy(client, cable);
    const v4 = which === 'address';
    const say = (type: number, code: number, word: number, quote: Uint8Array): void =>
      cable.ends[1].send(icmp(server[which], client[which], type, code, word, quote));
    const hear = async (type: number, code: number, word: number): Promise<object> => {
      const answer = client.ping(server[which], { size: 1000 });
      const quote = packets.at(-1) as Uint8Array;
      // An identifier, a sequence number, or a destination that is not ours.
      for (const at of v4 ? [24, 26, 16] : [44, 46, 24]) {
        const wrong = quote.slice(0, 100);
        (wrong[at] as number) ^= 1;
        say(type, code, word, wrong);
      }
      say(type, code, word, quote.subarray(0, v4 ? 28 : 500));
      return answer;
    };
    const heard = await w.run(async () => [
      await hear(v4 ? 11 : 3, 0, 0),
      await hear(v4 ? 3 : 1, v4 ? 1 : 3, 0),
      await hear(v4 ? 3 : 2, v4 ? 4 : 0, 1280),
      await hear(v4 ? 3 : 1, v4 ? 13 : 1, 0),
      await hear(v4 ? 3 : 1, 0, 0),
      await hear(v4 ? 3 : 4, v4 ? 2 : 1, 0),
      await hear(v4 ? 3 : 1, v4 ? 3 : 4, 0),
    ]);
    const from = server[which];
    const time = MILLISECOND;
    expect(heard).toMatchObject([
      { type: 'time exceeded', unreachable: null, from, sequence: 1, time },
      { type: 'unreachable', unreachable: 'host', from, sequence: 2, time },
      { type: 'packet too big', unreachable: null, from, sequence: 3, time, mtu: 1280 },
      { type: 'prohibited', unreachable: null, from, sequence: 4, time },
      { type: 'unreachable', unreachable: 'net', from, sequence: 5, time },
      { type: 'unreachable', unreachable: 'protocol', from, sequence: 6, time },
      { type: 'unreachable', unreachable: 'port', from, sequence: 7, time },
    ]);
    await w.run();
    // Three for each that was made up, and the real reply, which nobody waits for any more.
    expect(client.counters().drops).toEqual({ 'ICMP message about nothing that this host has': 28 });
  });
});

test.each<[string, string, object, string]>([
  ['no address', 'there', {}, 'EINVAL'],
  ['no hop limit', '10.0.0.2', { ttl: 0 }, 'EINVAL'],
  ['half an octet', '10.0.0.2', { size: 0.5 }, 'EINVAL'],
  ['time that goes back', '10.0.0.2', { timeout: -1 }, 'EINVAL'],
  ['no route', '192.0.2.1', {}, 'ENETUNREACH'],
  ['no route of IPv6', '2001:db8::1', {}, 'ENETUNREACH'],
  ['broadcast', '255.255.255.255', {}, 'EACCES'],
  ['multicast', '224.0.0.1', {}, 'ENETUNREACH'],
  ['too large', '10.0.0.2', { size: 65_508 }, 'EMSGSIZE'],
  ['too large to be sent whole', '10.0.0.2', { size: 1473, dontFragment: true }, 'EMSGSIZE'],
  ['too large to be sent whole over IPv6', 'fd00::2', { size: 1453, dontFragment: true }, 'EMSGSIZE'],
])('a ping that cannot be asked: %s', async (_name, to, options, code) => {
  await expect(two().client.ping(to, options)).rejects.toMatchObject({ code });
});
