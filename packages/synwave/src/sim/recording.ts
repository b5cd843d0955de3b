/** Recording: what befell the packets on all cables of a world, the last ones of a long run; as a capture, and as lines to read. */
import { Frame } from '../base/frame.ts';
import type { Micros } from '../base/time.ts';
import { LinkType, type Recorder } from '../capture/record.ts';
import { PacketPrinter } from '../wire/text.ts';
import type { Cable, CableEvent } from './cable.ts';
import { secondsText } from './log.ts';
import type { World } from './world.ts';

/** Octets that are kept by default; the oldest packets make room. */
const KEPT = 32 * 1024 * 1024;

/** What a packet takes beside its octets, roughly. */
const OVERHEAD = 200;

/** What became of a packet, or of a copy of it. */
interface Fate {
  readonly time: Micros;
  /** Null: it arrived. */
  readonly lost: string | null;
}

/** A packet that was handed to a cable. */
interface Packet {
  readonly id: number;
  readonly time: Micros;
  readonly cable: Cable;
  readonly from: string;
  readonly to: string;
  /** As it was sent. */
  readonly octets: Uint8Array;
  /** As it went on: marked, or corrupted. */
  changed: Uint8Array | null;
  /** `marked`, `corrupted`, `duplicated`. */
  readonly befell: string[];
  readonly fates: Fate[];
}

export class Recording {
  private readonly packets: Packet[] = [];
  /** Where the first one stands that is kept, and how many octets are. */
  private head = 0;
  private kept = 0;
  private readonly byId: Map<number, Packet> = new Map<number, Packet>();
  private readonly most: number;
  private dropped = 0;
  private readonly stops: (() => void)[] = [];

  /** Begins at once, on the cables that there are and on those to come. `most`: octets that are kept. */
  constructor(world: World, most: number = KEPT) {
    this.most = most;
    this.stops.push(
      world.eachCable((cable) => {
        this.stops.push(cable.watch((event) => this.take(event), { quiet: true }));
      }),
    );
  }

  /** Nothing more is taken down; what is there stays. */
  stop(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  /** Gives it all to `recorder`, each cable an interface of its own: packets as they arrived, or where they were lost. */
  write(recorder: Recorder): void {
    const ids = new Map<Cable, number>();
    const idOf = (cable: Cable): number => {
      const known = ids.get(cable);
      if (known !== undefined) return known;
      const linkType = cable.ethernet ? LinkType.Ethernet : LinkType.Raw;
      const made = recorder.addInterface({ name: cable.name, linkType });
      ids.set(cable, made);
      return made;
    };
    const all = this.present().flatMap((packet) => packet.fates.map((fate) => ({ packet, fate })));
    for (const { packet, fate } of all.sort((a, b) => a.fate.time - b.fate.time)) {
      const comment = [...packet.befell, ...(fate.lost === null ? [] : [`lost on the cable: ${fate.lost}`])].join(', ');
      const octets = packet.changed ?? packet.octets;
      const about = comment === '' ? {} : { comment };
      recorder.packet(idOf(packet.cable), BigInt(Math.round(fate.time * 1000)), octets, about);
    }
  }

  /** A ladder for any number of hosts: one line for each packet, with the time at which it was sent and what became of it. */
  lines(): string[] {
    const printer = new PacketPrinter();
    const packets = this.present();
    const width = Math.max(0, ...packets.map(({ from, to }) => `${from} -> ${to}`.length));
    const lines = packets.map((packet) => {
      const { time, from, to, cable, octets } = packet;
      const frame = Frame.from(octets);
      const text = cable.ethernet ? printer.ethernetLine(frame) : printer.line(frame);
      return `${secondsText(time).padStart(14)}  ${`${from} -> ${to}`.padEnd(width)}  ${text}${fateText(packet)}`;
    });
    return this.dropped === 0 ? lines : [`${this.dropped} packets before these are not kept`, ...lines];
  }

  private present(): Packet[] {
    return this.packets.slice(this.head);
  }

  private take({ type, time, cable, from, to, id, frame, reason }: CableEvent): void {
    if (type === 'sent') {
      const octets = frame.copy();
      const packet = { id, time, cable, from, to, octets, changed: null, befell: [], fates: [] };
      this.packets.push(packet);
      this.byId.set(id, packet);
      this.kept += octets.length + OVERHEAD;
      while (this.kept > this.most) this.forget();
      return;
    }
    const packet = this.byId.get(id);
    if (packet === undefined) return;
    if (type === 'delivered') packet.fates.push({ time, lost: null });
    else if (type === 'dropped') packet.fates.push({ time, lost: reason ?? 'loss' });
    else {
      packet.befell.push(type);
      if (type !== 'duplicated') packet.changed = frame.copy();
    }
  }

  private forget(): void {
    const { packets, head } = this;
    const first = packets[head];
    if (first === undefined) return;
    this.head++;
    this.dropped++;
    this.kept -= first.octets.length + OVERHEAD;
    this.byId.delete(first.id);
    if (this.head < 1024 || 2 * this.head < packets.length) return;
    packets.splice(0, this.head);
    this.head = 0;
  }
}

function fateText({ time, befell, fates }: Packet): string {
  const words: string[] = [...befell];
  for (const { time: then, lost } of fates)
    words.push(lost === null ? (then === time ? '' : `arrives after ${spanText(then - time)}`) : `LOST (${lost})`);
  if (fates.length === 0) words.push('on its way');
  const text = words.filter((word) => word !== '').join(', ');
  return text === '' ? '' : `  [${text}]`;
}

function spanText(span: Micros): string {
  return `${(span / 1000).toFixed(3)} ms`;
}
