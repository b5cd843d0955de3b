/** Mischief: what one run of a search does to packets, drawn from the run's seed; it notes all that it does. */
import type { Random } from '../../base/random.ts';
import { MILLISECOND, type Micros, SECOND } from '../../base/time.ts';
import type { Fault } from '../../link/impair.ts';
import { isOfKind, type MatchKind, type PacketView } from '../match.ts';
import type { Handed, PacketFault } from '../meddling.ts';
import { Sight } from '../sight.ts';

/** What mischief is made of. */
export type MischiefKind = 'drop' | 'duplicate' | 'delay' | 'reorder' | 'corrupt';

/** How often one kind is taken, compared with the others; 0: never. */
export type Mix = Readonly<Record<MischiefKind, number>>;

export interface MischiefOptions {
  /** Of those left out: drop 4, delay 2, the others 1. */
  readonly mix?: Partial<Mix>;
  /** Whether packets are also held up by little, so that events come in another order; true by default. */
  readonly schedules?: boolean;
}

const MIX: Mix = { drop: 4, duplicate: 1, delay: 2, reorder: 1, corrupt: 1 };

/** Delays that may decide whether a timer goes off; what merely changes places; what merely changes the order of events. */
const DELAY = [5 * MILLISECOND, 5 * SECOND] as const;
const REORDER = [50, 20 * MILLISECOND] as const;
const SCHEDULE = [1, 20 * MILLISECOND] as const;

/** A kind of packet that connections hang on. `after`: only once such a packet has come the other way. */
interface Interest {
  readonly kind: MatchKind;
  readonly again?: boolean;
  readonly after?: MatchKind;
}

const interests: readonly Interest[] = [
  { kind: 'SYN' },
  { kind: 'SYN,ACK' },
  { kind: 'ACK' },
  { kind: 'ACK', after: 'FIN' },
  { kind: 'ACK', after: 'data' },
  { kind: 'data' },
  { kind: 'data' }, // twice: most of what programs do is there
  { kind: 'data', again: true },
  { kind: 'data', after: 'data' },
  { kind: 'data', after: 'FIN' },
  { kind: 'FIN' },
  { kind: 'FIN', again: true },
  { kind: 'FIN', after: 'FIN' },
  { kind: 'RST' },
  { kind: 'UDP' },
  { kind: 'packet' },
];

/** Some of the packets that one interest has: those from the `first`th on, `count` of them, of one sender or of all. */
interface Target {
  readonly interest: Interest;
  readonly first: number;
  readonly count: number;
  /** The sender's number, in the order in which they first sent; null: all together. */
  readonly sender: number | null;
  readonly kind: MischiefKind;
  readonly span: Micros;
  seen: number;
}

/** The mischief of one run. */
export class Mischief {
  /** All that was done, in order. */
  readonly done: PacketFault[] = [];
  private readonly random: Random;
  private readonly mix: Mix;
  private readonly sight: Sight = new Sight();
  private readonly senders: string[] = [];
  /** What each station was sent. */
  private readonly got: Map<string, Set<MatchKind>> = new Map<string, Set<MatchKind>>();
  private readonly targets: readonly Target[];
  /** Probability of each kind, for each packet. */
  private readonly rates: Partial<Record<MischiefKind, number>>;
  private readonly rateSpan: Micros;
  /** A burst begins with that probability, and lasts for so many packets. */
  private readonly bursts: { readonly enter: number; readonly length: number };
  private inBurst = 0;
  /** The share of packets that are held up, and by how much at most. */
  private readonly schedule: { readonly share: number; readonly most: Micros };

  constructor(random: Random, { mix = {}, schedules = true }: MischiefOptions = {}) {
    this.random = random;
    this.mix = { ...MIX, ...mix };
    for (const [kind, weight] of Object.entries(this.mix)) checkWeight(kind, weight);
    const { drop } = this.mix;
    const none = Object.values(this.mix).every((weight) => weight === 0);
    // Below 0.55: single packets; then, with overlaps: shares of all packets, bursts, and both.
    const style = none ? Number.NaN : random.fraction();
    this.targets = style < 0.55 || style > 0.9 ? this.drawTargets() : [];
    this.rates = style >= 0.55 && style < 0.8 ? this.drawRates() : {};
    this.rateSpan = spread(random, DELAY);
    this.bursts =
      style >= 0.75 && style < 0.95 && drop > 0
        ? { enter: spread(random, [0.003, 0.1]), length: 1 + random.below(8) }
        : { enter: 0, length: 0 };
    this.schedule =
      schedules && random.chance(0.4)
        ? { share: spread(random, [0.05, 1]), most: spread(random, SCHEDULE) }
        : { share: 0, most: 0 };
  }

