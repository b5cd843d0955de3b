/** Switch: Ethernet frames go where their station is, which is learned from those that it sends (IEEE 802.1D §7.7 to §7.9). */
import { Frame, FramePool } from '../base/frame.ts';
import { formatMac, isGroupMac, type Mac, parseMac, readMac } from '../base/mac.ts';
import { type Micros, SECOND } from '../base/time.ts';
import type { Link, Receiver } from '../link/link.ts';
import { ETHERNET_HEADER } from '../wire/ethernet.ts';
import type { Cable, Station } from './cable.ts';
import { MacTable, type Place } from './mac-table.ts';
import type { Timeline } from './timeline.ts';

export interface SwitchOptions {
  /** How long a station is known after it was heard of; 300 s by default (IEEE 802.1D §7.9.2). 0: never, like a hub. */
  readonly aging?: Micros;
  /** Stations known at a time; 1024 by default. Another one takes the place of the one that was silent longest. */
  readonly stations?: number;
}

/** What one port of a switch has counted. */
export interface SwitchPortCounters {
  /** Frames that came in. */
  readonly received: number;
  /** Frames that went out. */
  readonly sent: number;
  /** Those of them that went out by all other ports as well: for an unknown station, or for many. */
  readonly flooded: number;
  /** Frames that came in and go nowhere: their station is on this very port, or they are not to pass a bridge. */
  readonly filtered: number;
  /** Frames that came in without a whole header, and were dropped. */
  readonly malformed: number;
}

/** A port of a switch. */
export interface SwitchPort extends SwitchPortCounters {
  /** Counted from 1, in the order in which cables were plugged in. */
  readonly number: number;
  readonly cable: Cable;
}

/** A station that a switch knows. */
export interface SwitchEntry {
  /** `02:00:00:00:00:01`. */
  readonly mac: string;
  /** The number of the port behind which it is. */
  readonly port: number;
  /** How long it has been silent. */
  readonly age: Micros;
}

export interface SwitchCounters {
  /** Stations heard of for the first time, or again after they were forgotten. */
  readonly learned: number;
  /** Stations that were heard of at another port than before. */
  readonly moved: number;
  /** Stations that were forgotten to make room for others. */
  readonly replaced: number;
}

const AGING: Micros = 300 * SECOND;
const STATIONS = 1024;

/** IEEE 802.1D §7.12.6: frames to these sixteen addresses are for whoever is at the other end of the cable alone. */
const RESERVED: Mac = 0x0180_c200_0000;

/** Octets of a frame of the small pool, and what comes on top of the MTU: a header with two VLAN tags. */
const SMALL = 512;
const HEADER = 22;

/** One end of a cable at a switch. */
class Port implements Receiver, Place {
  readonly number: number;
  readonly cable: Cable;
  readonly link: Link;
  received = 0;
  sent = 0;
  flooded = 0;
  filtered = 0;
  malformed = 0;
  private readonly owner: Switch;

  constructor(owner: Switch, number: number, cable: Cable, link: Link) {
    this.owner = owner;
    this.number = number;
    this.cable = cable;
    this.link = link;
  }

  get unplugs(): number {
    return this.cable.unplugs;
  }

  frameArrives(frame: Frame): void {
    this.owner.frameArrives(this, frame);
  }

  framesWait(): void {
    // cables hold nothing back
  }
}

/**
 * A learning switch: `World.switch` makes it, `World.plug` and `World.trunk` give it ports. It takes in a frame as a whole
 * and puts it on another cable at once; rate, queue, delay and losses are those of the cables. Frames for a station that
 * it does not know, and for many, go out by every other port whose cable is plugged in; none goes back where it came
 * from. Frames pass as they are, VLAN tags included, which make no difference.
 *
 * It has no stack and no address of its own, and speaks no spanning tree: `World.trunk` refuses what would be a loop.
 */
export class Switch implements Station {
  readonly name: string;
  private readonly timeline: Timeline;
  private readonly table: MacTable<Port>;
  private readonly portList: Port[] = [];
  private off = false;
  private readonly small: FramePool = new FramePool(SMALL);
  private large: FramePool = new FramePool(SMALL);

