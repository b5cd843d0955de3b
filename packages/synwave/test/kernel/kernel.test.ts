/** The Linux kernel as the peer: its sockets and curl on one side, ours on the other, through a TUN device. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import http from 'node:http';
import kernelNet, { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNet } from '../../src/node/net.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import type { TcpConfig } from '../../src/tcp/config.ts';
import { octets } from '../world/data.ts';
import { KERNEL, type Kernel, lacking, meetKernel, OURS } from './device.ts';

const missing = lacking('curl', 'ping');
if (missing !== '') process.stderr.write(`SKIPPED: the kernel cannot be met here for want of ${missing}\n`);

const SIZE = 4 * 1024 * 1024;

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Everything that the kernel's socket receives. By events: an iterator would destroy the socket, and what it still sends, at the end. */
function all(socket: kernelNet.Socket): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('end', () => resolve(Buffer.concat(parts)));
    socket.on('error', reject);
  });
}

/** Sends all and then a FIN, and answers what came; our side. */
async function exchange(socket: TcpSocket, mine: Uint8Array): Promise<string> {
  const writing = socket.write(mine).then(() => socket.end());
  const hash = createHash('sha256');
  for await (const chunk of socket) hash.update(chunk);
  await writing;
  return hash.digest('hex');
}

describe.skipIf(missing !== '')('the Linux kernel as the peer', () => {
  let kernel: Kernel;
  const there = octets(SIZE, 1);
  const back = octets(SIZE, 2);

  beforeAll(async () => {
    kernel = await meetKernel();
  });
  afterAll(() => kernel.close());

  test('it connects: 4 MiB each way at once, and a half-close', async () => {
    const listener = kernel.host.listen({ port: 7000 });
    const ours = listener.accept().then((socket) => exchange(socket as TcpSocket, back));
    const socket = kernelNet.connect({ host: OURS, port: 7000, allowHalfOpen: true });
    socket.end(there);
    expect(sha(await all(socket))).toBe(sha(back));
    expect(await ours).toBe(sha(there));
    listener.close();
  });

  test('it listens: 4 MiB each way at once', async () => {
    const server = kernelNet.createServer({ allowHalfOpen: true });
    const theirs = new Promise<string>((resolve) => {
      server.on('connection', (socket) => {
        socket.end(back);
        void all(socket).then((bytes) => resolve(sha(bytes)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, KERNEL, resolve));
    const { port } = server.address() as AddressInfo;
    const socket = kernel.host.connect({ address: KERNEL, port });
    expect(await exchange(socket, there)).toBe(sha(back));
    expect(await theirs).toBe(sha(there));
    await socket.closed;
    server.close();
  });

  test.each([
    ['with timestamps: window scale and SACK', true],
    ['without timestamps: neither', false],
  ])('it connects to who gives nothing but SYN cookies, %s; 1 MiB each way', async (_name, timestamps) => {
    const config: TcpConfig = { ...kernel.host.stack.config, synCookies: 'always', timestamps };
    const listener = kernel.host.listen({ port: 7004, config });
    const before = kernel.host.counters();
    const small = there.subarray(0, 1024 * 1024);
    const accepted = listener.accept() as Promise<TcpSocket>;
    const socket = kernelNet.connect({ host: OURS, port: 7004, allowHalfOpen: true });
    socket.end(small);
    const whole = all(socket);
    const ours = await accepted;
    const { options, snd } = ours.info();
    expect(options).toMatchObject({ timestamps, windowScale: timestamps, sack: timestamps });
    expect(snd.mss).toBe(timestamps ? 1448 : 1460);
    expect(await exchange(ours, small)).toBe(sha(small));
    expect(sha(await whole)).toBe(sha(small));
    const { cookiesSent, cookiesReceived, cookiesFailed } = kernel.host.counters();
    expect(cookiesSent).toBeGreaterThan(before.cookiesSent);
    expect(cookiesReceived).toBe(before.cookiesReceived + 1);
    expect(cookiesFailed).toBe(0);
    listener.close();
  });

  test('a port where nobody listens, each way', async () => {
    const theirs = new Promise<string | undefined>((resolve) => {
      kernelNet.connect(7001, OURS).on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(await theirs).toBe('ECONNREFUSED');
    const ours = kernel.host.connect({ address: KERNEL, port: 1 });
    await expect(ours.opened).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a reset, each way', async () => {
    const listener = kernel.host.listen({ port: 7002 });
    const first = kernelNet.connect(7002, OURS);
    (await listener.accept())?.abort();
    const code = await new Promise((resolve) => {
      first.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(code).toBe('ECONNRESET');
    const second = kernelNet.connect(7002, OURS);
    const ours = await listener.accept();
    second.resetAndDestroy();
    await expect(ours?.closed).rejects.toMatchObject({ code: 'ECONNRESET' });
    listener.close();
  });

  test('curl fetches from node:http on our sockets', async () => {
    const net = createNet(kernel.host);
    const web = http.createServer((_request, response) => response.end(there));
    const server = net.createServer((socket) => web.emit('connection', socket));
    await new Promise<void>((resolve) => server.listen(80, resolve));
    const fetched = await new Promise<Uint8Array>((resolve) => {
      const args = ['--silent', '--noproxy', '*', '--max-time', '8', `http://${OURS}/`];
      execFile('curl', args, { encoding: 'buffer', maxBuffer: 2 * SIZE }, (_error, stdout) => resolve(stdout));
    });
    expect(sha(fetched)).toBe(sha(there));
    await new Promise((done) => server.close(done));
  });

  test('200 connections one after another leave nothing but TIME-WAIT', async () => {
    const listener = kernel.host.listen({ port: 7003 });
    listener.onConnection = (socket) => {
      socket.handler = {
        ended: () => socket.end(),
      };
    };
    for (let i = 0; i < 200; i++) {
      await new Promise<void>((resolve, reject) => {
        const socket = kernelNet.connect(7003, OURS, () => socket.end());
        socket.resume().on('close', () => resolve());
        socket.on('error', reject);
      });
    }
    listener.close();
    const states = [...kernel.host.stack.connections(0)].map(({ info }) => info.state);
    expect(states.filter((state) => state !== 'TIME-WAIT' && state !== 'LAST-ACK')).toEqual([]);
  });
});
