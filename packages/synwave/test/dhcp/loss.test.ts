/** DHCP where packets are lost: how often a client asks, and that everybody has an address in the end (RFC 2131 §4.1). */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { MINUTE, SECOND } from '../../src/base/time.ts';
import { waitAfter } from '../../src/dhcp/backoff.ts';
import { dhcp } from '../../src/dhcp/index.ts';
import { Hand } from './hand.ts';
import { blank, ETH0, net, type Seen, watchDhcp } from './helpers.ts';

const HOUR = 3600 * SECOND;

/** The waits between messages, in seconds. */
const waits = (seen: readonly Seen[]): number[] =>
  seen.slice(1).map(({ time }, i) => (time - (seen[i] as Seen).time) / SECOND);

test('4, 8, 16, 32, 64, 64 ... seconds, each up to a second more or less, and not always the same', () => {
  const random = new Random(1);
  for (const [i, wait] of [4, 8, 16, 32, 64, 64, 64].entries()) {
    const drawn = Array.from({ length: 1000 }, () => waitAfter(i + 1, random) / SECOND);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(wait - 1);
    expect(Math.min(...drawn)).toBeLessThan(wait - 0.98);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(wait + 1);
    expect(Math.max(...drawn)).toBeGreaterThan(wait + 0.98);
  }
});

describe('no server', () => {
  test('DISCOVER goes out again and again, with one `xid` and the seconds since the first', async () => {
    const n = net();
    n.dhcpd.close();
    const [host, cable] = blank(n, 'h1');
    const seen = watchDhcp(cable);
    const client = dhcp(host);
    await n.w.runFor(10 * MINUTE);
    expect(client.state).toBe('SELECTING');
    expect(
      waits(seen)
        .map(Math.round)
        .slice(0, 4)
        .map((wait, i) => Math.abs(wait - 2 ** (i + 2)) <= 1),
    ).toEqual([true, true, true, true]);
    expect(
      waits(seen)
        .slice(4)
        .every((wait) => wait >= 63 && wait <= 65),
    ).toBe(true);
    expect(new Set(seen.map(({ message }) => message.xid)).size).toBe(1);
    const [first] = seen as [Seen];
    expect(seen.map(({ message }) => message.secs)).toEqual(
      seen.map(({ time }) => Math.floor((time - first.time) / SECOND)),
    );
  });
});

describe('a server that offers and says no more', () => {
  test('is asked four times within a minute, with what DISCOVER said in `secs`; then all begins anew (§3.1.5)', async () => {
    const n = net();
    n.dhcpd.close();
    const server = new Hand(n.server, 67);
    server.onMessage = ({ type, xid, chaddr }) => {
      if (type !== 1) return;
      const words = { type: 'Offer', xid, mac: chaddr, yiaddr: '10.0.0.5', server: '10.0.0.1', leaseTime: 60 } as const;
      n.w.after(2 * SECOND, () => server.say(words, '255.255.255.255', 68));
    };
    const [host, cable] = blank(n, 'h1');
    const seen = watchDhcp(cable);
    const client = dhcp(host, ETH0, { delay: 0 });
    await n.w.runFor(70 * SECOND);
    const sent = seen.filter(({ from }) => from === 'h1').slice(0, 6);
    expect(sent.map(({ type }) => type)).toEqual(['DISCOVER', 'REQUEST', 'REQUEST', 'REQUEST', 'REQUEST', 'DISCOVER']);
    expect(sent.map(({ message }) => message.secs)).toEqual([0, 0, 0, 0, 0, 0]);
    const ids = sent.map(({ message }) => message.xid);
    expect(new Set(ids.slice(0, 5)).size).toBe(1);
    expect(ids[5]).not.toBe(ids[0]);
    await n.w.runFor(10 * MINUTE);
    expect(client.lease).toBeNull();
  });

  test('an ACK that comes to a later request counts from the first one, and one that is too late for nothing', async () => {
    const n = net();
    n.dhcpd.close();
    const server = new Hand(n.server, 67);
    let requests = 0;
    server.onMessage = ({ type, xid, chaddr }) => {
      const words = { xid, mac: chaddr, yiaddr: '10.0.0.5', server: '10.0.0.1', mask: 24 } as const;
      if (type === 1) server.say({ ...words, type: 'Offer', leaseTime: 60 }, '255.255.255.255', 68);
      else if (++requests === 3) server.say({ ...words, type: 'Ack', leaseTime: 10 }, '255.255.255.255', 68);
      else if (requests === 4) server.say({ ...words, type: 'Ack', leaseTime: 60 }, '255.255.255.255', 68);
    };
    const [host] = blank(n, 'h1');
    const client = dhcp(host, ETH0, { delay: 0, detect: false });
    const lease = await n.w.run(() => client.bound);
    // The third answer was for 10 seconds that were over by then.
    expect([requests, client.counters().dropped]).toEqual([4, 1]);
    expect(lease).toMatchObject({ askedAt: 0, expiresAt: 60 * SECOND });
  });
});

test.each([1, 2, 3])(
  'a fifth of all packets is lost: ten clients have an address, seed %i',
  async (seed) => {
    const n = net({}, { seed });
    n.w.cables[0]?.set({ loss: 0.2 });
    const clients = Array.from({ length: 10 }, (_, i) => dhcp(blank(n, `h${i}`, { loss: 0.2 })[0]));
    const leases = await n.w.run(() => Promise.all(clients.map((client) => client.bound)));
    expect(new Set(leases.map(({ address }) => address)).size).toBe(10);
    const lost = clients.reduce((sum, client) => sum + client.counters().sent, 0);
    expect(lost).toBeGreaterThan(20); // more than two messages each: some were lost
    await n.w.runFor(20 * HOUR);
    // Whoever has an address has it alone, and the server knows of it.
    const now = clients.flatMap(({ lease }) => (lease === null ? [] : [lease.address]));
    expect(now.length).toBeGreaterThanOrEqual(9);
    expect(new Set(now).size).toBe(now.length);
    const known = n.dhcpd.leases().filter(({ state }) => state === 'leased');
    for (const { lease, host } of clients) {
      if (lease !== null) expect(known.find(({ address }) => address === lease.address)?.hostName).toBe(host.name);
    }
  },
  30_000,
);