  /** Throws RangeError for options that make no sense. */
  constructor(timeline: Timeline, name: string, { aging = AGING, stations = STATIONS }: SwitchOptions = {}) {
    if (!(aging >= 0)) throw new RangeError(`aging ${aging} is below 0`);
    if (!(Number.isInteger(stations) && stations > 0)) throw new RangeError(`stations ${stations} is not 1 or more`);
    this.name = name;
    this.timeline = timeline;
    this.table = new MacTable<Port>(aging, stations);
  }

  /** Its ports, in the order of their numbers, as they have counted so far. */
  get ports(): readonly SwitchPort[] {
    return this.portList.map(({ number, cable, received, sent, flooded, filtered, malformed }) => {
      return { number, cable, received, sent, flooded, filtered, malformed };
    });
  }

  /** The stations that it knows now, the one that was silent longest first. */
  get stations(): readonly SwitchEntry[] {
    const { now } = this.timeline;
    return this.table.known(now).map(({ mac, place, heard }) => {
      return { mac: formatMac(mac), port: place.number, age: now - heard };
    });
  }

  /** Whether it has no power: what arrives is lost. */
  get down(): boolean {
    return this.off;
  }

  counters(): SwitchCounters {
    const { learned, moved, replaced } = this.table;
    return { learned, moved, replaced };
  }

  /** The number of the port behind which that station is; null when it is not known, or the text is no MAC address. */
  portOf(mac: string): number | null {
    const station = parseMac(mac);
    return station === null ? null : (this.table.find(station, this.timeline.now)?.number ?? null);
  }

  /** Power is cut: it forgets all stations, and what arrives until `boot` is lost. What it has sent is on its way. */
  crash(): void {
    if (this.off) return;
    this.off = true;
    this.table.clear();
    this.timeline.log.note(this.timeline.now, `${this.name} crashes`);
  }

  /** Power is back; it knows nobody. */
  boot(): void {
    if (!this.off) return;
    this.off = false;
    this.timeline.log.note(this.timeline.now, `${this.name} boots`);
  }

  /** For cables: it never stands still. */
  hold(): boolean {
    return false;
  }

  /** For worlds: one more port, at an end of a cable. */
  plugIn(cable: Cable, link: Link): void {
    const port = new Port(this, this.portList.length + 1, cable, link);
    this.portList.push(port);
    if (cable.mtu + HEADER > this.large.size) this.large = new FramePool(cable.mtu + HEADER);
    link.attach(port);
  }

  /** For its ports: the frame is borrowed. */
  frameArrives(port: Port, frame: Frame): void {
    port.received++;
    if (frame.length < ETHERNET_HEADER) {
      port.malformed++;
      return;
    }
    const { now } = this.timeline;
    const to = readMac(frame.view, frame.at);
    const from = readMac(frame.view, frame.at + 6);
    // §7.8: only the address of a single station is learned. The frame passes all the same.
    if (!isGroupMac(from)) this.table.learn(from, port, now);
    const way = isGroupMac(to) ? null : this.table.find(to, now);
    if (way === port || isReserved(to)) port.filtered++;
    else if (way !== null) this.forward(way, frame);
    else this.flood(port, frame);
  }

  private flood(cameBy: Port, frame: Frame): void {
    for (const port of this.portList) {
      if (port === cameBy || !port.cable.plugged) continue;
      port.flooded++;
      this.forward(port, frame);
    }
  }

  private forward(port: Port, frame: Frame): void {
    const { bytes, at, end, length } = frame;
    const copy = this.frameFor(length);
    copy.bytes.set(bytes.subarray(at, end));
    copy.at = 0;
    copy.end = length;
    port.sent++;
    port.link.send(copy);
  }

  private frameFor(length: number): Frame {
    if (length <= SMALL) return this.small.take(0);
    return length <= this.large.size ? this.large.take(0) : new Frame(length);
  }
}

function isReserved(mac: Mac): boolean {
  return mac >= RESERVED && mac < RESERVED + 16;
}
