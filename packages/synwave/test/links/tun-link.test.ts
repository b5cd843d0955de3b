/** TunLink over calls that the test answers: batches and the programs' turns between them, headers, a device that is gone. */
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { setImmediate as pass } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import type { LinkError } from '../../src/link/link-error.ts';
import type { Calls } from '../../src/node/tun/native.ts';
import { TunLink } from '../../src/node/tun/tun-link.ts';

/** A device whose reads and writes the test answers; its descriptor is one of /dev/null. */
class Played implements Calls {
  /** Octets of the packets that wait to be read. */
  arrivals: number[] = [];
  /** What `write` answers with: octets taken, or an errno. */
  full = 0;
  readonly written: Uint8Array[] = [];
  watched = false;
  closed = false;
  failure: number = constants.errno.EAGAIN;
  ready: () => void = () => undefined;
  private last = 0;

  ioctl(): number {
    return 0;
  }

  ioctlNumber(): number {
    return 0;
  }

  read(_fd: number, into: Uint8Array): number {
    const n = this.arrivals.shift();
    if (n === undefined) {
      this.last = this.failure;
      return -1;
    }
    into.fill(0, 0, n);
    return n;
  }

  write(_fd: number, from: Uint8Array, count: number): number {
    if (this.full !== 0) {
      this.last = this.full;
      return -1;
    }
    this.written.push(from.slice(0, count));
    return count;
  }

  errno(): number {
    return this.last;
  }

  poll(_fd: number, ready: () => void): ReturnType<Calls['poll']> {
    this.ready = ready;
    return {
      watch: (writable) => {
        this.watched = writable;
      },
      close: () => {
        this.closed = true;
      },
    };
  }
}

let calls: Played;
let link: TunLink;
let ends: LinkError[];
let sizes: number[];

function opened(vnet: boolean): TunLink {
  calls = new Played();
  ends = [];
  sizes = [];
  const fd = openSync('/dev/null', 'r+');
  const made = new TunLink(calls, { fd, name: 'played0' }, { mtu: 1500, mac: null, vnet, onEnd: (e) => ends.push(e) });
  made.attach({ frameArrives: (frame) => sizes.push(frame.length), framesWait: () => undefined });
  return made;
}

describe('what arrives', () => {
  afterEach(() => link.close());

  test('is read in goes of a quarter of the usual window, with a turn for programs after each', async () => {
    link = opened(true);
    const each = 65_000;
    calls.arrivals = Array<number>(16).fill(each + 10);
    const goes: number[] = [];
    calls.ready();
    while (sizes.length < 16) {
      await pass();
      goes.push(sizes.length);
    }
    // No go takes as much as 1 MiB: the window of a host would close before anybody had read.
    const most = goes.map((count, i) => (count - (goes[i - 1] ?? 0)) * each).reduce((a, b) => Math.max(a, b));
    expect(most).toBeLessThanOrEqual((1 << 18) + each);
    expect(sizes).toEqual(Array<number>(16).fill(each));
  });

  test('small packets: 128 in one go', async () => {
    link = opened(false);
    calls.arrivals = Array<number>(300).fill(40);
    calls.ready();
    calls.ready(); // asked for twice is served once
    await pass();
    expect(sizes).toHaveLength(128);
    await pass();
    await pass();
    expect(sizes).toHaveLength(300);
    expect(link.counters).toMatchObject({ received: 300, dropped: 0 });
  });

  test('a packet shorter than its header is dropped and counted', async () => {
    link = opened(true);
    calls.arrivals = [9, 10, 50];
    calls.ready();
    await pass();
    expect(sizes).toEqual([0, 40]);
    expect(link.counters).toMatchObject({ received: 2, dropped: 1 });
  });

  test('a device that is gone ends the link once, and says so', async () => {
    link = opened(false);
    calls.failure = 77;
    calls.ready();
    await pass();
    expect(ends.map(({ message }) => message)).toEqual(['device played0 is gone (EBADFD): somebody has removed it']);
    expect(calls.closed).toBe(true);
    link.send(Frame.from(new Uint8Array(40)));
    expect(link.counters.dropped).toBe(1);
  });
});

describe('what is sent', () => {
  beforeEach(() => {
    link = opened(false);
  });
  afterEach(() => link.close());
  const packet = (first: number): Frame => Frame.from(new Uint8Array(40).fill(first));

  test('waits in order while the kernel takes none, 512 packets at most, and goes when there is room', async () => {
    calls.full = constants.errno.EAGAIN;
    for (let i = 0; i < 514; i++) link.send(packet(i & 0xff));
    expect(calls.watched).toBe(true);
    expect(link.counters).toMatchObject({ sent: 0, dropped: 2 });
    calls.full = 0;
    calls.ready();
    await pass();
    expect(calls.written.map((octets) => octets[0])).toEqual(Array.from({ length: 512 }, (_, i) => i & 0xff));
    expect(calls.watched).toBe(false);
    expect(link.counters).toMatchObject({ sent: 512, dropped: 2 });
  });

  test('is counted as down while the device is put down, and lost', () => {
    calls.full = constants.errno.EIO;
    link.send(packet(1));
    expect(link.counters).toMatchObject({ down: 1, errors: 0 });
    calls.full = constants.errno.ENOBUFS;
    link.send(packet(1));
    expect(link.counters).toMatchObject({ down: 1, errors: 1 });
    expect(ends).toEqual([]);
  });

  test('longer than the MTU is dropped, and what waits at the end as well', () => {
    link.send(Frame.from(new Uint8Array(1501)));
    expect(link.counters.dropped).toBe(1);
    calls.full = constants.errno.EAGAIN;
    link.send(packet(1));
    link.close();
    expect(link.counters).toMatchObject({ sent: 0, dropped: 2 });
  });
});

test('the descriptor is closed with the link', () => {
  link = opened(false);
  const before = openSync('/dev/null', 'r');
  closeSync(before);
  link.close();
  // The lowest number that is free is the link's.
  const after = openSync('/dev/null', 'r');
  closeSync(after);
  expect(after).toBeLessThan(before);
});