  /** For the world of the run. */
  meddle(packet: Handed): readonly Fault[] {
    const view = this.sight.see(packet);
    const faults = this.draw(view, packet);
    this.learn(view);
    const { cable, from, n } = packet;
    for (const fault of faults) this.done.push({ cable: cable.name, from, n, do: fault });
    return faults;
  }

  private draw(view: PacketView, packet: Handed): Fault[] {
    const { random, rates, bursts, schedule } = this;
    const faults: Fault[] = [];
    const add = (kind: MischiefKind, span: Micros): void => {
      faults.push(this.fault(kind, span, packet));
    };
    for (const target of this.targets) if (this.isMeant(target, view)) add(target.kind, target.span);
    for (const kind of Object.keys(rates) as MischiefKind[]) {
      if (random.chance(rates[kind] ?? 0)) add(kind, spread(random, [this.rateSpan / 10, this.rateSpan]));
    }
    if (this.inBurst > 0) {
      this.inBurst--;
      add('drop', 0);
    } else if (bursts.enter > 0 && random.chance(bursts.enter)) {
      this.inBurst = bursts.length - 1;
      add('drop', 0);
    }
    if (schedule.share > 0 && random.chance(schedule.share)) {
      faults.push({ delay: 1 + random.below(Math.max(schedule.most, 1)) });
    }
    return faults.includes('drop') ? ['drop'] : faults; // what is lost suffers nothing else
  }

  private fault(kind: MischiefKind, span: Micros, { frame }: Handed): Fault {
    if (kind === 'delay' || kind === 'reorder') return { delay: Math.max(Math.round(span), 1) };
    if (kind === 'corrupt') return { corrupt: this.random.below(Math.max(frame.length * 8, 1)) };
    return kind;
  }

  private isMeant(target: Target, view: PacketView): boolean {
    const { interest, first, count, sender } = target;
    if (!isOfKind(interest.kind, view)) return false;
    if (interest.again === true && view.segment?.again !== true) return false;
    if (interest.after !== undefined && this.got.get(view.from)?.has(interest.after) !== true) return false;
    if (sender !== null && this.senderOf(view.from) % 2 !== sender) return false;
    target.seen++;
    return target.seen >= first && target.seen < first + count;
  }

  private senderOf(name: string): number {
    const { senders } = this;
    const known = senders.indexOf(name);
    return known >= 0 ? known : senders.push(name) - 1;
  }

  /** What a station was sent, whether it arrives or not. */
  private learn(view: PacketView): void {
    const got = this.got.get(view.to) ?? new Set<MatchKind>();
    this.got.set(view.to, got);
    for (const kind of ['SYN', 'FIN', 'data'] as const) if (isOfKind(kind, view)) got.add(kind);
  }

  private drawTargets(): Target[] {
    const { random } = this;
    return Array.from({ length: 1 + random.below(3) }, () => {
      const kind = this.drawKind();
      return {
        interest: interests[random.below(interests.length)] as Interest,
        first: random.chance(0.5) ? 1 : 1 + random.below(1 + random.below(8)),
        count: random.chance(0.7) ? 1 : 1 + random.below(4),
        sender: random.chance(0.7) ? random.below(2) : null,
        kind,
        span: spread(random, kind === 'reorder' ? REORDER : DELAY),
        seen: 0,
      };
    });
  }

  private drawRates(): Partial<Record<MischiefKind, number>> {
    const { random } = this;
    const rates: Partial<Record<MischiefKind, number>> = {};
    const count = 1 + random.below(3);
    for (let i = 0; i < count; i++) rates[this.drawKind()] = spread(random, [0.003, 0.3]);
    return rates;
  }

  private drawKind(): MischiefKind {
    const entries = Object.entries(this.mix) as [MischiefKind, number][];
    const all = entries.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.random.fraction() * all;
    for (const [kind, weight] of entries) {
      left -= weight;
      if (left < 0) return kind;
    }
    return 'drop';
  }
}

function checkWeight(kind: string, weight: number): void {
  if (!Object.hasOwn(MIX, kind)) throw new RangeError(`mix: ${kind} is not ${Object.keys(MIX).join(', ')}`);
  if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) throw new RangeError(`mix: ${kind} ${weight} is below 0`);
}

/** Somewhere between the two, each doubling as likely. In whole powers, which every engine takes alike. */
function spread(random: Random, [least, most]: readonly [number, number]): number {
  let doublings = 0;
  for (let at = least; at * 2 <= most; at *= 2) doublings++;
  return Math.min(least * 2 ** random.below(doublings + 1) * (1 + random.fraction()), most);
}
