/** Captures of a world's cables: each packet once, where it ends, on the interface of its cable. */
import { expect, test } from 'vitest';
import { MILLISECOND } from '../../src/base/time.ts';
import { PcapngWriter } from '../../src/capture/pcapng-write.ts';
import { readCapture } from '../../src/capture/read.ts';
import { LinkType } from '../../src/capture/record.ts';
import { record, world } from '../../src/sim/index.ts';

test('what arrives, what is lost and why, on cables of both kinds, until it is stopped', async () => {
  const w = world();
  const [a, b, c] = [w.host('a'), w.host('b'), w.host('c')];
  const raw = w.cable(a, b, { delay: MILLISECOND });
  const ethernet = w.cable(b, c, { ethernet: true, delay: 2 * MILLISECOND });
  const parts: Uint8Array[] = [];
  const stop = record(new PcapngWriter({ sink: (part) => parts.push(part) }), [raw, ethernet]);
  await w.runFor(5_000_000); // announcements on Ethernet
  const before = [...readCapture(Buffer.concat(parts)).packets].length;
  const start = w.now;
  await w.run(() => a.ping('10.0.0.2'));
  await w.run(() => b.ping('10.0.1.2'));
  raw.set({ loss: 1 });
  await w.run(() => a.ping('10.0.0.2'));
  stop();
  raw.set({ loss: 0 });
  await w.run(() => a.ping('10.0.0.2'));

  const { interfaces, packets } = readCapture(Buffer.concat(parts));
  expect(interfaces).toMatchObject([
    { name: 'a-b', linkType: LinkType.Raw },
    { name: 'b-c', linkType: LinkType.Ethernet },
  ]);
  const told = [...packets]
    .slice(before)
    .map(({ interfaceId, time, data, comment }) => [
      interfaceId,
      Number(time) / 1_000_000 - start / MILLISECOND,
      data.length,
      comment,
    ]);
  const arp = 42;
  expect(told).toEqual([
    [0, 1, 84, null],
    [0, 2, 84, null],
    [1, 4, arp, null],
    [1, 6, arp, null],
    [1, 8, 98, null],
    [1, 10, 98, null],
    [0, 10, 84, 'lost on the cable: loss'],
  ]);
});
