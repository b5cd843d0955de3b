/** TunLink: packets, or Ethernet frames, to and from the kernel's network by a TUN or TAP device. */
import { closeSync } from 'node:fs';
import { Frame } from '../../base/frame.ts';
import type { Mac } from '../../base/mac.ts';
import { type Link, type Offloads, onTheWire, type Receiver } from '../../link/link.ts';
import { LinkError } from '../../link/link-error.ts';
import { VIRTIO_HEADER, Virtio } from '../../link/virtio.ts';
import type { Device } from './device.ts';
import { type Calls, errorName, type Poll } from './native.ts';

/** What a link has counted, in packets; a super segment is one. */
export interface TunCounters {
  sent: number;
  received: number;
  /** Not sent: too long, more than may wait, or the link is closed. */
  dropped: number;
  /** Not sent because somebody had put the device down. */
  down: number;
  /** Not taken by the kernel, for whatever other reason. */
  errors: number;
}

interface TunLinkOptions {
  readonly mtu: number;
  readonly mac: Mac | null;
  readonly vnet: boolean;
  readonly onEnd: ((error: LinkError) => void) | undefined;
}

/** What a super segment may hold: with the longest headers it is a packet of 65,535 octets. */
const SUPER_SEGMENT = 65_535 - 40 - 60;
/** The largest packet that the kernel hands over, with both headers in front. */
const LARGEST = 65_536 + 64;
/** An Ethernet header with two VLAN tags. */
const ETHERNET = 22;
/**
 * What is read in one go before programs have their turn. A quarter of the window that a host offers unless told
 * otherwise: in one go of a whole window it closes before anybody can read, and the sender stands still until we are back.
 */
const BATCH_PACKETS = 128;
const BATCH_OCTETS = 256 * 1024;
/** Packets that may wait for the kernel to take them. */
const WAITING = 512;

/** Links that are open are held here: libuv goes on watching for a handle that has been collected. */
const open: Set<TunLink> = new Set<TunLink>();

/** A poll that calls back while Node.js takes itself down aborts the process. */
function closeAll(): void {
  for (const link of open) link.close();
}

class TunLink implements Link {
  readonly name: string;
  readonly mtu: number;
  readonly mac?: Mac;
  readonly offloads: Offloads;
  readonly counters: TunCounters = { sent: 0, received: 0, dropped: 0, down: 0, errors: 0 };
  private readonly calls: Calls;
  private readonly fd: number;
  private readonly poll: Poll;
  private readonly virtio: Virtio | null;
  private readonly most: number;
  private readonly onEnd: TunLinkOptions['onEnd'];
  /** Where arriving packets are read to; the IP header begins at a multiple of four, where there is a choice. */
  private readonly arrived: Frame = new Frame(LARGEST);
  private readonly begin: number;
  private readonly into: Uint8Array;
  private waiting: Frame[] = [];
  private receiver: Receiver | null = null;
  private scheduled = false;
  private watchesRoom = false;
  private closed = false;

  constructor(calls: Calls, device: Device, { mtu, mac, vnet, onEnd }: TunLinkOptions) {
    this.name = device.name;
    this.mtu = mtu;
    if (mac !== null) this.mac = mac;
    this.most = mac === null ? mtu : mtu + ETHERNET;
    // What arrives says itself whether its sum has to be verified.
    this.offloads = vnet ? { fillSums: false, verifySums: true, superSegment: SUPER_SEGMENT } : onTheWire;
    this.virtio = vnet ? new Virtio(mac !== null) : null;
    this.onEnd = onEnd;
    this.begin = (mac === null ? 0 : 2) + (vnet ? 16 - VIRTIO_HEADER : 0);
    this.into = this.arrived.bytes.subarray(this.begin);
    this.calls = calls;
    this.fd = device.fd;
    // An exception in the poll's own callback would be swallowed and end the polling.
    this.poll = calls.poll(this.fd, () => this.schedule());
    if (open.size === 0) process.on('exit', closeAll);
    open.add(this);
  }

