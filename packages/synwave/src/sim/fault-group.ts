/** FaultGroup: faults of packets that hold from a point of a run on. */
import type { Fault } from '../link/impair.ts';
import { MatchCounter, type Matcher, type PacketView, parseMatch } from './match.ts';
import { type Handed, type Meddler, meddlerOf, type PacketFault } from './meddling.ts';
import type { Point } from './point.ts';

/** Packets by a match text, `third ACK from client`, and what becomes of them. */
export interface MatchFault {
  readonly match: string | Matcher;
  readonly do: Fault;
}

export type AnyFault = PacketFault | MatchFault;

export class FaultGroup {
  /** Where it begins; null: with the run. */
  readonly at: Point | null;
  readonly faults: readonly AnyFault[];
  private begun: boolean;
  private readonly named: Meddler;
  private readonly counters: readonly { readonly counter: MatchCounter; readonly fault: Fault }[];

  /** Throws MatchError for a text that cannot be read. */
  constructor(at: Point | null, faults: readonly AnyFault[]) {
    this.at = at;
    this.faults = faults;
    this.begun = at === null;
    this.named = meddlerOf(faults.filter((each): each is PacketFault => !('match' in each)));
    const matched = faults.filter((each): each is MatchFault => 'match' in each);
    this.counters = matched.map(({ match, do: fault }) => {
      return { counter: new MatchCounter(typeof match === 'string' ? parseMatch(match) : match), fault };
    });
  }

  /** Packets count from here. */
  begin(): void {
    this.begun = true;
  }

  /** What becomes of a packet. */
  faultsOf(packet: Handed, view: PacketView): readonly Fault[] {
    if (!this.begun) return [];
    const matched = this.counters.filter(({ counter }) => counter.takes(view)).map(({ fault }) => fault);
    return [...this.named(packet), ...matched];
  }
}
