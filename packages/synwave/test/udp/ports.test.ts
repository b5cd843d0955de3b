/** The table of UDP's ports beside a naive model that looks through a list. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Address, type Family } from '../../src/base/address.ts';
import { parseAddress } from '../../src/base/address-text.ts';
import { Random } from '../../src/base/random.ts';
import { UdpPorts } from '../../src/stack/udp-ports.ts';
import { Endpoint } from '../../src/udp/endpoint.ts';

const address = (text: string): Address => parseAddress(text) ?? new Address();

const LOCALS = ['10.0.0.1', '10.0.0.2', 'fd00::1', 'fd00::2'].map(address);
const ANY_V4 = address('0.0.0.0');
const ANY = address('::');

/** Who takes a datagram, by the rules as they are told: the peer first, then the address, then any; the latest of equals. */
function naive(list: readonly Endpoint[], local: Address, port: number, remote: Address, remotePort: number): number {
  const here = list.filter((each) => each.localPort === port).toReversed();
  const isAny = (each: Endpoint): boolean => each.local.equals(ANY_V4) || each.local.equals(ANY);
  const found =
    here.find((each) => each.local.equals(local) && each.remotePort === remotePort && each.remote.equals(remote)) ??
    here.find((each) => !each.connected && each.local.equals(local)) ??
    here.find((each) => !each.connected && isAny(each) && each.family === local.family) ??
    here.find((each) => !each.connected && isAny(each) && each.family === 0);
  return found?.id ?? -1;
}

type Act = ['bind' | 'close' | 'connect' | 'disconnect' | 'find', number, number, number];

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.tuple(
    fc.constantFrom<Act[0]>('bind', 'bind', 'close', 'connect', 'disconnect', 'find', 'find', 'find'),
    fc.nat(20),
    fc.integer({ min: 1, max: 3 }),
    fc.nat(3),
  ),
  { maxLength: 60 },
);

/** Shared sockets with both kinds of "any" on one port overlap by family 0: the table asks its own kind first. */
const BINDINGS: readonly (readonly [Address, Family | 0])[] = [
  ...LOCALS.map((each) => [each, each.family] as const),
  [ANY_V4, 4],
  [ANY, 0],
];

test('finds whom the model finds, whatever was bound, connected, disconnected and closed before', () => {
  fc.assert(
    fc.property(acts, fc.integer(), (script, seed) => {
      const ports = new UdpPorts(new Random(seed));
      // In the order in which they took their present place: of equals the latest counts.
      let list: Endpoint[] = [];
      for (const [act, n, port, k] of script) {
        const chosen = list[n % Math.max(1, list.length)];
        const remote = LOCALS[k] as Address;
        if (act === 'bind') {
          const [local, family] = BINDINGS[n % BINDINGS.length] as (typeof BINDINGS)[number];
          if (ports.taken(local, family, port, true)) throw new Error('all of them share');
          const endpoint = new Endpoint(ports.nextId(), family, local, port, true, 1000, 64, 0);
          ports.add(endpoint);
          list.push(endpoint);
        } else if (act === 'find') {
          const local = LOCALS[n % LOCALS.length] as Address;
          const found = ports.find(local, port, remote, 7);
          expect(found?.id ?? -1).toBe(naive(list, local, port, remote, 7));
        } else if (chosen !== undefined && act === 'close') {
          ports.remove(chosen);
          list = list.filter((each) => each !== chosen);
        } else if (chosen !== undefined) {
          const on = act === 'connect';
          // Two that are connected to one peer from one address: the table takes the latest by age, so leave that out.
          const local = LOCALS.find((each) => each.family === remote.family) as Address;
          const twin = list.some(
            (each) =>
              each !== chosen && each.localPort === chosen.localPort && each.local.equals(on ? local : chosen.bound),
          );
          if (twin) continue;
          ports.move(chosen, () => {
            chosen.local.copy(on ? local : chosen.bound);
            chosen.remote.copy(remote);
            chosen.remotePort = on ? 7 : 0;
          });
          list = [...list.filter((each) => each !== chosen), chosen];
        }
        expect(ports.size).toBe(list.length);
      }
    }),
    { numRuns: 300 },
  );
});

test('when every port of the upper half is taken, none is chosen', () => {
  const ports = new UdpPorts(new Random(1));
  for (let port = 32_768; port < 65_536; port++) {
    ports.add(new Endpoint(ports.nextId(), 4, ANY_V4, port, false, 1000, 64, 0));
  }
  expect(ports.choose(ANY_V4, 4)).toBe(-1);
  expect(ports.choose(ANY, 0)).toBe(-1);
  expect(ports.choose(ANY, 6)).toBeGreaterThanOrEqual(32_768);
  ports.remove(ports.find(LOCALS[0] as Address, 40_000, ANY, 0) as Endpoint);
  expect(ports.choose(ANY_V4, 4)).toBe(40_000);
});
