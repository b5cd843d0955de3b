/** synwave/stream beyond what every link does: frames as QEMU writes them, lengths that make no sense, sockets left behind, calling again. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { FrameReader, MalformedLength } from '../../src/node/stream/frame-reader.ts';
import { type LinkError, type StreamLink, type StreamOptions, streamLink } from '../../src/node/stream/index.ts';
import { Peer } from '../kernel/namespace.ts';
import { octets } from '../world/data.ts';

let folder: string;
let path: string;
let links: StreamLink[];
let errors: string[];
let changes: boolean[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'synwave-stream-'));
  path = join(folder, 'socket');
  [links, errors, changes] = [[], [], []];
});

afterEach(() => {
  for (const link of links) link.close();
  rmSync(folder, { recursive: true });
});

async function open(options: Partial<StreamOptions>): Promise<StreamLink> {
  const [told, said, within] = [changes, errors, folder]; // a link may be closed when the next test has begun
  const link = await streamLink({
    path,
    onChange: (connected) => told.push(connected),
    onError: (error: LinkError) => said.push(error.message.replaceAll(within, '')),
    ...options,
  });
  links.push(link);
  return link;
}

function framed(...packets: Uint8Array[]): Buffer {
  return Buffer.concat(
    packets.flatMap((packet) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(packet.length);
      return [length, packet];
    }),
  );
}

function hearing(link: StreamLink): Uint8Array[] {
  const heard: Uint8Array[] = [];
  link.attach({ frameArrives: (frame) => heard.push(frame.copy()), framesWait: () => undefined });
  return heard;
}

async function dial(): Promise<Socket> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('FrameReader', () => {
  const packets = [octets(1, 1), octets(1500, 2), octets(69_632, 3), octets(4, 4)];

  test.each([1, 2, 3, 5, 1499, 70_000, 1 << 20])('packets whole, from chunks of %i octets', (size) => {
    const heard: Uint8Array[] = [];
    const reader = new FrameReader((packet) => heard.push(Uint8Array.from(packet)));
    const all = framed(...packets);
    const from = size < 10 ? all.subarray(0, 1600) : all;
    for (let at = 0; at < from.length; at += size) reader.push(from.subarray(at, at + size));
    expect(heard).toEqual(size < 10 ? packets.slice(0, 2) : packets);
  });

  test.each([0, 69_633, 0x8000_0000, 0xffff_ffff])('refuses a length of %i', (length) => {
    const reader = new FrameReader(() => undefined);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    expect(() => reader.push(bytes)).toThrow(MalformedLength);
  });
});

describe('an end that listens', () => {
  test('hangs up on who announces nonsense, says so, and takes the next caller', async () => {
    const link = await open({ listen: true });
    const heard = hearing(link);
    const first = await dial();
    first.write(framed(octets(60, 1)));
    first.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await once(first, 'close');
    expect(errors).toEqual([
      'stream /socket: a packet of 1195725856 octets is announced, where 1 to 69632 are possible: the other end is hung up on',
    ]);
    expect(link.counters).toMatchObject({ received: 1, malformed: 1 });
    await expect.poll(() => link.connected).toBe(false);
    const second = await dial();
    second.write(framed(octets(70, 2)));
    await expect.poll(() => heard).toEqual([octets(60, 1), octets(70, 2)]);
    expect(changes).toEqual([true, false, true]);
    second.destroy();
  });

  test('refuses a second caller while there is a first', async () => {
    const link = await open({ listen: true });
    const first = await dial();
    await expect.poll(() => link.connected).toBe(true);
    const second = await dial();
    await once(second, 'close');
    expect(errors).toEqual(['stream /socket: a second caller is refused, the link has one other end']);
    expect(link.connected).toBe(true);
    first.destroy();
  });

  test('drops a packet that is longer than its MTU, and goes on', async () => {
    const link = await open({ listen: true, mtu: 576 });
    const heard = hearing(link);
    const caller = await dial();
    caller.write(framed(octets(577, 1), octets(576, 2)));
    await expect.poll(() => heard).toEqual([octets(576, 2)]);
    expect(link.counters).toMatchObject({ received: 1, dropped: 1 });
    caller.destroy();
  });

  test('takes the place of one that was killed, not of one that lives', async () => {
    const killed = new Peer('listener', [path]);
    expect(await killed.line()).toBe('listens');
    await expect(streamLink({ path, listen: true })).rejects.toThrow(
      `cannot listen on ${path} (EADDRINUSE): another process listens there`,
    );
    killed.child.kill('SIGKILL');
    await killed.ended();
    expect(existsSync(path)).toBe(true);
    const link = await open({ listen: true });
    const caller = await dial();
    await expect.poll(() => link.connected).toBe(true);
    caller.destroy();
  });

  test('nothing remains of its socket when it is closed', async () => {
    (await open({ listen: true })).close();
    await expect.poll(() => existsSync(path)).toBe(false);
  });
});

describe('an end that calls', () => {
  let server: Server;
  let sockets: Socket[];

  async function serve(): Promise<void> {
    sockets = [];
    server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    server.listen(path);
    await once(server, 'listening');
  }

  async function stop(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }

  test('calls again when the other end is gone; what is sent meanwhile is dropped and counted', async () => {
    await serve();
    const link = await open({});
    await stop();
    await expect.poll(() => link.connected).toBe(false);
    link.send(Frame.from(octets(60, 1)));
    expect(link.counters.dropped).toBe(1);
    await serve();
    await expect.poll(() => link.connected, { timeout: 5000 }).toBe(true);
    expect(link.counters.connects).toBe(2);
    expect(changes).toEqual([true, false, true]);
    link.close();
    await stop();
  }, 10_000);

  test('does not, with reconnect false', async () => {
    await serve();
    const link = await open({ reconnect: false });
    await expect.poll(() => sockets.length).toBe(1);
    sockets[0]?.destroy();
    await expect.poll(() => link.connected).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(link.counters.connects).toBe(1);
    await stop();
  });

  test('drops and counts what does not fit behind a reader that is slow', async () => {
    await serve();
    const link = await open({ bound: 20_000 });
    await expect.poll(() => sockets.length).toBe(1);
    sockets[0]?.pause();
    for (let i = 0; i < 2000; i++) {
      link.send(Frame.from(octets(1500, i)));
      if (i % 100 === 0) await new Promise(setImmediate);
    }
    const { sent, crowded } = link.counters;
    expect(crowded).toBeGreaterThan(0);
    expect(sent + crowded).toBe(2000);
    // Those that did get in are whole.
    const heard: Uint8Array[] = [];
    const reader = new FrameReader((packet) => heard.push(Uint8Array.from(packet)));
    sockets[0]?.on('data', (chunk: Buffer) => reader.push(chunk));
    sockets[0]?.resume();
    await expect.poll(() => heard.length, { timeout: 5000 }).toBe(sent);
    expect(heard.every(({ length }) => length === 1500)).toBe(true);
    link.close();
    await stop();
  }, 10_000);
});

describe('what is wrong is told in a line', () => {
  test.each<[string, () => StreamOptions, string | RegExp]>([
    [
      'nobody there',
      () => ({ path }),
      /cannot connect to .*socket \(ENOENT\): nobody listens there: there is no such file$/,
    ],
    [
      'no folder',
      () => ({ path: join(path, 'x', 'y'), listen: true }),
      /^cannot listen on .*y \(EACCES\): there is no such directory$/,
    ],
    ['nobody at the port', () => ({ port: 1 }), 'cannot connect to 127.0.0.1:1 (ECONNREFUSED): nobody listens there'],
    ['both', () => ({ path, port: 1 }), 'a stream link has a path or a port, and not both'],
    ['neither', () => ({}), 'a stream link has a path or a port, and not both'],
    ['a group', () => ({ path, mac: '01:00:5e:00:00:01' }), 'MAC address 01:00:5e:00:00:01'],
    ['no MAC address', () => ({ path, mac: 'x' }), 'MAC address x'],
  ])('%s', async (_name, options, message) => {
    await expect(streamLink(options())).rejects.toThrow(message);
  });

  test('a file that is no socket, which stays as it is', async () => {
    writeFileSync(path, 'precious');
    await expect(streamLink({ path })).rejects.toThrow(/\(ECONNREFUSED\): it is no socket$/);
    await expect(streamLink({ path, listen: true })).rejects.toThrow(/\(EADDRINUSE\): it is no socket$/);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });
});