  send(frame: Frame): void {
    if (this.closed || (frame.cutTo === 0 && frame.length > this.most)) {
      this.counters.dropped++;
      frame.release();
      return;
    }
    const ready = this.prepared(frame);
    if (this.waiting.length === 0 && this.put(ready)) return;
    if (this.closed || this.waiting.length >= WAITING) {
      this.counters.dropped++;
      ready.release();
      return;
    }
    this.waiting.push(ready);
    this.watchRoom(true);
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver;
  }

  /** Lets go of the device, which is gone then unless it was made beforehand; packets are dropped from now on. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    open.delete(this);
    if (open.size === 0) process.off('exit', closeAll);
    this.poll.close();
    closeSync(this.fd);
    this.counters.dropped += this.waiting.length;
    for (const frame of this.waiting.splice(0)) frame.release();
  }

  /** The packet with the header that the kernel wants. */
  private prepared(frame: Frame): Frame {
    const { virtio } = this;
    if (virtio === null) return frame;
    let ready = frame;
    if (frame.at < VIRTIO_HEADER) {
      // A copy that something between us and the stack has made.
      ready = Frame.from(frame.bytes.subarray(frame.at, frame.end), VIRTIO_HEADER);
      ready.cutTo = frame.cutTo;
      frame.release();
    }
    virtio.write(ready);
    return ready;
  }

  /** Hands a packet to the kernel; false: it takes none now. */
  private put(frame: Frame): boolean {
    const { calls, counters } = this;
    if (calls.write(this.fd, frame.bytes.subarray(frame.at, frame.end), frame.length) >= 0) {
      counters.sent++;
      frame.release();
      return true;
    }
    const code = errorName(calls.errno());
    if (code === 'EAGAIN') return false;
    if (code === 'EIO') counters.down++;
    else counters.errors++;
    frame.release();
    if (isEnd(code)) this.end(code);
    return true;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.serve);
  }

  private readonly serve = (): void => {
    this.scheduled = false;
    if (this.waiting.length > 0) this.flush();
    let octets = 0;
    for (let i = 0; i < BATCH_PACKETS && octets < BATCH_OCTETS; i++) {
      if (this.closed) return;
      const n = this.calls.read(this.fd, this.into, this.into.length);
      if (n < 0) {
        const code = errorName(this.calls.errno());
        if (code === 'EINTR') continue;
        if (code !== 'EAGAIN') this.end(code);
        return;
      }
      octets += n;
      this.take(n);
    }
    this.schedule();
  };

  private take(octets: number): void {
    const { arrived, receiver, virtio } = this;
    arrived.at = this.begin;
    arrived.end = this.begin + octets;
    if (receiver === null || (virtio !== null && !virtio.read(arrived))) {
      this.counters.dropped++;
      return;
    }
    this.counters.received++;
    receiver.frameArrives(arrived);
  }

  private flush(): void {
    const { waiting } = this;
    let done = 0;
    while (done < waiting.length && this.put(waiting[done] as Frame)) done++;
    // Closing has emptied it meanwhile, perhaps.
    this.waiting = waiting.slice(done);
    if (this.waiting.length === 0) this.watchRoom(false);
  }

  private watchRoom(on: boolean): void {
    if (this.watchesRoom === on || this.closed) return;
    this.watchesRoom = on;
    this.poll.watch(on);
  }

  /** The device is gone: somebody has removed it. */
  private end(code: string): void {
    if (this.closed) return;
    this.close();
    this.onEnd?.(new LinkError(code, `device ${this.name} is gone (${code}): somebody has removed it`));
  }
}

/** What the kernel answers on the descriptor of a device that is no more. */
function isEnd(code: string): boolean {
  return code === 'EBADFD' || code === 'EBADF' || code === 'ENODEV';
}

export { TunLink };
