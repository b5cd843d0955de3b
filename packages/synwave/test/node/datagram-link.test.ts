/** DatagramLink: hosts that find each other over UDP sockets of the kernel, on 127.0.0.1. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { createHost, type DatagramLink, type DatagramLinkOptions, datagramLink } from '../../src/node/index.ts';
import { createNet, type SynwaveNet } from '../../src/node/net.ts';

const links: DatagramLink[] = [];

afterEach(() => {
  for (const link of links.splice(0)) link.close();
});

async function linkOf(options: DatagramLinkOptions): Promise<DatagramLink> {
  const link = await datagramLink(options);
  links.push(link);
  return link;
}

function hostOn(link: DatagramLink, address: string): SynwaveNet {
  const host = createHost();
  host.attach(link, [address]);
  return createNet(host);
}

/** A listening end, and the options of those that send there. */
async function meeting(mtu?: number): Promise<{ server: DatagramLink; client: DatagramLinkOptions }> {
  const size = mtu === undefined ? {} : { mtu };
  const server = await linkOf({ listen: { port: 0 }, ...size });
  return { server, client: { peer: server.local, ...size } };
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

describe('a link over UDP', () => {
  test('several hosts find the one that listens, and their own answers come back', async () => {
    const { server, client } = await meeting();
    const listening = hostOn(server, '10.7.0.1/16').createServer({ allowHalfOpen: true }, (socket) => {
      socket.pipe(socket);
    });
    listening.listen(7, '10.7.0.1');
    await once(listening, 'listening');
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(100_000));
    const echoed = await Promise.all(
      texts.map(async (text, i) => {
        const socket = hostOn(await linkOf(client), `10.7.1.${i + 1}/16`).connect(7, '10.7.0.1');
        socket.end(text);
        return textOf(socket);
      }),
    );
    expect(echoed).toEqual(texts);
    expect(server.counters).toMatchObject({ dropped: 0, errors: 0 });
    expect(server.counters.received).toBeGreaterThan(3 * (100_000 / 1460));
    listening.close();
  });

  test('IPv6 inside as well, and packets up to the MTU that is asked for', async () => {
    const { server, client } = await meeting(9000);
    const listening = hostOn(server, 'fd00::1/64').createServer((socket) => socket.end('x'.repeat(50_000)));
    listening.listen(7, 'fd00::1');
    await once(listening, 'listening');
    const link = await linkOf(client);
    const socket = hostOn(link, 'fd00::2/64').connect(7, 'fd00::1');
    expect((await textOf(socket)).length).toBe(50_000);
    expect(link.counters.received).toBeLessThan(20); // 50,000 octets in segments of nearly 9,000
    listening.close();
  });

  test('nobody at the peer: the kernel says so, and it is counted', async () => {
    const free = await datagramLink({ listen: { port: 0 } });
    const peer = free.local;
    free.close();
    await new Promise(setImmediate);
    const codes: (string | undefined)[] = [];
    const told = new Promise<void>((resolve) => {
      void linkOf({
        peer,
        onError: ({ code }) => {
          codes.push(code);
          resolve();
        },
      }).then((link) => link.send(packet(4)));
    });
    await told;
    expect(codes).toEqual(['ECONNREFUSED']);
    expect(links[0]?.counters).toMatchObject({ errors: 1 });
  });

  test('drops and counts what it cannot carry', async () => {
    const { server } = await meeting();
    server.send(packet(4)); // nobody has been heard of
    server.send(Frame.from(new Uint8Array(1501).fill(0x45)));
    server.send(Frame.from(new Uint8Array(3)));
    expect(server.counters).toEqual({ sent: 0, received: 0, dropped: 3, errors: 0 });

    const taken: number[] = [];
    const arrived = new Promise<void>((resolve) => {
      server.attach({
        frameArrives: (frame) => {
          taken.push(frame.length);
          resolve();
        },
        framesWait: () => undefined,
      });
    });
    const noise = createSocket('udp4');
    const { address, port } = server.local;
    for (const octets of ['', 'no packet at all, but long enough', new Uint8Array(1501).fill(0x45)]) {
      noise.send(octets, port, address);
    }
    noise.send(packet(6).copy(), port, address);
    await arrived;
    noise.close();
    expect(taken).toEqual([40]);
    expect(server.counters).toMatchObject({ received: 1, dropped: 6 });
  });

  test('a host that moves to another UDP socket is found there', async () => {
    const { server, client } = await meeting();
    server.attach({ frameArrives: () => undefined, framesWait: () => undefined });
    for (let i = 0; i < 2; i++) {
      const link = await linkOf(client);
      const answered = new Promise<void>((resolve) => {
        link.attach({ frameArrives: () => resolve(), framesWait: () => undefined });
      });
      link.send(packet(4));
      while (server.counters.received <= i) await new Promise(setImmediate);
      server.send(packet(4)); // its source and its destination are one address
      await answered;
      link.close();
    }
    expect(server.counters.dropped).toBe(0);
  });

  test('refuses an MTU that makes no sense, a port that is taken, and is closed once', async () => {
    await expect(datagramLink({ listen: { port: 0 }, mtu: 65_508 })).rejects.toThrow(RangeError);
    await expect(datagramLink({ listen: { port: 0 }, mtu: 20 })).rejects.toThrow(RangeError);
    const { server } = await meeting();
    await expect(datagramLink({ listen: server.local })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    server.close();
    server.close();
    server.send(packet(4));
    expect(server.counters.dropped).toBe(1);
  });
});

/** The header of a packet from 10.7.0.9 to itself, or from :: to ::. */
function packet(version: 4 | 6): Frame {
  const octets = new Uint8Array(version === 4 ? 20 : 40);
  octets[0] = version << 4;
  if (version === 4) octets.set([10, 7, 0, 9, 10, 7, 0, 9], 12);
  return Frame.from(octets);
}
