/** Matching: all that a world's options have done to its packets, as one: by their numbers, by what they say, by a function. */
import { type AnyFault, FaultGroup } from './fault-group.ts';
import type { Meddler } from './meddling.ts';
import { Sight } from './sight.ts';

/** Null: nothing is done. For one world alone: it counts. Throws MatchError for a match text that cannot be read. */
export function meddlerFor(faults: readonly AnyFault[], meddler: Meddler | undefined): Meddler | null {
  if (faults.length === 0) return meddler ?? null;
  const group = new FaultGroup(null, faults);
  const sight = new Sight();
  return (packet) => {
    const mine = group.faultsOf(packet, sight.see(packet));
    return meddler === undefined ? mine : [...mine, ...meddler(packet)];
  };
}
