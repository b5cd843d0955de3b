/** Traceroute across a small internet, for both families: who is on the way, and where and why it ends. */
import { describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { type Internet, internet, type SimHost } from '../../src/sim/index.ts';
import type { Hop, TracerouteOptions } from '../../src/socket/traceroute.ts';
import { two } from '../sim/helpers.ts';
import { icmp } from './forge.ts';

/** Runs it to its end. */
async function hopsOf(from: SimHost, to: string, options: TracerouteOptions = {}): Promise<Hop[]> {
  const hops: Hop[] = [];
  for await (const hop of from.traceroute(to, options)) hops.push(hop);
  return hops;
}

/** Each hop as its distance, and who answered what to each probe. */
function namesOf({ nameOf }: Internet, hops: readonly Hop[]): string[] {
  return hops.map(({ ttl, answers }) => {
    const told = answers.map((each) =>
      each.type === 'timeout' ? '*' : `${nameOf(each.from)} ${each.unreachable ?? each.type}`,
    );
    return `${ttl} ${told.join(', ')}`;
  });
}

const once = (text: string): string => [text, text, text].join(', ');

describe.each(['address', 'address6'] as const)('to the %s of a server behind three routers', (which) => {
  test('each of them is found, nearest first, and the server is the last', async () => {
    const net = internet({ seed: 7 });
    const { world: w, client, server } = net;
    await net.settle();
    const hops = await w.run(() => hopsOf(client, server[which]));
    expect(namesOf(net, hops)).toEqual([
      `1 ${once('r1 time exceeded')}`,
      `2 ${once('r2 time exceeded')}`,
      `3 ${once('r4 time exceeded')}`,
      `4 ${once('server reply')}`,
    ]);
    // Twice 0.1 ms for each of the stretches to switches, and 10 ms for the long cable, there and back.
    const again = await w.run(() => hopsOf(client, server[which], { probes: 1 }));
    const times = again.map(({ answers: [answer] }) => answer?.time);
    expect(times).toEqual([400, 800, 20_800, 21_200]);
  });

  test('it ends at the last hop that is allowed', async () => {
    const net = internet({ seed: 7 });
    await net.settle();
    const hops = await net.world.run(() => hopsOf(net.client, net.server[which], { maxHops: 2, probes: 1 }));
    expect(namesOf(net, hops)).toEqual(['1 r1 time exceeded', '2 r2 time exceeded']);
  });

  test('a hop that is silent is waited for, all its probes together, and does not end it', async () => {
    const net = internet({ seed: 7, long: { loss: 1 } });
    await net.settle();
    const { world: w, client, server } = net;
    const to = server[which];
    const before = w.now;
    const hops = await w.run(() => hopsOf(client, to, { maxHops: 4, timeout: 300 * MILLISECOND }));
    expect(namesOf(net, hops)).toEqual([
      `1 ${once('r1 time exceeded')}`,
      `2 ${once('r2 time exceeded')}`,
      `3 ${once('*')}`,
      `4 ${once('*')}`,
    ]);
    expect(w.now - before).toBeGreaterThan(600 * MILLISECOND);
    expect(w.now - before).toBeLessThan(700 * MILLISECOND);
  });

  test('a router that has nobody to hand it to ends it, as does one without a way', async () => {
    const net = internet({ seed: 7 });
    await net.settle();
    const { world: w, client, server } = net;
    const nobody = which === 'address' ? '10.2.0.99' : 'fd00:2::99';
    const hops = await w.run(() => hopsOf(client, nobody, { probes: 1, timeout: 5 * SECOND }));
    expect(namesOf(net, hops)).toEqual(['1 r1 time exceeded', '2 r2 time exceeded', '3 r4 time exceeded', '4 r4 host']);

    const [r1] = net.routers;
    const to = server[which];
    r1.unroute(which === 'address' ? '10.2.0.0/24' : 'fd00:2::/64');
    const lost = await w.run(() => hopsOf(client, to, { probes: 1 }));
    expect(namesOf(net, lost)).toEqual(['1 r1 time exceeded', '2 r1 net']);
  });

  test('what is forbidden, or too large to get through, ends it', async () => {
    const { w, client, server, cable } = two({ delay: MILLISECOND });
    const v4 = which === 'address';
    for (const [type, code, said] of [
      [v4 ? 3 : 1, v4 ? 13 : 1, 'prohibited'],
      [v4 ? 3 : 2, v4 ? 4 : 0, 'packet too big'],
    ] as const) {
      const stop = cable.watch(({ type: what, from, frame }) => {
        if (what !== 'sent' || from !== 'client') return;
        stop();
        const answer = icmp(server[which], client[which], type, code, 1280, frame.copy());
        w.after(0, () => cable.ends[1].send(answer));
      });
      const hops = await w.run(() => hopsOf(client, server[which], { probes: 1, size: 8 }));
      expect(hops.map(({ ttl, answers: [answer] }) => [ttl, answer?.type])).toEqual([[1, said]]);
    }
  });
});

test.each<[string, string, TracerouteOptions, string]>([
  ['no address', 'there', {}, 'EINVAL'],
  ['no hop', '10.0.0.2', { maxHops: 0 }, 'EINVAL'],
  ['more hops than the header can tell', '10.0.0.2', { maxHops: 256 }, 'EINVAL'],
  ['no probe', '10.0.0.2', { probes: 0 }, 'EINVAL'],
  ['half a probe', '10.0.0.2', { probes: 1.5 }, 'EINVAL'],
  ['no route', '192.0.2.1', {}, 'ENETUNREACH'],
  ['too large', '10.0.0.2', { size: 65_508 }, 'EMSGSIZE'],
])('a traceroute that cannot be: %s', async (_name, to, options, code) => {
  await expect(hopsOf(two().client, to, options)).rejects.toMatchObject({ code });
});
