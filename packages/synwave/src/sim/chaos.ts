/** Chaos: faults of hosts and cables, planned by chance ahead of time: what, when and for how long. */
import type { Random } from '../base/random.ts';
import type { Micros } from '../base/time.ts';
import type { Cable } from './cable.ts';
import type { SimHost } from './host.ts';

/** How often something happens, and how long it lasts; both are means, and chance makes short ones likelier. */
export interface Rate {
  readonly every: Micros;
  readonly lasts: Micros;
}

export interface ChaosOptions {
  /** The time by which everybody is well again. */
  readonly until: Micros;
  /** A host loses power and boots: with nothing that it knew. */
  readonly crashes?: Rate;
  /** A host stands still and goes on. */
  readonly pauses?: Rate;
  /** The hosts are parted into two groups. */
  readonly partitions?: Rate;
  /** A cable is unplugged: for both directions or, as often, for one. */
  readonly cuts?: Rate;
  /** Hosts to which it happens; all by default. */
  readonly hosts?: readonly SimHost[];
  /** Cables to which it happens; all by default. */
  readonly cables?: readonly Cable[];
  /** Hosts without power or paused at a time, at most; less than half of them by default, and 1 at least. */
  readonly most?: number;
}

/** One fault that was planned. */
export interface Calamity {
  readonly time: Micros;
  readonly ends: Micros;
  readonly type: 'crash' | 'pause' | 'partition' | 'cut';
  /** Who suffers it: of a partition, one of its two groups. */
  readonly hosts: readonly SimHost[];
  /** Of a partition, the other group. */
  readonly others: readonly SimHost[];
  readonly cable: Cable | null;
  /** In words: `n2 crashes`. */
  readonly text: string;
}

type Plan = ChaosOptions & Required<Pick<ChaosOptions, 'hosts' | 'cables'>>;

/** Each kind draws from a stream of its own: more of one does not change when the others happen. */
export function planChaos(random: Random, now: Micros, plan: Plan): Calamity[] {
  const { until, hosts, cables, crashes, pauses, partitions, cuts } = plan;
  if (!(until > now)) throw new RangeError(`chaos until ${until}: that is not after now, ${now}`);
  const { most = Math.max(1, Math.floor((hosts.length - 1) / 2)) } = plan;
  if (!(most >= 1)) throw new RangeError(`chaos for ${most} hosts at a time`);
  const found: Calamity[] = [];
  const spans = (name: string, rate: Rate | undefined): Generator<Span> => spansOf(random.fork(name), rate, now, until);
  // Of those whose host is ill already, or which would be one too many, nothing comes.
  const ills = [
    ...[...spans('crash', crashes)].map((span) => ({ ...span, type: 'crash' as const, verb: 'crashes' })),
    ...[...spans('pause', pauses)].map((span) => ({ ...span, type: 'pause' as const, verb: 'pauses' })),
  ].sort((one, other) => one.from - other.from);
  let ill: { readonly host: SimHost; readonly to: Micros }[] = [];
  for (const { from, to, draw, type, verb } of hosts.length === 0 ? [] : ills) {
    const host = hosts[draw % hosts.length] as SimHost;
    ill = ill.filter((each) => each.to >= from);
    if (ill.length >= most || ill.some((each) => each.host === host)) continue;
    ill.push({ host, to });
    found.push({ time: from, ends: to, type, hosts: [host], others: [], cable: null, text: `${host.name} ${verb}` });
  }
  let free = now;
  for (const { from, to, chance } of hosts.length < 2 ? [] : spans('partition', partitions)) {
    const mixed = shuffled(chance, hosts);
    const size = 1 + chance.below(hosts.length - 1);
    if (from <= free) continue; // one at a time
    free = to;
    const [one, others] = [mixed.slice(0, size), mixed.slice(size)];
    const text = `partition ${one.map(({ name }) => name).join(', ')} | ${others.map(({ name }) => name).join(', ')}`;
    found.push({ time: from, ends: to, type: 'partition', hosts: one, others, cable: null, text });
  }
  const cutUntil = new Map<Cable, Micros>();
  for (const { from, to, draw, chance } of cables.length === 0 ? [] : spans('cut', cuts)) {
    const cable = cables[draw % cables.length] as Cable;
    const which = chance.below(4);
    const stations = which < 2 ? [cable.stationAt(which === 0 ? 0 : 1)] : [];
    if ((cutUntil.get(cable) ?? now) >= from) continue;
    cutUntil.set(cable, to);
    const sender = hosts.filter((host) => stations.includes(host));
    const text = `${cable.name} is cut${sender.length === 0 ? '' : ` for what ${sender[0]?.name} sends`}`;
    found.push({ time: from, ends: to, type: 'cut', hosts: sender, others: [], cable, text });
  }
  return found.sort((a, b) => a.time - b.time);
}

/** What a world does for it. */
interface Parting {
  partition(...groups: readonly (readonly SimHost[])[]): () => void;
  heal(): void;
}

export function begin(world: Parting, { type, hosts, others, cable }: Calamity): void {
  if (type === 'partition') world.partition(hosts, others);
  else if (type === 'cut') cable?.unplug(hosts[0]);
  else if (type === 'crash') for (const host of hosts) host.crash();
  else for (const host of hosts) host.pause();
}

export function end(world: Parting, { type, hosts, cable }: Calamity): void {
  if (type === 'partition') world.heal();
  else if (type === 'cut') cable?.plug(hosts[0]);
  else if (type === 'crash') for (const host of hosts) host.boot();
  else for (const host of hosts) host.resume();
}

interface Span {
  readonly from: Micros;
  readonly to: Micros;
  /** 32 bits of chance. */
  readonly draw: number;
  /** The stream of its kind. */
  readonly chance: Random;
}

/** Times come as rain does: the spans between them, and how long each lasts, are exponential. */
function* spansOf(random: Random, rate: Rate | undefined, now: Micros, until: Micros): Generator<Span> {
  if (rate === undefined) return;
  const { every, lasts } = rate;
  if (!(every > 0 && lasts >= 0)) throw new RangeError(`chaos every ${every}, lasting ${lasts}`);
  const draw = (mean: Micros): Micros => Math.max(1, Math.round(exponential(random) * mean));
  for (let from = now + draw(every); from < until; from += draw(every))
    yield { from, to: Math.min(from + draw(lasts), until), draw: random.next(), chance: random };
}

/** With a mean of 1, by comparisons alone (von Neumann's way): logarithms differ from engine to engine. */
function exponential(random: Random): number {
  for (let whole = 0; ; whole++) {
    const first = random.fraction();
    let falling = true;
    let odd = true;
    for (let last = first; falling; odd = !odd) {
      const next = random.fraction();
      falling = next < last;
      last = next;
    }
    if (!odd) return whole + first;
  }
}

function shuffled<T>(random: Random, from: readonly T[]): T[] {
  const mixed = [...from];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
  }
  return mixed;
}
