/** Routes: the longest prefix, the metric, time, routers that are dead; against a model that looks through a list. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Address, Address as Words } from '../../src/base/address.ts';
import { inPrefix } from '../../src/base/address-text.ts';
import type { IpInterface } from '../../src/ip/interface.ts';
import { type Route, type RouteOrigin, Routes, Standing } from '../../src/ip/routes.ts';
import { Bench } from './bench.ts';
import { ip } from './station.ts';

/** Networks that lie in each other, in both families. */
const words = fc.constantFrom(0, 0xffff_ffff | 0, 0x0a00_0000, 0x0a00_0001);
const addresses: fc.Arbitrary<Address> = fc.oneof(
  words.map((d) => new Words().set(0, 0, 0xffff, d)),
  fc.tuple(words, words, words, words).map(([a, b, c, d]) => new Words().set(a | 1, b, c, d)),
);
const networks = addresses.chain((address) =>
  fc.tuple(
    fc.constant(address),
    address.family === 4
      ? fc.constantFrom(0, 1, 8, 15, 16, 31, 32)
      : fc.constantFrom(0, 1, 31, 32, 33, 64, 96, 127, 128),
  ),
);

type Step =
  | {
      readonly do: 'add';
      readonly network: readonly [Address, number];
      readonly by: number;
      readonly metric: number;
      readonly router: number;
      readonly life: number;
      readonly origin: RouteOrigin;
    }
  | { readonly do: 'remove'; readonly by: number }
  | { readonly do: 'forget'; readonly network: readonly [Address, number] }
  | { readonly do: 'toggle'; readonly by: number }
  | { readonly do: 'bury'; readonly router: number; readonly standing: number }
  | { readonly do: 'wait'; readonly time: number }
  | { readonly do: 'find'; readonly to: Address; readonly only: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      network: networks,
      by: fc.nat(2),
      metric: fc.nat(2),
      router: fc.nat(3),
      life: fc.nat(20),
      origin: fc.constantFrom('static' as const, 'advertised' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), by: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), network: networks }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('toggle' as const), by: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('bury' as const),
      router: fc.nat(3),
      standing: fc.constantFrom(0, 1, 2, 7, 9),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), time: fc.nat(5) }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('find' as const), to: addresses, only: fc.integer({ min: -1, max: 2 }) }),
  },
);

/** A router of the family; number 0: none, the network is on the link. */
const router = (family: 4 | 6, n: number): Address | null =>
  n === 0
    ? null
    : family === 4
      ? new Words().set(0, 0, 0xffff, 0x0909_0900 + n)
      : new Words().set(0xfe80_0000, 0, 0, n);

/** What the list has, in the order of being added; and how it is looked through. */
class Model {
  list: Route[] = [];

  add(route: Route): void {
    const same = (other: Route): boolean =>
      other.prefixLength === route.prefixLength &&
      other.network.family === route.network.family &&
      inPrefix(other.network, route.network, route.prefixLength) &&
      other.via === route.via &&
      other.origin === route.origin &&
      (other.gateway === null ? route.gateway === null : route.gateway !== null && other.gateway.equals(route.gateway));
    this.list = [...this.list.filter((other) => !same(other)), route];
  }

  find(to: Address, now: number, only: IpInterface | null, standingOf: (route: Route) => number): Route | null {
    const fit = this.list.filter(
      ({ network, prefixLength, via, validUntil }) =>
        inPrefix(to, network, prefixLength) && via.up && validUntil > now && (only === null || via === only),
    );
    const longest = fit.filter(
      ({ prefixLength }) => prefixLength === Math.max(...fit.map((route) => route.prefixLength)),
    );
    const alive = longest.filter((route) => standingOf(route) < Standing.Dead);
    const rank = (route: Route): readonly number[] =>
      alive.length > 0 ? [route.metric, standingOf(route)] : [standingOf(route), route.metric];
    return (
      (alive.length > 0 ? alive : longest).toSorted((a, b) => {
        const [x, y] = [rank(a), rank(b)];
        return (x[0] as number) - (y[0] as number) || (x[1] as number) - (y[1] as number);
      })[0] ?? null
    );
  }
}

