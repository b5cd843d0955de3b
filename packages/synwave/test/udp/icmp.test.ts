/** ICMP errors: which a host sends, how many, and what those that arrive do to connections and sockets. */
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/base/address-text.ts';
import type { SynwaveError } from '../../src/base/errors.ts';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { IcmpLimit } from '../../src/ip/icmp.ts';
import { HEAD_ROOM } from '../../src/link/link.ts';
import { Packet, Protocol, readIp } from '../../src/wire/ip.ts';
import { writeUdp } from '../../src/wire/udp.ts';
import { connection, octets, type Two, two } from '../sim/helpers.ts';
import { writeIp } from '../wire/arbitrary.ts';
import { icmp, sentBy } from './forge.ts';

const NOBODY = 'ICMP message about nothing that this host has';
const STALE = 'ICMP error that quotes a sequence number not in flight (RFC 5927)';

/** A packet with a datagram to a closed port, or with whatever `change` makes of it. */
function packetTo(from: string, to: string, text: Uint8Array, change: (packet: Packet) => void = () => {}): Frame {
  const packet = new Packet();
  packet.src.copy(parseAddress(from) as NonNullable<ReturnType<typeof parseAddress>>);
  packet.dst.copy(parseAddress(to) as NonNullable<ReturnType<typeof parseAddress>>);
  packet.family = packet.dst.family;
  packet.protocol = Protocol.Udp;
  const frame = Frame.from(text, HEAD_ROOM);
  writeUdp(frame, 4000, 9, 0);
  frame.view.setUint16(frame.at + 6, 0);
  change(packet);
  writeIp(frame, packet);
  return frame;
}

/** What the server answers to a packet: type, code, the word, and the packet quoted. */
async function answersTo(hosts: Two, frame: Frame): Promise<{ head: number[]; quote: Uint8Array }[]> {
  const packets = sentBy(hosts.server, hosts.cable);
  hosts.cable.ends[0].send(frame);
  await hosts.w.run();
  return packets.map((octetsSent) => {
    const packet = new Packet();
    const sent = Frame.from(octetsSent);
    expect(readIp(packet, sent, true)).toBe(0);
    const { textAt } = packet;
    return {
      head: [octetsSent[textAt] as number, octetsSent[textAt + 1] as number, sent.view.getUint32(textAt + 4)],
      quote: octetsSent.slice(textAt + 8),
    };
  });
}

describe('an error is sent', () => {
  test('about a datagram to a closed port, with as much of it as 576 octets hold (RFC 1812 §4.3.2.3)', async () => {
    const hosts = two();
    const small = packetTo('10.0.0.1', '10.0.0.2', octets(20, 1));
    const sent = small.copy();
    expect(await answersTo(hosts, small)).toEqual([{ head: [3, 3, 0], quote: sent }]);
    const large = packetTo('10.0.0.1', '10.0.0.2', octets(1000, 1));
    const begins = large.copy().slice(0, 548);
    expect((await answersTo(hosts, large)).at(-1)).toEqual({ head: [3, 3, 0], quote: begins });
  });

  test('over IPv6 with as much as 1280 octets hold (RFC 4443 §2.4 (c))', async () => {
    const hosts = two();
    const mine = hosts.client.udp();
    const packets = sentBy(hosts.server, hosts.cable);
    mine.send(octets(1400, 1), 'fd00::2', 9);
    await hosts.w.run();
    expect(packets.map(({ length }) => length)).toEqual([1280]);
  });

  test.each<[string, string, string, number[]]>([
    ['IPv4: protocol unreachable', '10.0.0.1', '10.0.0.2', [3, 2, 0]],
    ['IPv6: parameter problem, which points to the Next Header', 'fd00::1', 'fd00::2', [4, 1, 6]],
  ])('about a protocol that nobody knows (%s)', async (_name, from, to, head) => {
    const frame = packetTo(from, to, octets(8, 1), (packet) => {
      packet.protocol = 99;
    });
    const sent = frame.copy();
    expect(await answersTo(two(), frame)).toEqual([{ head, quote: sent }]);
  });

  test.each([
    ['address', 3, 2, 0],
    ['address6', 4, 1, 6],
  ] as const)('to an open that is under way, by %s: ENOPROTOOPT', async (which, type, code, word) => {
    const hosts = two();
    const { w, client, server, cable } = hosts;
    const packets = sentBy(client, cable);
    const socket = client.connect({ address: server[which], port: 80 });
    const opened = socket.opened.catch((error: SynwaveError) => error.code);
    await w.run(async () => {
      await w.sleep(0);
      cable.ends[1].send(icmp(server[which], client[which], type, code, word, packets[0] as Uint8Array));
      expect(await opened).toBe('ENOPROTOOPT');
    });
  });
});

