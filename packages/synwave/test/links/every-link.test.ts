/** One suite that every link passes: delivery, order, size, close, counters, and a transfer between two hosts. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { HEAD_ROOM } from '../../src/link/link.ts';
import { createHost } from '../../src/node/index.ts';
import { octets } from '../world/data.ts';
import { type End, kinds, type Pair } from './pairs.ts';

/** An IPv4 packet of `size` octets, of a protocol that nobody knows, in an Ethernet frame where the link has them. */
function packetFor(to: End, from: End, size: number, number: number): Frame {
  const ethernet = from.mac === undefined ? 0 : 14;
  const frame = new Frame(HEAD_ROOM + ethernet + size);
  frame.at = HEAD_ROOM;
  frame.end = HEAD_ROOM + ethernet + size;
  const { view, at, bytes } = frame;
  bytes.set(octets(size, number), at + ethernet);
  if (ethernet > 0) {
    writeMac(view, at, to.mac ?? 0);
    writeMac(view, at + 6, from.mac ?? 0);
    view.setUint16(at + 12, 0x0800);
  }
  const ip = at + ethernet;
  view.setUint32(ip, 0x4500_0000 | size);
  view.setUint32(ip + 4, 0x4000);
  view.setUint32(ip + 8, 0x40fd_0000);
  view.setUint32(ip + 12, 0x0a00_0001);
  view.setUint32(ip + 16, 0x0a00_0002);
  if (size >= 24) view.setUint32(ip + 20, number);
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += view.getUint16(ip + i);
  view.setUint16(ip + 10, ~((sum >>> 16) + (sum & 0xffff)) & 0xffff);
  return frame;
}

function writeMac(view: DataView, at: number, mac: number): void {
  view.setUint16(at, Math.floor(mac / 2 ** 32));
  view.setUint32(at + 2, mac % 2 ** 32);
}

/** Collects what arrives; of our own packets alone, for a kernel says things of its own. */
function hearing(end: End): Uint8Array[] {
  const heard: Uint8Array[] = [];
  end.attach({
    frameArrives: (frame) => {
      const ip = frame.at + (end.mac === undefined ? 0 : 14);
      if (frame.end - ip >= 20 && frame.bytes[ip + 9] === 0xfd) heard.push(frame.copy());
    },
    framesWait: () => setImmediate(() => end.deliver?.()),
  });
  return heard;
}

function countersOf(end: End): NonNullable<End['counters']> {
  if (end.counters === undefined) throw new Error(`${end.name} does not count`);
  return end.counters;
}

for (const { name, lacking } of kinds) {
  if (lacking !== '') process.stderr.write(`SKIPPED: the link "${name}" cannot be had here for want of ${lacking}\n`);
}

describe.each(kinds)('$name', ({ make, lacking, counts }) => {
  let pair: Pair;
  let a: End;
  let b: End;
  beforeEach(async () => {
    if (lacking !== '') return;
    pair = await make();
    [a, b] = pair.ends;
  });
  afterEach(async () => {
    if (lacking === '') await pair.end();
  });
  const here = test.skipIf(lacking !== '');
  const counted = counts ? here : (): void => undefined;

  here('carries packets both ways, octet by octet', async () => {
    const [atA, atB] = [hearing(a), hearing(b)];
    const there = packetFor(b, a, 700, 1);
    const back = packetFor(a, b, 20, 2);
    const wanted = [there.copy(), back.copy()];
    a.send(there);
    b.send(back);
    await expect.poll(() => [atB[0], atA[0]]).toEqual(wanted);
  });

  here('keeps their order', async () => {
    const heard = hearing(b);
    hearing(a);
    for (let i = 0; i < 400; i++) {
      a.send(packetFor(b, a, 200 + (i % 7), i));
      if (i % 40 === 39) await sleep(2);
    }
    await expect.poll(() => heard.length).toBe(400);
    const at = b.mac === undefined ? 20 : 34;
    expect(heard.map((packet) => new DataView(packet.buffer).getUint32(at))).toEqual(heard.map((_, i) => i));
  });

  here('takes what its MTU says', async () => {
    const heard = hearing(b);
    hearing(a);
    const largest = packetFor(b, a, a.mtu, 3);
    const wanted = largest.copy();
    a.send(largest);
    await expect.poll(() => heard.length).toBe(1);
    expect(heard[0]).toEqual(wanted);
  });

  counted('drops and counts what is larger', async () => {
    const heard = hearing(b);
    hearing(a);
    const { dropped } = countersOf(a);
    a.send(packetFor(b, a, a.mtu + 100, 4));
    a.send(packetFor(b, a, 100, 5));
    await expect.poll(() => heard.length).toBe(1);
    expect(countersOf(a).dropped).toBe(dropped + 1);
  });

  counted('counts what it carries', async () => {
    const heard = hearing(b);
    hearing(a);
    const before = [countersOf(a).sent, countersOf(b).received];
    for (let i = 0; i < 10; i++) a.send(packetFor(b, a, 100, i));
    await expect.poll(() => heard.length).toBe(10);
    expect(countersOf(a).sent - (before[0] ?? 0)).toBeGreaterThanOrEqual(10);
    expect(countersOf(b).received - (before[1] ?? 0)).toBeGreaterThanOrEqual(10);
  });

  counted('drops and counts when it is closed, and can be closed again', () => {
    a.close?.();
    const { dropped, sent } = countersOf(a);
    for (let i = 0; i < 3; i++) a.send(packetFor(b, a, 100, i));
    a.close?.();
    expect(countersOf(a)).toMatchObject({ dropped: dropped + 3, sent });
    b.send(packetFor(a, b, 100, 9)); // whose other end is gone: nothing is thrown
  });

  here('300 KB each way between two hosts', async () => {
    const hosts = [a, b].map((end, i) => {
      const host = createHost({ seed: i });
      host.attach(end, [`10.66.0.${i + 1}/24`]);
      return host;
    });
    const [near, far] = hosts as [(typeof hosts)[0], (typeof hosts)[0]];
    const data = octets(300_000, 5);
    const listener = far.listen({ port: 80 });
    const serve = async (): Promise<void> => {
      const accepted = await listener.accept();
      if (accepted === null) return;
      for await (const chunk of accepted) await accepted.write(chunk);
      accepted.end();
    };
    const echo = serve();
    const socket = near.connect({ address: '10.66.0.2', port: 80 });
    const writing = socket.write(data).then(() => socket.end());
    const hash = createHash('sha256');
    for await (const chunk of socket) hash.update(chunk);
    await Promise.all([writing, echo]);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'));
    listener.close();
    for (const host of hosts) host.crash();
  });
});
