/** Retell: faults of packets by their numbers, told by what the packets say. */
import { describe } from '../describe.ts';
import type { MatchFault } from '../fault-group.ts';
import { faultText } from '../fault-text.ts';
import type { PacketView } from '../match.ts';
import type { Meddler, PacketFault } from '../meddling.ts';
import { Sight } from '../sight.ts';

/** A fault whose match is a text, as files have it. */
export interface ToldFault extends MatchFault {
  readonly match: string;
}

/** Looks on in a run, and says afterwards how its faults are told. */
export class Retelling {
  private readonly sight: Sight = new Sight();
  private readonly views: PacketView[] = [];
  /** The place of each packet among all, by its cable, sender and number. */
  private readonly places: Map<string, number> = new Map<string, number>();

  /** For the world of the run. It does nothing to packets. */
  readonly look: Meddler = (packet) => {
    const { cable, from, n } = packet;
    this.places.set(`${cable.name}\n${from}\n${n}`, this.views.length);
    this.views.push(this.sight.see(packet));
    return [];
  };

  /** Those of the faults whose packets were sent, in the order in which they were. */
  told(faults: readonly PacketFault[]): ToldFault[] {
    return faults
      .map(({ cable, from, n, do: fault }) => ({ place: this.places.get(`${cable}\n${from}\n${n}`), fault }))
      .filter((each): each is typeof each & { place: number } => each.place !== undefined)
      .toSorted((a, b) => a.place - b.place)
      .map(({ place, fault }) => ({ match: describe(this.views.slice(0, place + 1)), do: fault }));
  }
}

/** `drop the third ACK from client`, `delay the first FIN from server by 40 ms`. */
export function sentence({ match, do: fault }: ToldFault): string {
  if (typeof fault === 'string') return `${fault} the ${match}`;
  const [verb = '', ...rest] = faultText(fault).split(' ');
  if ('delay' in fault) return `delay the ${match} by ${rest.join(' ')}`;
  if ('until' in fault) return `hold the ${match} ${rest.join(' ')}`;
  return `${verb} ${rest.join(' ')} of the ${match}`;
}