describe('no error is sent', () => {
  test.each<[string, () => Frame]>([
    ['about an error', () => icmp('10.0.0.1', '10.0.0.2', 3, 3, 0, octets(28, 1))],
    ['about an error over IPv6', () => icmp('fd00::1', 'fd00::2', 1, 4, 0, octets(48, 1))],
    [
      'about "no next header"',
      () =>
        packetTo('fd00::1', 'fd00::2', octets(8, 1), (packet) => {
          packet.protocol = 59;
        }),
    ],
    ['to everybody', () => packetTo('255.255.255.255', '10.0.0.2', octets(8, 1))],
    ['to a group', () => packetTo('224.0.0.1', '10.0.0.2', octets(8, 1))],
    ['about what went to a group', () => packetTo('10.0.0.1', '224.0.0.1', octets(8, 1))],
    ['about what went to a group over IPv6', () => packetTo('fd00::1', 'ff02::1', octets(8, 1))],
    ['about what went to everybody', () => packetTo('10.0.0.1', '255.255.255.255', octets(8, 1))],
    [
      'about a later piece of a packet',
      () =>
        packetTo('10.0.0.1', '10.0.0.2', octets(8, 1), (packet) => {
          packet.fragmentOffset = 64;
          packet.protocol = 99;
        }),
    ],
    ['about ICMP that nobody knows', () => icmp('10.0.0.1', '10.0.0.2', 200, 0, 0, octets(8, 1))],
  ])('%s', async (_name, make) => {
    const hosts = two();
    expect(await answersTo(hosts, make())).toEqual([]);
    expect(Object.values(hosts.server.counters().drops).reduce((sum, n) => sum + n, 0)).toBe(1);
  });

  test.each(['address', 'address6'] as const)(
    'more often than the limit allows, by %s: a storm is dropped and counted, and other traffic goes on',
    async (which) => {
      const hosts = two({ delay: MILLISECOND });
      const { w, client, server, cable } = hosts;
      const packets = sentBy(server, cable);
      const mine = client.udp();
      const answer = await w.run(async () => {
        for (let i = 0; i < 5000; i++) mine.send(octets(8, i), server[which], 9);
        return client.ping(server[which]);
      });
      expect(answer.type).toBe('reply');
      expect(packets.length).toBeLessThanOrEqual(51);
      expect(packets.length).toBeGreaterThan(15);
      expect(server.counters().icmp).toEqual({ in: 1, out: packets.length, held: 5001 - packets.length });
    },
  );

  test('the limit fills up again, a thousand in a second', () => {
    const limit = new IcmpLimit(new Random(1), 0);
    let sent = 0;
    for (let now = 0; now < 10 * SECOND; now += 10) if (limit.allows(now)) sent++;
    expect(sent).toBeGreaterThan(3000);
    expect(sent).toBeLessThanOrEqual(10_050);
  });
});

test.each([
  ['address', 4],
  ['address6', 5],
] as const)('an echo larger than the link takes goes both ways in fragments, by %s', async (which, pieces) => {
  const { w, server, client } = two({ mtu: 1280 });
  const answer = await w.run(() => client.ping(server[which], { size: 5000 }));
  expect(answer).toMatchObject({ type: 'reply', from: server[which], size: 5008 });
  expect(client.counters().ip).toMatchObject({ fragmentsOut: pieces, fragmentsIn: pieces, reassembled: 1 });
});

