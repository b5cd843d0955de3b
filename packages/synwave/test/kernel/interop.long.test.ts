/** The kernel against our stack, for long: wrk, ten thousand short connections, either side killed at instants by chance. */
import { once } from 'node:events';
import http from 'node:http';
import kernelNet from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { createNet } from '../../src/node/net.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import { linuxProfile } from '../../src/tcp/config.ts';
import { octets } from '../world/data.ts';
import { lacking } from './device.ts';
import { hasDevice, OURS, Peer, type Space, space } from './namespace.ts';

const missing = lacking('python3', 'ss', 'sysctl');
if (missing !== '') process.stderr.write(`SKIPPED: the kernel cannot be met here for want of ${missing}\n`);
const noWrk = lacking('wrk');
if (noWrk !== '') process.stderr.write(`SKIPPED: nobody loads our server here for want of ${noWrk}\n`);

describe.skipIf(missing !== '')('for long', () => {
  let there: Space;
  beforeAll(async () => {
    there = await space({}, linuxProfile);
  });
  afterAll(() => there.close());

  /** States of ours at a port, TIME-WAIT left out. */
  function remains(port: number): string[] {
    const found: string[] = [];
    for (const { name, info } of there.host.stack.connections(there.host.now())) {
      if (name.localPort === port && info.state !== 'TIME-WAIT') found.push(info.state);
    }
    return found.concat(there.states(port).filter((state) => state !== 'TIME-WAIT'));
  }

  test.skipIf(noWrk !== '')(
    'wrk: 200 connections for 10 s, no error, nothing left but TIME-WAIT',
    async () => {
      const web = http.createServer((_request, response) => response.end('hello, wrk\n'));
      const server = createNet(there.host).createServer((socket) => web.emit('connection', socket));
      await new Promise<void>((resolve) => server.listen(80, resolve));
      const said = String(await there.run('wrk', '-t2', '-c200', '-d10s', `http://${OURS[4]}/`));
      expect(said).toMatch(/\d+ requests in 10\./);
      expect(said).not.toMatch(/Socket errors|Non-2xx/);
      await new Promise((resolve) => server.close(resolve));
      await expect.poll(() => remains(80), { timeout: 5000 }).toEqual([]);
    },
    60_000,
  );

  test('10,000 short connections, one after another', async () => {
    const server = createNet(there.host).createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => server.listen(7000, resolve));
    expect(await there.socket().do('short', OURS[4], 7000, 10_000)).toBe('10000');
    await new Promise((resolve) => server.close(resolve));
    await expect.poll(() => remains(7000), { timeout: 5000 }).toEqual([]);
  }, 300_000);

  test('the kernel’s side is killed at 20 instants: we are reset, the listener goes on, nothing remains', async () => {
    const random = new Random(20);
    const listener = there.host.listen({ port: 7001 });
    for (let i = 0; i < 20; i++) {
      const peer = there.peer('exchange', 'call', OURS[4], '7001', String(24 << 20), '1');
      const socket = (await listener.accept()) as TcpSocket;
      const ended = expect(socket.closed).rejects.toMatchObject({ code: 'ECONNRESET' });
      const reading = (async (): Promise<void> => {
        for await (const _ of socket);
      })().catch(() => undefined);
      const writing = socket.write(octets(24 << 20, 2)).catch(() => undefined);
      await sleep(random.below(60));
      peer.child.kill('SIGKILL');
      await ended;
      await Promise.all([reading, writing]);
    }
    listener.close();
    expect(remains(7001)).toEqual([]);
  }, 300_000);

  test('our process is killed at 20 instants: its device is gone, and another has it and listens at once', async () => {
    const random = new Random(21);
    const name = `swk${process.pid % 1_000_000}`;
    for (let i = 0; i < 20; i++) {
      const ours = new Peer('echo', [name, '10.81.0.1/24', '10.81.0.2/24']);
      expect(await ours.line()).toBe('ready 1500');
      const caller = kernelNet.connect(7, '10.81.0.2').on('error', () => undefined);
      await once(caller, 'connect'); // it listens at once
      caller.write(octets(4 << 20, i));
      caller.resume();
      await sleep(random.below(60));
      ours.child.kill('SIGKILL');
      expect(await ours.ended()).toBe('SIGKILL');
      expect(hasDevice(name)).toBe(false);
      caller.destroy();
    }
  }, 120_000);
});
