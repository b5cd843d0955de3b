/** The pool of a server, whatever is done with it: nobody's address is given to another, and none is lost. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SECOND } from '../../src/base/time.ts';
import { type Binding, type ClientName, Pool } from '../../src/dhcp/pool.ts';

const FROM = 1000;
const TO = 1007;
const EXCEPT: ReadonlySet<number> = new Set([1002]);
/** Client 0 has an address of its own within the range, client 1 one outside. */
const RESERVED: ReadonlyMap<number, number> = new Map([
  [0, 1005],
  [1, 2000],
]);

/** What there is for anybody, and what there is at all. */
const FOR_ALL = 6;
const ALL = 8;

type Act = [
  'choose' | 'claim' | 'use' | 'lease' | 'offer' | 'probe' | 'free' | 'taken' | 'declined' | 'wait',
  number,
  number,
];

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.tuple(
    fc.constantFrom<Act[0]>(
      ...([
        'choose',
        'choose',
        'claim',
        'use',
        'lease',
        'lease',
        'offer',
        'probe',
        'free',
        'taken',
        'declined',
        'wait',
      ] as const),
    ),
    fc.nat(11),
    fc.nat(12),
  ),
  { maxLength: 120, size: 'max' },
);

const nameOf = (mac: number): ClientName => ({ key: `client ${mac}`, mac, hostName: '' });

test('an address has one client and a client one address; who has one keeps it until it ends; all are given in the end', () => {
  fc.assert(
    fc.property(acts, (script) => {
      const pool = new Pool({ from: FROM, to: TO, except: EXCEPT, reserved: RESERVED });
      let now = 0;
      /** What was leased, until when: what nobody but the client itself may end. */
      const leased = new Map<number, { binding: Binding; until: number }>();
      for (const [act, mac, k] of script) {
        const client = nameOf(mac);
        const known = pool.of(client);
        if (act === 'wait') {
          now += k * 30 * SECOND;
          pool.expire(now);
          for (const [of, { until }] of leased) if (until <= now) leased.delete(of);
        } else if (act === 'choose') {
          const binding = pool.choose(client, FROM + k);
          // Nobody waits while there is something for all that is nobody's.
          const held = [...pool].filter((each) => each.state !== 'idle' && !RESERVED_SET.has(each.address)).length;
          if (binding === null) expect(held).toBe(FOR_ALL);
          else if (binding.state === 'idle') pool.offer(binding, now);
          if (leased.has(mac) && !RESERVED.has(mac)) expect(binding).toBe(leased.get(mac)?.binding);
          if (binding?.address !== leased.get(mac)?.binding.address) leased.delete(mac);
        } else if (act === 'claim' || act === 'use') {
          const address = FROM + k;
          const before = pool.at(address);
          const state = before?.state ?? 'idle';
          const isHis = before !== null && before === known;
          const binding = pool.claim(client, address, act === 'use');
          if (binding !== null) {
            expect(isHis || state === 'idle' || (state === 'taken' && act === 'use')).toBe(true);
            pool.lease(binding, now + 100 * SECOND);
            leased.set(mac, { binding, until: now + 100 * SECOND });
          }
        } else if (known !== null) {
          if (act === 'lease') {
            pool.lease(known, now + 100 * SECOND);
            leased.set(mac, { binding: known, until: now + 100 * SECOND });
          } else if (act === 'offer') pool.offer(known, now);
          else {
            if (act === 'probe') pool.probe(known, now);
            else if (act === 'free') pool.free(known);
            else pool.setAside(known, act, now);
            leased.delete(mac);
          }
        }
        const bindings = [...pool];
        expect(new Set(bindings.map(({ address }) => address)).size).toBe(bindings.length);
        expect(bindings.length).toBeLessThanOrEqual(ALL);
        const keys = bindings.map((each) => each.client.key).filter((key) => key !== '');
        expect(new Set(keys).size).toBe(keys.length);
        for (const { address, client: owner, state } of bindings) {
          expect(pool.owns(address)).toBe(true);
          expect(EXCEPT.has(address)).toBe(false);
          for (const [of, reserved] of RESERVED) {
            if (address === reserved && owner.key !== '') expect(owner.mac).toBe(of);
          }
          if (state === 'taken' || state === 'declined') expect(owner.key).toBe('');
        }
        for (const [of, { binding }] of leased) {
          expect([binding.state, binding.client.mac, pool.of(nameOf(of))]).toEqual(['leased', of, binding]);
        }
      }
      // After hours nobody has anything; as many clients as there are addresses get one each.
      now += 100 * 3600 * SECOND;
      pool.expire(now);
      expect([...pool].every(({ state }) => state === 'idle')).toBe(true);
      const given: number[] = [];
      for (let mac = 100; mac < 110; mac++) {
        const binding = pool.choose(nameOf(mac), -1);
        if (binding === null) continue;
        pool.lease(binding, now + SECOND);
        given.push(binding.address);
      }
      expect(given.toSorted((a, b) => a - b)).toEqual([1000, 1001, 1003, 1004, 1006, 1007]);
      expect([pool.choose(nameOf(0), -1)?.address, pool.choose(nameOf(1), -1)?.address]).toEqual([1005, 2000]);
      pool.clear();
      expect([pool.size, pool.of(nameOf(100)), pool.choose(nameOf(3), -1)?.address]).toEqual([0, null, 1000]);
    }),
    { numRuns: 100 },
  );
});

const RESERVED_SET: ReadonlySet<number> = new Set(RESERVED.values());
