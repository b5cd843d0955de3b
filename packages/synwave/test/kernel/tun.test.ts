/** The Linux kernel in a namespace, met through our own TUN device: transfers with and without VNET_HDR, a device that goes down or away, processes that die. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { SECOND } from '../../src/base/time.ts';
import { createNet } from '../../src/node/net.ts';
import { type LinkError, tun } from '../../src/node/tun/index.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import { linuxProfile } from '../../src/tcp/config.ts';
import { octets } from '../world/data.ts';
import { lacking, SIX } from './device.ts';
import { hasDevice, KERNEL, OURS, Peer, run, type Space, space } from './namespace.ts';

const missing = lacking('curl', 'sysctl', 'setpriv', 'ping');
if (missing !== '') process.stderr.write(`SKIPPED: the kernel cannot be met here for want of ${missing}\n`);

const MIB = 1024 * 1024;

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Sends all and then a FIN, and answers the digest of what came; our side. */
async function exchange(socket: TcpSocket, mine: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  const reading = (async (): Promise<void> => {
    for await (const chunk of socket) hash.update(chunk);
  })();
  await Promise.all([reading, socket.write(mine).then(() => socket.end())]);
  return hash.digest('hex');
}

describe.skipIf(missing !== '').each([
  { vnet: true, mtu: 1500, mode: 'tun' },
  { vnet: false, mtu: 1500, mode: 'tun' },
  { vnet: true, mtu: 9000, mode: 'tap' },
  { vnet: true, mtu: 65_520, mode: 'tun' },
] as const)('a device: $mode, MTU $mtu, VNET_HDR $vnet', ({ vnet, mtu, mode }) => {
  let there: Space;
  beforeAll(async () => {
    there = await space({ vnet, mtu, mode });
  });
  afterAll(() => there.close());

  const sizes = mtu === 1500 ? [1, 16, 64] : [16];
  const cases = (SIX ? ([4, 6] as const) : ([4] as const)).flatMap((family) =>
    sizes.map((size): [number, Family] => [size, family]),
  );

  test.each(cases)(
    '%i MiB each way at once over IPv%i: the kernel connects',
    async (size, family) => {
      const mine = octets(size * MIB, 1);
      const listener = there.host.listen({ port: 7000 });
      const ours = listener.accept().then((socket) => exchange(socket as TcpSocket, mine));
      const peer = there.peer('exchange', 'call', OURS[family], '7000', String(size * MIB), '2');
      expect(await peer.line()).toBe(sha(mine));
      expect(await ours).toBe(sha(octets(size * MIB, 2)));
      listener.close();
    },
    60_000,
  );

  test.each(cases)(
    '%i MiB each way at once over IPv%i: the kernel listens',
    async (size, family) => {
      const mine = octets(size * MIB, 3);
      const peer = there.peer('exchange', 'serve', KERNEL[family], String(size * MIB), '4');
      const socket = there.host.connect({ address: KERNEL[family], port: Number(await peer.line()) });
      expect(await exchange(socket, mine)).toBe(sha(octets(size * MIB, 4)));
      expect(await peer.line()).toBe(sha(mine));
    },
    60_000,
  );

  test('what the offloads promise is what travels', () => {
    const { segmentsIn, segmentsOut, drops } = there.host.counters();
    const octetsEachWay = cases.reduce((sum, [size]) => sum + size * MIB, 0) * 2;
    const mss = mtu - 72;
    // Data and ACKs: with super segments there are far fewer packets than segments of the MSS.
    if (vnet && mtu < 65_000) {
      expect(segmentsOut).toBeLessThan(octetsEachWay / mss);
      expect(segmentsIn).toBeLessThan(octetsEachWay / mss);
    } else expect(segmentsOut).toBeGreaterThan(octetsEachWay / (mss + 72));
    expect(Object.keys(drops).filter((reason) => /checksum|short|length/.test(reason))).toEqual([]);
    expect(there.link.counters).toMatchObject({ dropped: 0, errors: 0, down: 0 });
  });

  test('curl fetches 8 MiB from node:http on our sockets; ping of 1000 and of 8000 octets, each way', async () => {
    const body = octets(8 * MIB, 5);
    const web = http.createServer((_request, response) => response.end(body));
    const server = createNet(there.host).createServer((socket) => web.emit('connection', socket));
    await new Promise<void>((resolve) => server.listen(80, resolve));
    const fetched = await there.run('curl', '--silent', '--noproxy', '*', '--max-time', '8', `http://${OURS[4]}/`);
    expect(sha(fetched)).toBe(sha(body));
    await new Promise((done) => server.close(done));
    for (const size of [1000, 8000]) {
      const heard = await there.run('ping', '-c', '2', '-i', '0.2', '-s', String(size), '-W', '2', OURS[4]);
      expect(String(heard)).toContain('2 received, 0% packet loss');
      expect(await there.host.ping(KERNEL[4], { size })).toMatchObject({ type: 'reply', size: size + 8 });
    }
  });
});

