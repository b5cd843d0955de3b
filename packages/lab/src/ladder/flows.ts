/** Flows: which packets belong to one connection, whatever hops they take, so that they are labelled together. */

import { ACK, SYN } from 'synwave';
import type { PacketRecord } from 'synwave/sim';
import {
  type Label,
  type LabelledSegment,
  type LabelMode,
  Labels,
  type Meaning,
  type SegmentRecord,
} from 'synwave/sim';

/** The two ends of a packet, as `10.0.0.1:50000`. */
export interface Ends {
  readonly src: string;
  readonly dst: string;
}

/** One connection: its packets' numbers, in the order in which they were sent. */
export interface Flow {
  readonly key: string;
  readonly packets: readonly number[];
}

export function endsOf({ octets, srcPort, dstPort }: PacketRecord): Ends {
  const isSix = (octets[0] ?? 0) >> 4 === 6;
  const address = (at: number): string =>
    isSix ? six(octets.subarray(at, at + 16)) : octets.subarray(at, at + 4).join('.');
  const [src, dst] = isSix ? [address(8), address(24)] : [address(12), address(16)];
  return { src: `${src}:${srcPort}`, dst: `${dst}:${dstPort}` };
}

function six(octets: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, i) =>
    (((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0)).toString(16),
  );
  return `[${words.join(':')}]`;
}

/**
 * The TCP connections of a run. A SYN with another initial number on the same four-tuple begins another one. A packet
 * that is forwarded counts once for each cable.
 */
export function flowsOf(packets: readonly PacketRecord[]): Flow[] {
  const flows: Growing[] = [];
  const known = new Map<string, Growing[]>();
  for (const packet of packets) {
    const { segment } = packet;
    if (segment === null) continue;
    const { src, dst } = endsOf(packet);
    const key = [src, dst].toSorted().join(' ');
    const mine = known.get(key) ?? [];
    known.set(key, mine);
    const { flags, seq } = segment;
    const opens = (flags & (SYN | ACK)) === SYN;
    // Both may open at once: a SYN from the other side belongs to the same connection.
    const isNew =
      mine.length === 0 || (opens && mine.every(({ opener, initial }) => opener === src && initial !== seq));
    if (isNew) {
      const flow = { key: `${key} ${seq}`, packets: [packet.id], initial: seq, opener: src };
      mine.push(flow);
      flows.push(flow);
      continue;
    }
    // An answer to a stale SYN belongs to that one, not to the youngest: its numbers tell.
    const distance = ({ opener, initial }: Growing): number => {
      const number = opener === src || (flags & ACK) === 0 ? seq : segment.ack;
      return opener === src || (flags & ACK) !== 0 ? (number - initial) >>> 0 : 0;
    };
    const nearest = mine.reduce((a, b) => (distance(b) <= distance(a) ? b : a));
    nearest.packets.push(packet.id);
  }
  return flows;
}

/** A connection whose packets are being found. */
interface Growing extends Flow {
  readonly packets: number[];
  readonly initial: number;
  readonly opener: string;
}

/** What stands on the arrows of a run. Labels are made when they are first asked for. */
export class RunLabels {
  private readonly known: Map<number, Label> = new Map<number, Label>();
  /** The labels of each packet's connection. */
  private readonly makers: Map<number, Labels> = new Map<number, Labels>();
  /** What the letters stand for, for each connection. */
  readonly meanings: readonly (readonly Meaning[])[];

  constructor(
    mode: LabelMode,
    packets: readonly PacketRecord[],
    flows: readonly Flow[],
    octets: (count: number) => string,
  ) {
    this.meanings = flows.map((flow) => {
      const segments = flow.packets.flatMap((id) => {
        const packet = packets[id];
        return packet?.segment ? [labelled(packet, packet.segment)] : [];
      });
      const labels = new Labels(mode, segments, octets);
      for (const id of flow.packets) this.makers.set(id, labels);
      return labels.meanings();
    });
  }

  /** As long as it can be. */
  of(packet: PacketRecord): string {
    return this.label(packet)?.long ?? `${packet.protocol} ${packet.length} B`;
  }

  /** As short as it can be: `SYN x`. */
  brief(packet: PacketRecord): string {
    const label = this.label(packet)?.short ?? this.of(packet);
    return label
      .replaceAll('=1, ', ' ')
      .replace(/(SYN|FIN|RST) ACK /, '$1,ACK ')
      .replace('seq=', '')
      .replaceAll(', ', ' ');
  }
  private label(packet: PacketRecord): Label | null {
    const { id, segment } = packet;
    const labels = this.makers.get(id);
    if (segment === null || labels === undefined) return null;
    const label = this.known.get(id) ?? labels.of(labelled(packet, segment));
    this.known.set(id, label);
    return label;
  }
}

function labelled(packet: PacketRecord, segment: SegmentRecord): LabelledSegment {
  return { ...segment, from: endsOf(packet).src, order: packet.id };
}
