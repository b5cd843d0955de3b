/** The Linux kernel as the peer, over each family: its sockets, curl and ping on one side, ours on the other, through a TUN device. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import kernelDgram from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import kernelNet, { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { createDgram } from '../../src/node/dgram.ts';
import { createNet } from '../../src/node/net.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import type { TcpConfig } from '../../src/tcp/config.ts';
import { octets } from '../world/data.ts';
import { DEVICE, KERNEL, type Kernel, lacking, meetKernel, OURS, SIX } from './device.ts';

const missing = lacking('curl', 'ping');
if (missing !== '') process.stderr.write(`SKIPPED: the kernel cannot be met here for want of ${missing}\n`);

if (missing === '' && !SIX)
  process.stderr.write('SKIPPED: this kernel gives devices no IPv6, so it is met over IPv4 alone\n');

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

/** Runs a program; what it prints. */
function run(program: string, ...args: string[]): Promise<Buffer> {
  return new Promise((resolve) => {
    execFile(program, args, { encoding: 'buffer', maxBuffer: 2 * SIZE }, (_error, stdout) => resolve(stdout));
  });
}

describe.skipIf(missing !== '')('the Linux kernel as the peer', () => {
  let kernel: Kernel;
  const there = octets(SIZE, 1);
  const back = octets(SIZE, 2);

  beforeAll(async () => {
    kernel = await meetKernel();
  });
  afterAll(() => kernel.close());

  describe.each<Family>(SIX ? [4, 6] : [4])('over IPv%i', (family) => {
    const here = OURS[family];
    const kernels = KERNEL[family];

    test('it connects: 4 MiB each way at once, and a half-close', async () => {
      const listener = kernel.host.listen({ port: 7000 });
      const ours = listener.accept().then((socket) => exchange(socket as TcpSocket, back));
      const socket = kernelNet.connect({ host: here, port: 7000, allowHalfOpen: true });
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
      await new Promise<void>((resolve) => server.listen(0, kernels, resolve));
      const { port } = server.address() as AddressInfo;
      const socket = kernel.host.connect({ address: kernels, port });
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
      const socket = kernelNet.connect({ host: here, port: 7004, allowHalfOpen: true });
      socket.end(small);
      const whole = all(socket);
      const ours = await accepted;
      const { options, snd } = ours.info();
      expect(options).toMatchObject({ timestamps, windowScale: timestamps, sack: timestamps });
      expect(snd.mss).toBe((family === 4 ? 1460 : 1440) - (timestamps ? 12 : 0));
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
        kernelNet.connect(7001, here).on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      expect(await theirs).toBe('ECONNREFUSED');
      const ours = kernel.host.connect({ address: kernels, port: 1 });
      await expect(ours.opened).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    });

    test('a reset, each way', async () => {
      const listener = kernel.host.listen({ port: 7002 });
      const first = kernelNet.connect(7002, here);
      (await listener.accept())?.abort();
      const code = await new Promise((resolve) => {
        first.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      expect(code).toBe('ECONNRESET');
      const second = kernelNet.connect(7002, here);
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
      const url = family === 4 ? `http://${here}/` : `http://[${here}]/`;
      const fetched = await run('curl', `-${family}`, '--silent', '--noproxy', '*', '--max-time', '8', url);
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
          const socket = kernelNet.connect(7003, here, () => socket.end());
          socket.resume().on('close', () => resolve());
          socket.on('error', reject);
        });
      }
      listener.close();
      const states = [...kernel.host.stack.connections(0)].map(({ info }) => info.state);
      expect(states.filter((state) => state !== 'TIME-WAIT' && state !== 'LAST-ACK')).toEqual([]);
    });

    test('ping, each way, with 1000 octets', async () => {
      const heard = await run('ping', `-${family}`, '-c', '3', '-i', '0.2', '-s', '1000', '-W', '2', here);
      expect(String(heard)).toContain('3 packets transmitted, 3 received, 0% packet loss');
      const answer = await kernel.host.ping(kernels, { size: 1000 });
      expect(answer).toMatchObject({ type: 'reply', from: kernels, size: 1008, ttl: 64 });
    });

    test('datagrams there and back, each way', async () => {
      const echo = kernel.host.udp({ port: 7004 });
      echo.handler = {
        readable: () => {
          for (let m = echo.tryReceive(); m !== null; m = echo.tryReceive()) echo.send(m.octets, m.address, m.port);
        },
      };
      const asking = kernelDgram.createSocket(`udp${family}`);
      asking.send(there.subarray(0, 1400), 7004, here);
      const [answer, from] = (await once(asking, 'message')) as [Uint8Array, AddressInfo];
      expect([sha(answer), from.address]).toEqual([sha(there.subarray(0, 1400)), here]);
      asking.close();
      echo.close();

      const serving = kernelDgram.createSocket(`udp${family}`).bind(0, kernels);
      await once(serving, 'listening');
      serving.on('message', (text, { port, address }) => serving.send(text, port, address));
      const mine = kernel.host.udp();
      mine.send(back.subarray(0, 1400), kernels, serving.address().port);
      const message = await mine.receive();
      expect([sha(message?.octets ?? new Uint8Array(0)), message?.address]).toEqual([
        sha(back.subarray(0, 1400)),
        kernels,
      ]);
      mine.close();
      serving.close();
    });

    test('a datagram to a port where nobody is: ICMP port unreachable, each way', async () => {
      const theirs = kernelDgram.createSocket(`udp${family}`);
      theirs.connect(7005, here);
      await once(theirs, 'connect');
      const refused = once(theirs, 'error').catch((error: unknown) => [error]);
      theirs.send('x');
      expect(await refused).toMatchObject([{ code: 'ECONNREFUSED', syscall: 'recvmsg' }]);
      theirs.close();
      const mine = kernel.host.udp();
      mine.connect(kernels, 1);
      mine.send(new Uint8Array(1));
      await expect(mine.receive()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      mine.close();
    });
  });

  // What node:net says of a zone is the oracle for what ours does: the kernel is asked over the same device.
  describe.skipIf(!SIX)('by addresses of the link', () => {
    test('the kernel connects: both ends show the zone', async () => {
      const net = createNet(kernel.host);
      const server = net.createServer().listen(7010, `${OURS.link}%tun7`);
      await once(server, 'listening');
      const accepted = once(server, 'connection') as Promise<[kernelNet.Socket]>;
      const theirs = kernelNet.connect(7010, `${OURS.link}%${DEVICE}`);
      await once(theirs, 'connect');
      const [ours] = await accepted;
      expect([theirs.localAddress, theirs.remoteAddress]).toEqual([
        `${KERNEL.link}%${DEVICE}`,
        `${OURS.link}%${DEVICE}`,
      ]);
      expect([ours.localAddress, ours.remoteAddress]).toEqual([`${OURS.link}%tun7`, `${KERNEL.link}%tun7`]);
      theirs.destroy();
      ours.destroy();
      server.close();
    });

    test('the kernel listens: both ends show the zone, and so does where it listens', async () => {
      const server = kernelNet.createServer().listen(0, `${KERNEL.link}%${DEVICE}`);
      await once(server, 'listening');
      const { port, address } = server.address() as AddressInfo;
      const accepted = once(server, 'connection') as Promise<[kernelNet.Socket]>;
      const localAddress = `${OURS.link}%tun7`;
      const ours = createNet(kernel.host).connect({ port, host: `${KERNEL.link}%tun7`, localAddress });
      await once(ours, 'connect');
      const [theirs] = await accepted;
      expect(address).toBe(`${KERNEL.link}%${DEVICE}`);
      expect([theirs.localAddress, theirs.remoteAddress]).toEqual([
        `${KERNEL.link}%${DEVICE}`,
        `${OURS.link}%${DEVICE}`,
      ]);
      expect([ours.localAddress, ours.remoteAddress]).toEqual([`${OURS.link}%tun7`, `${KERNEL.link}%tun7`]);
      ours.destroy();
      theirs.destroy();
      server.close();
    });

    test.each(['net', 'dgram'] as const)('%s: an address without its zone is refused alike', async (which) => {
      const told = async (module: typeof kernelNet): Promise<string> => {
        const [error] = (await once(module.connect(7010, OURS.link), 'error')) as [Error];
        return error.message;
      };
      const toldBy = async (module: Pick<typeof kernelDgram, 'createSocket'>): Promise<string> => {
        const socket = module.createSocket('udp6').bind(7010, KERNEL.link);
        const [error] = (await once(socket, 'error')) as [Error];
        socket.close();
        return error.message;
      };
      // From Node.js 22 on libuv guesses a zone for a connection.
      const refused = `connect EINVAL ${OURS.link}:7010 - Local (:::0)`;
      const guesses = Number.parseInt(process.versions.node, 10) >= 22;
      if (which === 'net') {
        const theirs = guesses ? refused : await told(kernelNet);
        expect(await told(createNet(kernel.host) as never)).toBe(theirs);
      } else expect(await toldBy(createDgram(kernel.host))).toBe(await toldBy(kernelDgram));
    });

    test('datagrams: who sent is shown with the zone', async () => {
      const ours = createDgram(kernel.host).createSocket('udp6').bind(7011, `${OURS.link}%tun7`);
      await once(ours, 'listening');
      ours.on('message', (text, { port, address }) => ours.send(`${address} said ${text.toString()}`, port, address));
      const theirs = kernelDgram.createSocket('udp6');
      theirs.send('hi', 7011, `${OURS.link}%${DEVICE}`);
      const [text, from] = (await once(theirs, 'message')) as [Buffer, AddressInfo];
      expect([String(text), from.address]).toEqual([`${KERNEL.link}%tun7 said hi`, `${OURS.link}%${DEVICE}`]);
      ours.close();
      theirs.close();
    });
  });
});