describe.skipIf(missing !== '')('a device that does not stay as it is', () => {
  let there: Space;
  afterEach(() => there.close());

  test('put down for a while in the middle of a transfer: it goes on', async () => {
    there = await space({}, linuxProfile);
    const size = 64 * MIB;
    const mine = octets(size, 6);
    const listener = there.host.listen({ port: 7000 });
    const accepted = listener.accept();
    const peer = there.peer('exchange', 'call', OURS[4], '7000', String(size), '7');
    const socket = (await accepted) as TcpSocket;
    const ours = exchange(socket, mine);
    await expect.poll(() => there.link.counters.received, { interval: 1 }).toBeGreaterThan(20);
    there.ip('link', 'set', there.link.name, 'down');
    await sleep(700);
    there.ip('link', 'set', there.link.name, 'up');
    expect(await peer.line()).toBe(sha(mine));
    expect(await ours).toBe(sha(octets(size, 7)));
    expect(there.link.counters.down).toBeGreaterThan(0);
    listener.close();
  }, 60_000);

  test('removed in the middle of a transfer: we are told, and nothing hangs', async () => {
    const ends: LinkError[] = [];
    there = await space({ onEnd: (error) => ends.push(error) }, { ...linuxProfile, userTimeout: SECOND });
    const listener = there.host.listen({ port: 7000 });
    const accepted = listener.accept();
    const peer = there.peer('exchange', 'call', OURS[4], '7000', String(64 * MIB), '7');
    const socket = (await accepted) as TcpSocket;
    const ours = exchange(socket, octets(64 * MIB, 6));
    await expect.poll(() => there.link.counters.received, { interval: 1 }).toBeGreaterThan(20);
    there.ip('link', 'del', there.link.name);
    await expect(ours).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(ends.map(({ message }) => message)).toEqual([
      `device ${there.link.name} is gone (EBADFD): somebody has removed it`,
    ]);
    peer.child.kill('SIGKILL');
    listener.close();
  }, 20_000);
});

