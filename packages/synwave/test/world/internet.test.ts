/** A small internet: programs reach each other across it, over both families, find what its paths take, and get around a router that dies. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { MILLISECOND, type Micros, SECOND } from '../../src/base/time.ts';
import { PcapngWriter } from '../../src/capture/pcapng-write.ts';
import { createNet } from '../../src/node/net.ts';
import type { Cable } from '../../src/sim/index.ts';
import { type Internet, type InternetOptions, internet, record, type SimHost } from '../../src/sim/index.ts';
import { give, octets, same, takeAll } from '../sim/helpers.ts';
import { hasTool } from '../wire/tcpdump.ts';

const PORT = 80;
const FAMILIES: readonly Family[] = [4, 6];

/** The largest packet on the long cable, and of IPv4 on the backup; the two headers that each segment has. */
const TUNNEL = 1280;
const SERIAL = 576;
const headers = (family: Family): number => (family === 4 ? 40 : 60);

async function settled(options: InternetOptions = {}): Promise<Internet> {
  const net = internet({ seed: 7, ...options });
  await net.settle();
  return net;
}

/** Takes down what befalls packets on those cables. Answers the file so far. */
function captured(cables: readonly Cable[]): () => Uint8Array {
  const parts: Uint8Array[] = [];
  record(new PcapngWriter({ sink: (part) => parts.push(part) }), cables);
  return () => Buffer.concat(parts);
}

/** When a host's retransmission timer goes off: a path MTU that is found by ICMP needs none. */
function timeouts(net: Internet, ...hosts: SimHost[]): Micros[] {
  const times: Micros[] = [];
  for (const host of hosts) {
    host.observe((event) => {
      if (event.type === 'timer' && event.timer === 'retransmit' && event.fired) times.push(net.world.now);
    });
  }
  return times;
}

const addressOf = (host: SimHost, family: Family): string => (family === 4 ? host.address : host.address6);

/** Node's own http: the client posts `body` to the server by its name, which sends it back. */
async function echoed({ client, server }: Internet, family: Family, body: Buffer): Promise<Buffer> {
  const web = http.createServer((request, response) => {
    response.sendDate = false; // the only thing in it that is not the world's
    request.pipe(response);
  });
  const listening = createNet(server).createServer((socket) => web.emit('connection', socket));
  listening.listen(PORT);
  const agent = Object.assign(new http.Agent(), { createConnection: createNet(client).createConnection });
  const request = http.request({ host: 'server', family, method: 'POST', agent });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  listening.close();
  await once(listening, 'close');
  return Buffer.concat(chunks);
}

/** The largest IP packet of that family with text of TCP, which the station put on the cable. */
function largest(cable: Cable, from: SimHost, family: Family): () => number {
  let most = 0;
  cable.watch(({ type, frame, from: sender }) => {
    const ip = frame.at + (cable.ethernet ? 14 : 0);
    if (type !== 'sent' || sender !== from.name || frame.view.getUint8(ip) >> 4 !== family) return;
    most = Math.max(most, frame.end - ip);
  });
  return () => most;
}

describe('hosts that were given no IPv6 address', () => {
  test('make one from what their routers advertise, and find their way by it', async () => {
    const net = internet({ seed: 7 });
    const { world: w, client, laptop, server } = net;
    expect(client.names?.('server')).toEqual(['10.2.0.10']);
    await expect(client.ping('fd00:2::1')).rejects.toMatchObject({ code: 'ENETUNREACH' });
    await net.settle();
    for (const [host, prefix] of [
      [client, 'fd00:1::'],
      [laptop, 'fd00:1::'],
      [server, 'fd00:2::'],
    ] as const) {
      expect(host.address6.startsWith(prefix)).toBe(true);
      const { addresses } = host.interfaces()[1] ?? { addresses: [] };
      const own = addresses.find(({ address }) => address === host.address6);
      expect(own).toMatchObject({ origin: 'advertised', state: 'preferred', prefixLength: 64 });
      expect(host.routes()).toContainEqual(expect.objectContaining({ network: '::/0', origin: 'advertised' }));
      expect(host.names?.(host.name)).toEqual([host.address, host.address6]);
      expect(net.nameOf(host.address6)).toBe(host.name);
    }
    expect(await w.run(() => laptop.ping(server.address6))).toMatchObject({ type: 'reply', ttl: 61 });
  });
});

