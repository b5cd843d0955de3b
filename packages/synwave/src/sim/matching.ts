/** Matching: faults of packets that are told apart by what they say, and all that meddles with a world's packets, as one. */
import type { Fault } from '../link/impair.ts';
import { MatchCounter, type Matcher, parseMatch } from './match.ts';
import { type Meddler, meddlerOf, type PacketFault } from './meddling.ts';
import { Sight } from './sight.ts';

/** Packets by a match text, `third ACK from client`, and what becomes of them. */
export interface MatchFault {
  readonly match: string | Matcher;
  readonly do: Fault;
}

/** Does to packets what a list says. For one world alone: it counts. Throws MatchError for a text that cannot be read. */
function matchingMeddler(faults: readonly MatchFault[]): Meddler {
  const sight = new Sight();
  const counters = faults.map(({ match, do: fault }) => {
    return { counter: new MatchCounter(typeof match === 'string' ? parseMatch(match) : match), fault };
  });
  return (packet) => {
    const view = sight.see(packet);
    return counters.filter(({ counter }) => counter.takes(view)).map(({ fault }) => fault);
  };
}

/** All that a world's options have done to packets; null: nothing. Throws MatchError. */
export function meddlerFor(
  faults: readonly (PacketFault | MatchFault)[],
  meddler: Meddler | undefined,
): Meddler | null {
  const matched = faults.filter((fault): fault is MatchFault => 'match' in fault);
  const named = faults.filter((fault): fault is PacketFault => !('match' in fault));
  const all = [
    ...(named.length === 0 ? [] : [meddlerOf(named)]),
    ...(matched.length === 0 ? [] : [matchingMeddler(matched)]),
    ...(meddler === undefined ? [] : [meddler]),
  ];
  const [first, ...rest] = all;
  if (first === undefined) return null;
  return rest.length === 0 ? first : (packet) => all.flatMap((each) => each(packet));
}