describe('routes', () => {
  test('are found as a list of them is looked through', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (all) => {
        const bench = new Bench();
        const vias = [bench.plug([]), bench.plug([]), bench.plug([])];
        const standings = [0, 0, 0, 0];
        const standingOf = ({ gateway }: Route): number =>
          gateway === null ? 0 : (standings[gateway.d & 3] as number);
        const routes = new Routes(1, standingOf);
        const model = new Model();
        let now = 0;
        for (const step of all) {
          const { version } = routes;
          switch (step.do) {
            case 'add': {
              const [network, prefixLength] = step.network;
              const via = vias[step.by] as IpInterface;
              const gateway = router(network.family, step.router);
              const { metric, origin } = step;
              const validUntil = step.life === 0 ? Number.POSITIVE_INFINITY : now + step.life;
              routes.add(network, prefixLength, via, gateway, origin, metric, validUntil);
              model.add({ network, prefixLength, via, gateway, metric, origin, validUntil });
              expect(routes.version).toBeGreaterThan(version);
              break;
            }
            case 'remove': {
              const via = vias[step.by];
              const left = model.list.filter((route) => route.via !== via);
              expect(routes.remove((route) => route.via === via)).toBe(model.list.length - left.length);
              if (left.length < model.list.length) expect(routes.version).toBeGreaterThan(version);
              model.list = left;
              break;
            }
            case 'forget': {
              const [network, length] = step.network;
              const is = (route: Route): boolean =>
                route.prefixLength === length && inPrefix(route.network, network, length);
              const left = model.list.filter((route) => !is(route));
              expect(routes.remove(is)).toBe(model.list.length - left.length);
              model.list = left;
              break;
            }
            case 'toggle':
              (vias[step.by] as IpInterface).up = !(vias[step.by] as IpInterface).up;
              break;
            case 'bury':
              standings[step.router] = step.standing;
              break;
            case 'wait':
              now += step.time;
              break;
            default: {
              const only = vias[step.only] ?? null;
              const found = routes.find(step.to, now, only);
              const expected = model.find(step.to, now, only, standingOf);
              expect(found === null).toBe(expected === null);
              if (found === null || expected === null) break;
              expect([found.via, found.prefixLength, found.metric, found.origin, found.validUntil]).toEqual([
                expected.via,
                expected.prefixLength,
                expected.metric,
                expected.origin,
                expected.validUntil,
              ]);
              expect(found.gateway === null ? expected.gateway === null : expected.gateway?.equals(found.gateway)).toBe(
                true,
              );
            }
          }
          expect([...routes]).toHaveLength(model.list.length);
        }
      }),
      { numRuns: 500, seed: 5 },
    );
  });

  test.each<[string, [metric: number, standing: number][], number]>([
    // the routers of one network by metric and standing, in the order in which they were added; which is taken
    [
      'the smaller metric, though nobody knows its router',
      [
        [0, Standing.Unknown],
        [1, Standing.Answers],
      ],
      0,
    ],
    [
      'the larger one when the router of the smaller is dead',
      [
        [0, Standing.Dead],
        [1, Standing.Unknown],
      ],
      1,
    ],
    [
      'of equal ones the one that answers',
      [
        [1, Standing.Unknown],
        [1, Standing.Answers],
      ],
      1,
    ],
    [
      'of equal ones the first',
      [
        [1, Standing.Answers],
        [1, Standing.Answers],
      ],
      0,
    ],
    [
      'whichever was added first, the smaller metric',
      [
        [5, Standing.Answers],
        [2, Standing.Answers],
      ],
      1,
    ],
    [
      'of the dead the one that was asked longest ago',
      [
        [0, Standing.Dead + 9],
        [1, Standing.Dead + 3],
        [2, Standing.Dead + 5],
      ],
      1,
    ],
  ])('%s', (_name, all, taken) => {
    const via = new Bench().plug([]);
    const routes = new Routes(1, ({ gateway }) => (all[gateway?.d ?? 0] as [number, number])[1]);
    for (const [i, [metric]] of all.entries()) {
      routes.add(ip('10.0.0.0'), 8, via, new Words().set(0, 0, 0xffff, i), 'static', metric);
    }
    expect(routes.find(ip('10.1.1.1'), 0)?.gateway?.d).toBe(taken);
  });

  test('have the bits behind the prefix cleared, and keep the address that was given for themselves', () => {
    const bench = new Bench();
    const via = bench.plug([]);
    const routes = new Routes(1, () => 0);
    const network = ip('10.1.2.3');
    routes.add(network, 20, via, null, 'static');
    network.set(0, 0, 0xffff, 0);
    expect(routes.find(ip('10.1.15.255'), 0)?.network.equals(ip('10.1.0.0'))).toBe(true);
    expect(routes.find(ip('10.1.16.0'), 0)).toBeNull();
    expect(routes.find(ip('::ffff:0:0'.replace('0:0', '10.1.2.3')), 0)).not.toBeNull(); // one and the same address
  });

  test('0.0.0.0/0 is no way for IPv6, nor ::/0 for IPv4', () => {
    const bench = new Bench();
    const via = bench.plug([]);
    const routes = new Routes(1, () => 0);
    routes.add(ip('0.0.0.0'), 0, via, null, 'static');
    expect([routes.find(ip('192.0.2.1'), 0) !== null, routes.find(ip('2001:db8::1'), 0)]).toEqual([true, null]);
    routes.remove(() => true);
    routes.add(ip('::'), 0, via, null, 'static');
    expect([routes.find(ip('192.0.2.1'), 0), routes.find(ip('2001:db8::1'), 0) !== null]).toEqual([null, true]);
  });
});