describe.each(FAMILIES)('over IPv%i', (family) => {
  test('unmodified http gets through whole, both ends find the path MTU, and no timer of theirs goes off', async () => {
    const net = await settled();
    const { world: w, client, server, clientCable, longCable, routers } = net;
    const fired = timeouts(net, client, server);
    const sizes = [largest(longCable, routers[1], family), largest(longCable, routers[3], family)];
    const from = largest(clientCable, client, family);
    const body = Buffer.from(octets(500_000, 1));
    const back = await w.run(() => echoed(net, family, body));
    expect(back.equals(body)).toBe(true);
    expect(fired).toEqual([]);
    expect(from()).toBe(1500); // what the first segments were, before anybody knew better
    expect(sizes.map((most) => most())).toEqual([TUNNEL, TUNNEL]);
  });

  test('an operator takes the first way away: the backup is found, and what it takes', async () => {
    const net = await settled();
    const { world: w, client, server, longCable, backupCables, routers } = net;
    const [r1, , r3, r4] = routers;
    const v4 = family === 4;
    expect(r1.unroute(v4 ? '10.2.0.0/24' : 'fd00:2::/64', v4 ? '10.12.0.2' : 'fd00:12::2')).toBe(1);
    expect(r4.unroute(v4 ? '10.1.0.0/24' : 'fd00:1::/64', v4 ? '10.24.0.2' : 'fd00:24::2')).toBe(1);
    const fired = timeouts(net, client, server);
    const before = longCable.counters(routers[1]).sent;
    const backup = backupCables[v4 ? 0 : 1];
    const sizes = [largest(backup, r3, family), largest(backup, r4, family)];
    const body = Buffer.from(octets(200_000, 2));
    expect((await w.run(() => echoed(net, family, body))).equals(body)).toBe(true);
    expect(fired).toEqual([]);
    const fits = v4 ? SERIAL : 1500; // IPv6 has a cable of its own there
    for (const most of sizes) expect(most()).toBe(fits);
    expect(longCable.counters(routers[1]).sent).toBe(before);
  });

  test('a router dies in the middle of a transfer: the connection survives on the other way, and comes back', async () => {
    const net = await settled({ long: { rate: 10_000_000 } });
    const { world: w, client, server, routers, backupCables, nameOf } = net;
    const [r1, r2, r3, r4] = routers;
    const to = addressOf(server, family);
    const backup = backupCables[family === 4 ? 0 : 1];
    const bytes = octets(3_000_000, 3);
    const began = w.now;
    const arrived = await w.run(async () => {
      const listener = server.listen({ port: PORT });
      const socket = client.connect({ address: to, port: PORT });
      await socket.opened;
      const theirs = await listener.accept();
      listener.close();
      w.after(SECOND, () => r2.crash());
      const [all] = await Promise.all([theirs === null ? null : takeAll(theirs), give(socket, bytes)]);
      // The path's MTU is what the backup takes, or what the long cable took: larger than that was never tried again.
      const { mss } = socket.info().path;
      expect(mss).toBe((family === 4 ? SERIAL : TUNNEL) - headers(family));
      theirs?.end();
      await socket.closed;
      return all;
    });
    expect(arrived !== null && same(arrived, bytes)).toBe(true);
    // It was in the middle: some of it took the first way, some the other; neighbours are asked for within a minute.
    const late = backup.counters(r3).octets;
    expect(late).toBeGreaterThan(bytes.length / 4);
    expect(late).toBeLessThan(bytes.length);
    expect(w.now - began).toBeLessThan(150 * SECOND);
    const gone = (of: SimHost): string[] =>
      of
        .neighbours()
        .filter(({ address, state }) => state === 'FAILED' && !address.startsWith('fe80') && nameOf(address) === 'r2')
        .map(({ address }) => address);
    expect(gone(r1)).toEqual([family === 4 ? '10.12.0.2' : 'fd00:12::2']);
    expect(gone(r4)).toEqual([family === 4 ? '10.24.0.2' : 'fd00:24::2']);

    const way = async (): Promise<(string | null)[]> => {
      const names: (string | null)[] = [];
      for await (const { answers } of client.traceroute(to, { probes: 1 })) {
        names.push(...answers.map((each) => (each.type === 'timeout' ? '*' : nameOf(each.from))));
      }
      return names;
    };
    expect(await w.run(way)).toEqual(['r1', 'r3', 'r4', 'server']);
    r2.boot();
    await w.runFor(5 * SECOND);
    expect(await w.run(way)).toEqual(['r1', 'r2', 'r4', 'server']);
  });

  test('same seed, same packets; another seed, others', async () => {
    const run = async (seed: number): Promise<string | null> => {
      const net = await settled({ seed, hash: true, long: { loss: 0.02, jitter: MILLISECOND } });
      const body = Buffer.from(octets(50_000, 4));
      const back = await net.world.run(() => echoed(net, family, body));
      expect(back.equals(body)).toBe(true);
      return net.world.hash;
    };
    const first = await run(7);
    expect(await run(7)).toBe(first);
    expect(await run(8)).not.toBe(first);
  });
});

