/** Packets that were seen on cables, told by match texts that mean them and no others. */
import { expect, describe as group, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import {
  type CableOptions,
  describe,
  MatchCounter,
  type PacketView,
  parseMatch,
  Sight,
  world,
} from '../../src/sim/index.ts';
import { connection, give, octets, takeAll, two } from './helpers.ts';

/** The packets of a transfer, as they were handed to the cable. */
async function transfer(options: CableOptions): Promise<PacketView[]> {
  const sight = new Sight();
  const views: PacketView[] = [];
  const pair = two(options, {
    meddler: (packet) => {
      views.push(sight.see(packet));
      return [];
    },
  });
  await pair.w.run(async () => {
    const [mine, theirs] = await connection(pair);
    await Promise.all([give(mine, octets(40_000, 1)), takeAll(theirs).then(() => theirs.end())]);
    await mine.closed;
  });
  return views;
}

group('of every packet of a transfer', () => {
  test.each<[string, CableOptions]>([
    ['over a clean cable', { delay: MILLISECOND }],
    ['with losses', { delay: MILLISECOND, loss: 0.2 }],
    ['over Ethernet', { delay: MILLISECOND, loss: 0.2, ethernet: true }],
  ])('%s, the text means that one alone', async (_name, options) => {
    const views = await transfer(options);
    expect(views.length).toBeGreaterThan(20);
    for (const i of views.keys()) {
      const counter = new MatchCounter(parseMatch(describe(views.slice(0, i + 1))));
      const taken = [...views.keys()].filter((k) => counter.takes(views[k] as PacketView));
      expect(taken).toEqual([i]);
    }
  });

  test('as people would say it', async () => {
    const views = await transfer({ delay: MILLISECOND });
    const texts = views.map((_, i) => describe(views.slice(0, i + 1)));
    expect(texts.slice(0, 4)).toEqual([
      'first SYN from client',
      'first SYN,ACK from server',
      'first ACK from client',
      'first data from client',
    ]);
    expect(texts).toContain('third ACK from server');
    expect(texts).toContain('first FIN from client');
    expect(texts.at(-1)).toBe('second ACK from client');
  });
});

test('behind the tenth, whatever makes the number small again', () => {
  const data = (length: number, again = false): PacketView => {
    const segment = { flags: 16, again };
    return { from: 'a', to: 'b', protocol: 'TCP', segment, srcPort: 5000, dstPort: 80, length };
  };
  const many = Array.from({ length: 12 }, () => data(100));
  expect(describe(many)).toBe('12th data from a');
  expect(describe([...many, data(55)])).toBe('first data from a of 55 octets');
  expect(describe([...many, data(100, true)])).toBe('first data from a again');
  expect(describe([...many, { ...data(100), dstPort: 443 }])).toBe('first data from a port 443');
});

test('numbers that were sent before, and those of a new connection on the same ports', async () => {
  const sight = new Sight();
  const seen: string[] = [];
  const w = world({
    faults: [
      { cable: 'client-server', from: 'client', n: 1, do: 'drop' },
      { match: 'first FIN from client', do: 'drop' },
    ],
    meddler: (packet) => {
      const { from, segment, length } = sight.see(packet);
      if (from === 'client') seen.push(`${segment?.flags} ${length}${segment?.again === true ? ' again' : ''}`);
      return [];
    },
  });
  const [client, server] = [w.host('client'), w.host('server')];
  w.cable(client, server, { delay: MILLISECOND });
  const listener = server.listen({ port: 80 });
  listener.onConnection = (socket) => {
    socket.handler = { ended: () => socket.end() };
  };
  await w.run(async () => {
    for (let i = 0; i < 2; i++) {
      const socket = client.connect({ address: server.address, port: 80, localPort: 5000 });
      await socket.opened;
      socket.end();
      await socket.closed;
      await w.sleep(300 * SECOND); // 2MSL are over, and the port is free
    }
  });
  const [syn, synAgain, ack, fin, finAgain, lastAck, ...second] = seen;
  expect([syn, synAgain, ack, fin, finAgain, lastAck]).toEqual([
    '2 0',
    '2 0 again',
    '16 0',
    '17 0',
    '17 0 again',
    '16 0',
  ]);
  expect(second).toEqual(['2 0', '16 0', '17 0', '16 0']);
});

test('several receivers are told apart; without packets there is nothing to describe', () => {
  const view = (to: string): PacketView => ({
    from: 'a b',
    to,
    protocol: 'ARP',
    segment: null,
    srcPort: 0,
    dstPort: 0,
    length: 0,
  });
  expect(describe([view('c')])).toBe('first ARP from "a b"');
  expect(describe([view('c'), view('d')])).toBe('first ARP from "a b" to d');
  expect(() => describe([])).toThrow(RangeError);
});