describe.each(['address', 'address6'] as const)('errors about TCP, by %s (RFC 5927)', (which) => {
  const v4 = which === 'address';
  const header = v4 ? 20 : 40;
  const port = v4 ? ([3, 3] as const) : ([1, 4] as const);
  const host = v4 ? ([3, 1] as const) : ([1, 3] as const);

  /** An open that is under way, and how a router says something of its SYN. */
  function opening(): {
    hosts: Two;
    say: (kind: readonly [number, number], change?: number) => void;
    outcome: Promise<unknown>;
  } {
    const hosts = two({ delay: SECOND });
    const { client, server, cable } = hosts;
    const packets = sentBy(client, cable);
    const socket = client.connect({ address: server[which], port: 80 });
    const outcome = socket.opened.then(
      () => 'open',
      (error: SynwaveError) => error.code,
    );
    const say = ([type, code]: readonly [number, number], change = 0): void => {
      const quote = (packets[0] as Uint8Array).slice(0, header + 8);
      (quote[header + 7] as number) += change;
      cable.ends[1].send(icmp(server[which], client[which], type, code, 0, quote));
    };
    server.listen({ port: 80 });
    return { hosts, say, outcome };
  }

  test('a hard one ends an open [SHLD-26, MUST-54]', async () => {
    const { hosts, say, outcome } = opening();
    await hosts.w.run(async () => {
      await hosts.w.sleep(1);
      say(port);
      expect(await outcome).toBe('ECONNREFUSED');
      expect(hosts.w.now).toBe(SECOND + 1);
    });
  });

  test.each([1, -1])('not if the sequence number it quotes is off by %i', async (change) => {
    const { hosts, say, outcome } = opening();
    await hosts.w.run(async () => {
      await hosts.w.sleep(1);
      say(port, change);
      expect(await outcome).toBe('open');
    });
    expect(hosts.client.counters().drops).toEqual({ [STALE]: 1 });
  });

  test('a soft one does not (MUST-56)', async () => {
    const { hosts, say, outcome } = opening();
    await hosts.w.run(async () => {
      await hosts.w.sleep(1);
      say(host);
      expect(await outcome).toBe('open');
    });
  });

  test('none ends a connection: what it says is noted, if what it quotes is in flight', async () => {
    const hosts = two({ delay: 10 * MILLISECOND });
    const { w, client, server, cable } = hosts;
    await w.run(async () => {
      const listener = server.listen({ port: 80 });
      const mine = client.connect({ address: server[which], port: 80 });
      await mine.opened;
      const theirs = await listener.accept();
      const packets = sentBy(client, cable);
      mine.tryWrite(octets(1000, 1));
      await w.sleep(1);
      const quote = packets.at(-1)?.slice(0, header + 8) as Uint8Array;
      const say = ([type, code]: readonly [number, number]): void =>
        cable.ends[1].send(icmp(server[which], client[which], type, code, 0, quote));
      say(port);
      await w.sleep(11 * MILLISECOND);
      expect(mine.info()).toMatchObject({ state: 'ESTABLISHED', softError: 'ECONNREFUSED' });
      // Meanwhile the segment is acknowledged: now it quotes the past.
      await w.sleep(SECOND);
      say(host);
      await w.sleep(SECOND);
      expect(mine.info()).toMatchObject({ state: 'ESTABLISHED', softError: 'ECONNREFUSED' });
      expect(theirs?.readable).toBe(1000);
    });
    expect(client.counters().drops[STALE]).toBe(1);
  });

  test('one about a connection that there is not, or one that cannot be told, is dropped', async () => {
    const { hosts, outcome } = opening();
    const { w, client, server, cable } = hosts;
    const [type, code] = port;
    const frame = packetTo(client[which], server[which], octets(8, 1), (packet) => {
      packet.protocol = Protocol.Tcp;
    });
    const stranger = frame.copy();
    await w.run(async () => {
      cable.ends[1].send(icmp(server[which], client[which], type, code, 0, stranger));
      cable.ends[1].send(icmp(server[which], client[which], type, code, 0, stranger.slice(0, header + 7)));
      expect(await outcome).toBe('open');
    });
    expect(client.counters().drops).toEqual({
      [NOBODY]: 1,
      'ICMP error that quotes too little to tell whose it is': 1,
    });
  });
});

describe.each(['address', 'address6'] as const)('errors about datagrams, by %s', (which) => {
  test('soft ones are noted, and hard ones of another peer are not for us', async () => {
    const hosts = two();
    const { w, client, server, cable } = hosts;
    const packets = sentBy(client, cable);
    const mine = client.udp();
    mine.connect(server[which], 9);
    server.udp({ port: 9 });
    await w.run(async () => {
      mine.send(octets(8, 1));
      const v4 = which === 'address';
      const [type, host, port] = v4 ? [3, 1, 3] : [1, 3, 4];
      const quote = packets[0] as Uint8Array;
      cable.ends[1].send(icmp(server[which], client[which], type, host, 0, quote));
      const wrong = quote.slice();
      wrong[v4 ? 23 : 43] = 10; // its port
      cable.ends[1].send(icmp(server[which], client[which], type, port, 0, wrong));
      await w.sleep(SECOND);
    });
    expect(mine.takeError()).toBeNull();
    expect(mine.info().softError).toBe('EHOSTUNREACH');
    expect(client.counters().drops[NOBODY]).toBe(1);
  });
});

test('source quench is ignored and counted (MUST-55)', async () => {
  const hosts = two();
  const { w, client, server, cable } = hosts;
  await w.run(async () => {
    const [mine] = await connection(hosts);
    const packets = sentBy(client, cable);
    mine.tryWrite(octets(1000, 1));
    await w.sleep(0);
    const before = mine.info().congestion.cwnd;
    cable.ends[1].send(icmp(server.address, client.address, 4, 0, 0, packets[0]?.slice(0, 28) as Uint8Array));
    await w.sleep(0);
    expect(mine.info().congestion.cwnd).toBeGreaterThanOrEqual(before);
    expect(mine.info().softError).toBe('');
  });
  expect(client.counters().drops['ICMP source quench ignored (RFC 9293, MUST-55)']).toBe(1);
});
