/** The Linux kernel as a neighbour on Ethernet: ARP and neighbour discovery both ways, fragments, errors, through a TAP device. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import kernelNet from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECOND } from '../../src/base/time.ts';
import { createHost, type DatagramLink, datagramLink } from '../../src/node/index.ts';
import type { Host } from '../../src/socket/host.ts';
import { octets } from '../world/data.ts';
import { lacking } from './device.ts';

const run = promisify(execFile);

const missing = lacking('ping');
if (missing !== '') process.stderr.write(`SKIPPED: the kernel cannot be met here for want of ${missing}\n`);

const DEVICE = 'synwave-tap';
const MAC = '02:00:00:00:77:02';
const v4 = { kernel: '10.78.0.1', ours: '10.78.0.2' };
const v6 = { kernel: 'fd00:78::1', ours: 'fd00:78::2' };

describe.skipIf(missing !== '')('the Linux kernel as a neighbour', () => {
  let host: Host;
  let link: DatagramLink;
  let socat: ChildProcess;

  beforeAll(async () => {
    link = await datagramLink({ listen: { port: 0 }, mac: MAC });
    const tap = `TUN:${v4.kernel}/24,up,iff-no-pi,tun-type=tap,tun-name=${DEVICE}`;
    socat = spawn('socat', ['-b', '65535', tap, `UDP4:127.0.0.1:${link.local.port}`], { stdio: 'ignore' });
    const deadline = Date.now() + 5000;
    while (spawnSync('ip', ['link', 'show', DEVICE]).status !== 0) {
      if (Date.now() > deadline) throw new Error('socat made no device');
      await wait(20);
    }
    await run('sysctl', ['-q', '-w', `net.ipv6.conf.${DEVICE}.disable_ipv6=0`]).catch(() => undefined);
    await run('ip', ['address', 'add', `${v6.kernel}/64`, 'dev', DEVICE, 'nodad']);
    host = createHost({ name: 'ours', seed: 1 });
    host.attach(link, [`${v4.ours}/24`, `${v6.ours}/64`]);
    // The link learns where the device is from the first frame that comes of it: an ARP request for us.
    await run('ping', ['-c', '1', '-W', '2', v4.ours]);
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => socat.once('exit', resolve));
    socat.kill();
    await ended;
    link.close();
  });

  test.each([v4, v6])('it finds us, and pings us, small and in fragments: $ours', async ({ ours }) => {
    const { stdout } = await run('ping', ['-c', '3', '-i', '0.2', '-W', '2', ours]);
    expect(stdout).toContain('3 received');
    expect((await run('ping', ['-c', '2', '-i', '0.2', '-s', '8000', '-W', '2', ours])).stdout).toContain('2 received');
    const { stdout: neighbours } = await run('ip', ['neigh', 'show', 'dev', DEVICE, 'to', ours]);
    expect(neighbours).toMatch(new RegExp(`lladdr ${MAC} (REACHABLE|STALE|DELAY)`));
  });

  test.each([v4, v6])('we find it, and ping it, small and in fragments: $kernel', async ({ kernel }) => {
    for (const size of [56, 8000]) {
      expect(await host.ping(kernel, { size, timeout: 2 * SECOND })).toMatchObject({ type: 'reply', size: size + 8 });
    }
    expect(host.neighbours().find(({ address }) => address === kernel)?.state).toMatch(/REACHABLE|STALE|DELAY|PROBE/);
  });

  test.each([v4, v6])('1 MiB each way over a connection: $ours', async ({ ours }) => {
    const data = octets(1 << 20, 3);
    const listener = host.listen({ port: 7001 });
    const echo = (async (): Promise<void> => {
      const accepted = await listener.accept();
      if (accepted === null) return;
      for await (const chunk of accepted) await accepted.write(chunk);
      accepted.end();
    })();
    const socket = kernelNet.connect({ host: ours, port: 7001, allowHalfOpen: true });
    socket.end(data);
    const hash = createHash('sha256');
    for await (const chunk of socket) hash.update(chunk as Buffer);
    await echo;
    expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'));
    listener.close();
  });

  test.each([v4, v6])('datagrams of 20,000 octets both ways: $ours', async ({ ours }) => {
    const mine = host.udp({ port: 7002 });
    const theirs = createSocket(ours.includes(':') ? 'udp6' : 'udp4');
    const data = octets(20_000, 4);
    const back = new Promise<Buffer>((resolve) => theirs.once('message', resolve));
    theirs.send(data, 7002, ours);
    const message = await mine.receive();
    expect(message?.octets).toEqual(new Uint8Array(data));
    mine.send(message?.octets as Uint8Array, message?.address, message?.port);
    expect(new Uint8Array(await back)).toEqual(new Uint8Array(data));
    mine.close();
    theirs.close();
  });

  test('an address that nobody has is unreachable after three questions', async () => {
    const socket = host.connect({ address: '10.78.0.99', port: 80 });
    await expect(socket.opened).rejects.toMatchObject({ code: 'EHOSTUNREACH' });
    expect(host.neighbours().find(({ address }) => address === '10.78.0.99')).toMatchObject({ state: 'FAILED' });
  });

  test('it sees an address of its own claimed, and defends it (RFC 5227)', async () => {
    const events: string[] = [];
    host.observe((event) => {
      if (event.type === 'address') events.push(`${event.what} ${event.address}`);
    });
    host.stack.internet.addAddress(1, `${v4.kernel}/24`, { detect: true });
    host.stack.internet.addAddress(1, `${v6.kernel}/64`, { detect: true });
    host.wake();
    await expect.poll(() => events, { timeout: 8000 }).toContain(`removed ${v6.kernel}`);
    await expect.poll(() => events, { timeout: 8000 }).toContain(`duplicate ${v4.kernel}`);
    host.observe(null);
    expect(host.interfaces()[1]?.addresses.map(({ address }) => address)).not.toContain(v4.kernel);
  });
});