/** What tshark's experts call an error. */
const ERROR = 0x80_0000;

describe.skipIf(!hasTool('tshark'))('in tshark’s eyes', () => {
  /**
   * The named fields of each packet that the filter lets through, the first of each name. Checksums are verified. What stands
   * there several times, once for each cable, is no stream that could be put together: so no one looks for http in it.
   */
  function tshark(file: Uint8Array, filter: string, ...fields: string[]): string[][] {
    const folder = mkdtempSync(join(tmpdir(), 'synwave-internet-'));
    try {
      const path = join(folder, 'internet.pcapng');
      writeFileSync(path, file);
      const checks = ['ip', 'tcp', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
      const columns = fields.flatMap((field) => ['-e', field]);
      const form = ['-T', 'fields', '-E', 'separator=|', '-E', 'occurrence=f', ...columns];
      const args = ['-r', path, '--disable-protocol', 'http', ...checks, '-Y', filter, ...form];
      const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
      expect(status, stderr).toBe(0);
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((row) => row.split('|'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Everything of the above in one world, with a capture of every cable, and of the client's alone. */
  async function everything(): Promise<{ all: Uint8Array; mine: Uint8Array; digest: string }> {
    const net = internet({ seed: 7, long: { rate: 10_000_000 } });
    const { world: w, client, clientCable, routers } = net;
    const all = captured(w.cables);
    const mine = captured([clientCable]);
    await net.settle();
    await w.run(async () => {
      for (const family of FAMILIES) {
        const hops = client.traceroute(addressOf(net.server, family));
        while ((await hops.next()).done !== true);
        await echoed(net, family, Buffer.from(octets(40_000, family)));
      }
    });
    routers[1].crash();
    await w.run(async () => {
      for (const family of FAMILIES) await echoed(net, family, Buffer.from(octets(20_000, family)));
    });
    const digest = createHash('sha256').update(all()).digest('hex');
    return { all: all(), mine: mine(), digest };
  }

  test('nothing on any cable is malformed, no checksum is bad, and each router says what it should', async () => {
    const { all, mine } = await everything();
    const sums = ['ip', 'icmp', 'icmpv6', 'tcp'].map((name) => `${name}.checksum.status`);
    const rows = tshark(all, 'frame', ...sums, '_ws.malformed', '_ws.expert.severity', 'frame.number');
    const good = { ip: 0, icmp: 0, icmpv6: 0, tcp: 0 };
    for (const [ip = '', icmp = '', icmpv6 = '', tcp = '', malformed = '', severity = '', number = ''] of rows) {
      // A segment that an ICMP error quotes has lost its end, and its sum says nothing.
      const quoted = icmp !== '' || icmpv6 !== '';
      const wrong = [ip, icmp, icmpv6, quoted ? '' : tcp].includes('0') || malformed !== '';
      if (wrong || (!quoted && Number(severity) >= ERROR)) expect.fail(`packet ${number}`);
      for (const [name, status] of Object.entries({ ip, icmp, icmpv6, tcp })) {
        if (status === '1') good[name as keyof typeof good]++;
      }
    }
    expect(Math.min(...Object.values(good))).toBeGreaterThan(50);

    const said = (type: string, code: string, errors: readonly string[][]): string[] =>
      errors.filter((row) => row[1] === type && row[2] === code).map((row) => [row[0], row[3]].join(' '));
    const v4 = tshark(mine, 'icmp', 'ip.src', 'icmp.type', 'icmp.code', 'icmp.mtu');
    const v6 = tshark(mine, 'icmpv6', 'ipv6.src', 'icmpv6.type', 'icmpv6.code', 'icmpv6.mtu');
    // Whom the client hears of path MTUs from: r2 before the long cable, r3 before the serial line.
    expect([...new Set(said('3', '4', v4))]).toEqual(['10.12.0.2 1280', '10.12.0.3 576']);
    expect([...new Set(said('2', '0', v6))]).toEqual(['fd00:12::2 1280']);
    // Traceroute: three echoes each for three routers.
    expect(said('11', '0', v4)).toHaveLength(9);
    expect(said('3', '0', v6)).toHaveLength(9);
    expect(said('134', '0', v6).length).toBeGreaterThan(0); // a router that advertises itself
  }, 30_000);

  test('two runs are the same, octet for octet', async () => {
    const [first, second] = [await everything(), await everything()];
    expect(second.digest).toBe(first.digest);
  }, 30_000);
});
