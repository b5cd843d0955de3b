/** Meddling: what is to become of single packets of a world, each named by its cable, its direction and its number there. */
import type { Frame } from '../base/frame.ts';
import type { Micros } from '../base/time.ts';
import type { Fault } from '../link/impair.ts';

/** One packet, and what becomes of it. In a run that is the same up to there, it is the same packet. */
export interface PacketFault {
  /** The cable's name. */
  readonly cable: string;
  /** Who sends. */
  readonly from: string;
  /** Which of the packets that were handed to that direction, from 1: `CableEvent.n`. */
  readonly n: number;
  readonly do: Fault;
}

/** A packet, as it is handed to a cable. */
export interface Handed {
  readonly cable: { readonly name: string; readonly ethernet: boolean };
  readonly from: string;
  readonly to: string;
  readonly n: number;
  readonly time: Micros;
  /** Borrowed. */
  readonly frame: Frame;
}

/** Asked of each packet that is handed to a cable, in their order: what is to become of it, beside all else. */
export type Meddler = (packet: Handed) => readonly Fault[];

const NOTHING: readonly Fault[] = [];

/** Does to packets what a list says. What the list says of packets that are never sent is passed over. */
export function meddlerOf(faults: readonly PacketFault[]): Meddler {
  const ways = new Map<string, Map<number, Fault[]>>();
  for (const fault of faults) {
    const { cable, from, n } = fault;
    const way = `${cable}\n${from}`;
    const byNumber = ways.get(way) ?? new Map<number, Fault[]>();
    ways.set(way, byNumber);
    byNumber.set(n, [...(byNumber.get(n) ?? []), fault.do]);
  }
  return ({ cable, from, n }) => ways.get(`${cable.name}\n${from}`)?.get(n) ?? NOTHING;
}
