/** Recorder: takes down what happens in the run of a scenario, and puts together what happens in one moment at one place. */
import type { Micros } from '../../base/time.ts';
import type { SegmentEvent, StackEvent } from '../../stack/events.ts';
import { stateNames } from '../../tcp/state.ts';
import type { Cable, CableEvent } from '../cable.ts';
import type { SimHost } from '../host.ts';
import type { ConnectionRef, PacketFate, PacketRecord, RunEvent } from './event.ts';
import { placeOf } from './event.ts';
import { PacketReader } from './packet-reader.ts';

/** What happens at one time at one place: an arrival, a call or a timer, with all that follows from it there. */
export interface Moment {
  readonly time: Micros;
  /** The host; null for what happens between hosts. */
  readonly host: string | null;
  readonly events: RunEvent[];
}

/** A record while the packet is on its way. */
interface Travelling extends PacketRecord {
  readonly fates: PacketFate[];
}

export class Recorder {
  readonly events: RunEvent[] = [];
  readonly moments: Moment[] = [];
  /** All packets, in the order in which they were sent; the place is the packet's number. */
  readonly packets: PacketRecord[] = [];
  private readonly reader: PacketReader = new PacketReader();
  private readonly travelling: Map<number, Travelling> = new Map<number, Travelling>();
  /** What each host is just sending, before the cable has it. */
  private readonly leaving: Map<string, SegmentEvent> = new Map<string, SegmentEvent>();
  /** The highest number, of each direction, of a packet that has arrived. */
  private readonly highest: Map<string, number> = new Map<string, number>();

  /** Takes down what happens on a host from now on. */
  watchHost(host: SimHost): void {
    host.observe((event) => this.hostTells(host.name, event));
  }

  /** Takes down what befalls the packets of a cable from now on. */
  watchCable(cable: Cable): void {
    cable.watch((event) => this.cableTells(event));
  }

  /** Whether the host is just sending what it has sent before. */
  isAgain(host: string): boolean {
    return this.leaving.get(host)?.again ?? false;
  }

  /** Takes down what happened. */
  add(event: RunEvent): void {
    this.events.push(event);
    const host = placeOf(event);
    const last = this.moments.at(-1);
    const here = last !== undefined && last.time === event.time && (last.host === host || event.type === 'lost');
    if (here && !begins(event, last)) {
      last.events.push(event);
    } else this.moments.push({ time: event.time, host, events: [event] });
  }

  private hostTells(host: string, event: StackEvent): void {
    const { time } = event;
    switch (event.type) {
      case 'tcb':
        this.add({ type: 'tcb', time, host, connection: event.connection, what: event.what });
        break;
      case 'state': {
        const [from, to] = [stateNames[event.from] as string, stateNames[event.to] as string];
        this.add({ type: 'state', time, host, connection: event.connection, from, to });
        break;
      }
      case 'timer': {
        const { connection, timer, at, fired } = event;
        const what = fired ? 'fired' : at === null ? 'stopped' : 'set';
        this.add({ type: 'timer', time, host, connection, timer, what, at });
        break;
      }
      case 'drop':
        this.add({ type: 'drop', time, host, reason: event.reason });
        break;
      case 'segment':
        if (event.direction === 'out') this.leaving.set(host, event);
        break;
      default:
        break; // packets are seen on cables
    }
  }

  private cableTells(event: CableEvent): void {
    const { time, id, reason } = event;
    if (event.type === 'sent') {
      const packet = this.packet(event);
      this.packets[id] = packet;
      this.travelling.set(id, packet);
      this.add({ type: 'sent', time, packet });
      return;
    }
    const packet = this.travelling.get(id);
    if (packet === undefined) return;
    if (event.type === 'delivered') this.arrived(packet, time);
    else if (event.type === 'dropped' && reason !== null) {
      packet.fates.push(reason);
      this.add({ type: 'lost', time, packet, reason });
    } else if (event.type !== 'dropped') packet.fates.push(event.type);
  }

  /** A packet that comes after one that was sent later is late: it has been overtaken. */
  private arrived(packet: Travelling, time: Micros): void {
    const way = `${packet.cable} ${packet.from}`;
    const highest = this.highest.get(way) ?? 0;
    if (packet.n < highest && !packet.fates.includes('late')) packet.fates.push('late');
    this.highest.set(way, Math.max(highest, packet.n));
    this.add({ type: 'arrived', time, packet });
  }

  private packet({ time, id, n, cable, from, to, frame, arrivesAt }: CableEvent): Travelling {
    const leaving = this.leaving.get(from);
    this.leaving.delete(from);
    const text = this.reader.read(frame, leaving?.again ?? false);
    const fates: PacketFate[] = [];
    return { id, cable: cable.name, n, from, to, sentAt: time, arrivesAt, octets: frame.copy(), ...text, fates };
  }
}

/** Whether an event is the beginning of a moment of its own, though the last one is of the same time and place. */
function begins(event: RunEvent, last: Moment): boolean {
  if (event.type === 'arrived') return true;
  if (event.type === 'lost') return false;
  return event.type === 'call' && last.events.every(({ type }) => type !== 'arrived' && type !== 'return');
}

/** How a connection is written: `10.0.0.1:50000 > 10.0.0.2:80`. */
export function connectionText({ local, localPort, remote, remotePort }: ConnectionRef): string {
  return `${endText(local, localPort)} > ${endText(remote, remotePort)}`;
}

function endText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
