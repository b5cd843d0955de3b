/** A link wrapped around any other that takes down what goes out and what comes in. */
import { Frame } from '../base/frame.ts';
import type { Mac } from '../base/mac.ts';
import type { Micros } from '../base/time.ts';
import type { Link, Offloads, Receiver } from '../link/link.ts';
import { ETHERNET_HEADER, Ethernet } from '../wire/ethernet.ts';
import { fillEthernetSums, fillSums } from '../wire/fill-sums.ts';
import { Packet } from '../wire/ip.ts';
import { type Direction, LinkType, type Recorder } from './record.ts';

/**
 * `link`, with every packet taken down by `recorder` before it goes on, under the link's name: as an Ethernet frame where
 * the link carries these, else as an IP packet. `now` tells the time of the capture, in microseconds. The packets
 * themselves pass untouched; where the carrier needs no checksums (`offloads`), the copy that is taken down gets them, so
 * that the capture verifies.
 */
export function tap(link: Link, recorder: Recorder, now: () => Micros): Link {
  return new Tap(link, recorder, now);
}

class Tap implements Link, Receiver {
  private readonly link: Link;
  private readonly recorder: Recorder;
  private readonly now: () => Micros;
  private readonly interfaceId: number;
  private receiver: Receiver | null = null;
  /** Where copies get their checksums; grows to the largest packet seen. */
  private scratch: Frame;
  private readonly packet: Packet = new Packet();
  private readonly header: Ethernet = new Ethernet();
  // There as they are with the link itself.
  readonly mac?: Mac;
  readonly deliver?: () => number;

  constructor(link: Link, recorder: Recorder, now: () => Micros) {
    this.link = link;
    this.recorder = recorder;
    this.now = now;
    const linkType = link.mac === undefined ? LinkType.Raw : LinkType.Ethernet;
    this.interfaceId = recorder.addInterface({ name: link.name, linkType });
    this.scratch = new Frame(ETHERNET_HEADER + link.mtu);
    if (link.mac !== undefined) this.mac = link.mac;
    if (link.deliver !== undefined) this.deliver = () => link.deliver?.() ?? 0;
  }

  get name(): string {
    return this.link.name;
  }

  get mtu(): number {
    return this.link.mtu;
  }

  get offloads(): Offloads {
    return this.link.offloads;
  }

  send(frame: Frame): void {
    this.record(frame, 'out', this.link.offloads.fillSums);
    this.link.send(frame);
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver;
    this.link.attach(this);
  }

  frameArrives(frame: Frame): void {
    this.record(frame, 'in', this.link.offloads.verifySums);
    this.receiver?.frameArrives(frame);
  }

  framesWait(): void {
    this.receiver?.framesWait();
  }

  /** `summed`: whether the packet bears its checksums already. */
  private record(frame: Frame, direction: Direction, summed: boolean): void {
    if (this.recorder.wanted === false) return;
    // Whole microseconds and what is beyond them apart: as one double, wall-clock time would lose its nanoseconds.
    const now = this.now();
    const time = BigInt(Math.floor(now)) * 1000n + BigInt(Math.round((now % 1) * 1000));
    this.recorder.packet(this.interfaceId, time, summed ? octetsOf(frame) : this.summedCopy(frame), { direction });
  }

  private summedCopy(frame: Frame): Uint8Array {
    if (this.scratch.bytes.length < frame.length) this.scratch = new Frame(frame.length);
    const { scratch } = this;
    scratch.bytes.set(octetsOf(frame), 0);
    scratch.at = 0;
    scratch.end = frame.length;
    if (this.mac === undefined) fillSums(scratch, this.packet);
    else fillEthernetSums(scratch, this.header, this.packet);
    return octetsOf(scratch);
  }
}

function octetsOf(frame: Frame): Uint8Array {
  return frame.bytes.subarray(frame.at, frame.end);
}
