/** Series: what the sequence graph draws of one direction of a connection, from its packets alone. */
import { ACK, FIN, SYN } from 'synwave';
import { endsOf, type Flow } from '../ladder/flows.ts';
import type { Recording } from '../worker/protocol.ts';

interface Bar {
  readonly time: number;
  /** Octets from the initial sequence number. */
  readonly first: number;
  readonly last: number;
  readonly again: boolean;
}

type Points = (readonly [number, number])[];

export interface Series {
  readonly name: string;
  readonly bars: readonly Bar[];
  readonly acks: Points;
  /** The right edge of the peer's window. */
  readonly window: Points;
  readonly cwnd: Points;
  readonly from: number;
  readonly to: number;
  readonly top: number;
}

/** One for each direction that carries text, the busier one first. */
export function seriesOf(run: Recording, flow: Flow): Series[] {
  const packets = flow.packets.flatMap((id) => run.packets[id] ?? []);
  const sources = [...new Set(packets.map((packet) => endsOf(packet).src))];
  const all = sources.flatMap((src) => one(run, packets, src) ?? []);
  return all.toSorted((a, b) => b.bars.length - a.bars.length);
}

function one(run: Recording, packets: Recording['packets'], src: string): Series | null {
  const mine = packets.filter((packet) => endsOf(packet).src === src);
  const initial = mine[0]?.segment?.seq;
  if (initial === undefined) return null;
  const bars: Bar[] = [];
  const acks: Points = [];
  const edge: Points = [];
  let scale = 0;
  let top = 0;
  for (const packet of packets) {
    const { segment, sentAt, arrivesAt } = packet;
    if (segment === null) continue;
    const { seq, ack, flags, length, again, options } = segment;
    if (endsOf(packet).src === src) {
      const first = (seq - initial) >>> 0;
      const last = first + length + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
      if (last > first && first < 0x8000_0000) bars.push({ time: sentAt, first, last, again });
      top = Math.max(top, first < 0x8000_0000 ? last : 0);
    } else if ((flags & ACK) !== 0 && arrivesAt !== null && !packet.fates.includes('fault')) {
      if ((flags & SYN) !== 0) scale = Number(/wscale (\d+)/.exec(options)?.[1] ?? 0);
      const at = (ack - initial) >>> 0;
      if (at >= 0x8000_0000) continue;
      acks.push([arrivesAt, at]);
      edge.push([arrivesAt, at + segment.window * ((flags & SYN) !== 0 ? 1 : 2 ** scale)]);
    }
  }
  if (bars.length === 0) return null;
  const [address = '', port = ''] = split(src);
  const windows = run.windows.find(
    ({ connection }) => connection.local === address && String(connection.localPort) === port,
  );
  const cwnd: Points = (windows?.points ?? []).map(([time, octets]) => [time, octets] as const);
  const times = packets.map(({ sentAt, arrivesAt }) => arrivesAt ?? sentAt);
  const most = Math.max(top, ...cwnd.map(([, octets]) => Math.min(octets, top * 2)), 4);
  return {
    name: `${src} → ${endsOf(mine[0] ?? (packets[0] as (typeof packets)[number])).dst}`,
    bars,
    acks,
    // A window far beyond all that is sent would press everything else to the ground.
    window: edge.map(([time, octets]) => [time, Math.min(octets, most * 1.08)] as const),
    cwnd: cwnd.map(([time, octets]) => [time, Math.min(octets, most * 1.08)] as const),
    from: Math.min(...packets.slice(0, 1).map(({ sentAt }) => sentAt)),
    to: times.reduce((a, b) => Math.max(a, b), 0),
    top: most * 1.05,
  };
}

function split(end: string): string[] {
  const at = end.lastIndexOf(':');
  return [end.slice(0, at).replace(/^\[|\]$/g, ''), end.slice(at + 1)];
}