describe.skipIf(missing !== '')('what a process leaves', () => {
  const name = `swe${process.pid % 1_000_000}`;
  const addresses = ['10.80.0.1/24', '10.80.0.2/24'] as const;
  const start = (...more: string[]): Peer => new Peer('echo', [name, ...addresses, ...more]);
  const pings = (): boolean => spawnSync('ping', ['-c', '1', '-W', '2', '10.80.0.2']).status === 0;

  test('killed: no device; another has it at once, and is reached', async () => {
    for (let i = 0; i < 3; i++) {
      const program = start();
      expect(await program.line()).toBe('ready 1500');
      expect(pings()).toBe(true);
      program.child.kill('SIGKILL');
      expect(await program.ended()).toBe('SIGKILL');
      expect(hasDevice(name)).toBe(false);
    }
  }, 20_000);

  test('a link alone keeps no process alive, and process.exit ends one that has sockets', async () => {
    const idle = start('idle');
    expect(await idle.line()).toBe('ready 1500');
    expect(await idle.ended()).toBe(0);
    const exits = start('exit');
    expect(await exits.ended()).toBe(7);
    expect(hasDevice(name)).toBe(false);
  }, 20_000);

  test('a worker that is ended in the middle of its traffic: the process goes on, the device is gone', async () => {
    const program = start('worker');
    expect(await program.line()).toBe('ready 1500');
    const flood = spawnSync('ping', ['-f', '-q', '-w', '1', '-c', '2000', '10.80.0.2'], { encoding: 'utf8' });
    expect(flood.stdout).toContain(' received');
    expect(await program.line()).toBe('ended 1');
    expect(hasDevice(name)).toBe(false);
    expect(await program.ended()).toBe(0);
  }, 20_000);

  test('close takes the device away', async () => {
    const link = await tun({ name, addresses: [addresses[0]] });
    expect(hasDevice(name)).toBe(true);
    link.close();
    link.close();
    expect(hasDevice(name)).toBe(false);
  });
});

describe.skipIf(missing !== '')('what is missing is told with what to type', () => {
  const name = `swm${process.pid % 1_000_000}`;
  // As other users are, but with leave to read these files wherever they lie.
  const powerless = ['setpriv', '--bounding-set=-net_admin'];

  test('no root', async () => {
    const program = new Peer('echo', [name, '10.80.1.1/24', '10.80.1.2/24'], powerless);
    expect(await program.line()).toBe(
      `cannot have device ${name} (EPERM): be root, or have it made beforehand: sudo ip tuntap add dev ${name} mode tun user $USER`,
    );
    expect(await program.ended()).toBe(0);
  });

  test('a device that was made beforehand is taken as it is; one that is down or has no address cannot be helped', async () => {
    run('ip', 'tuntap', 'add', 'dev', name, 'mode', 'tun', 'user', 'root');
    try {
      const down = new Peer('echo', [name, '', '10.80.1.2/24'], powerless);
      expect(await down.line()).toBe(`only root may set up ${name}: sudo ip link set ${name} mtu 1500 up`);
      run('ip', 'address', 'add', '10.80.1.1/24', 'dev', name);
      run('ip', 'link', 'set', name, 'mtu', '1400', 'up');
      const taken = new Peer('echo', [name, '', '10.80.1.2/24'], powerless);
      expect(await taken.line()).toBe('ready 1400');
      expect(spawnSync('ping', ['-c', '1', '-W', '2', '10.80.1.2']).status).toBe(0);
      const second = new Peer('echo', [name, '', '10.80.1.2/24'], powerless);
      expect(await second.line()).toBe(
        `cannot have device ${name} (EBUSY): another process has it: name another device`,
      );
      taken.child.kill('SIGKILL');
      await taken.ended();
      expect(hasDevice(name)).toBe(true); // it was there before
    } finally {
      run('ip', 'link', 'del', name);
    }
  });

  test.each([
    [
      { name: 'lo' },
      'cannot have device lo (EINVAL): it is there and is no tun device, or a bridge or another kind: name another',
    ],
    [
      { name: 'much-too-long-a-name' },
      'much-too-long-a-name is no name for a device: at most 15 octets, no blank, / or :',
    ],
    [{ name: 'a b' }, 'a b is no name for a device: at most 15 octets, no blank, / or :'],
    [{ mtu: 67 }, 'mtu 67 is not within 68 to 65521'],
    [{ mtu: 65_522 }, 'mtu 65522 is not within 68 to 65521'],
    [
      { name: 'swbad', addresses: ['10.0.0.300/24'] },
      /^ip address replace 10\.0\.0\.300\/24 dev swbad: Error: .*10\.0\.0\.300/,
    ],
  ])('%j', async (options, message) => {
    await expect(tun(options)).rejects.toThrow(message);
    expect(hasDevice('swbad')).toBe(false);
  });
});
