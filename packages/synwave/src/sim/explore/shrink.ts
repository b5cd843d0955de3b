/** Shrink: of all the faults of a failed run, a smallest set that still fails in the same way, each as plain as it can be. */
import { MILLISECOND, type Micros, SECOND } from '../../base/time.ts';
import type { Fault } from '../../link/impair.ts';
import type { PacketFault } from '../meddling.ts';

type Faults = readonly PacketFault[];

/** Whether a run with these faults, and no others, fails in the same way. */
export type Fails = (faults: Faults) => Promise<boolean>;

/** Times that people say. */
const ROUND: readonly Micros[] = [1, 2, 5, 10, 20, 40, 50, 100, 200, 400, 500].map((n) => n * MILLISECOND);
const LONG: readonly Micros[] = [1, 2, 3, 5, 10, 20, 30, 60].map((n) => n * SECOND);

/** One of these alone may do what several faults did together. */
const ALONE: readonly Fault[] = ['drop', { delay: SECOND }, { delay: 5 * SECOND }, { delay: 20 * SECOND }];

/** Earlier packets of the same direction that are tried in a packet's place. */
const EARLIER = 24;

/** Rounds in which faults are left out and made plainer, at most. */
const ROUNDS = 4;

/**
 * `faults` fail. Answers fewer that fail as well, of which none can be left out; as far as `most` attempts lead. An empty
 * list: the program fails by itself.
 */
export async function shrink(faults: Faults, fails: Fails, most: number): Promise<Faults> {
  const tries = new Tries(fails, most);
  if (await tries.fails([])) return [];
  let best = await minimise(faults, tries);
  for (let round = 0; round < ROUNDS && !tries.over; round++) {
    const before = best;
    best = await joined(best, tries);
    best = await plainer(best, tries);
    best = await minimise(best, tries);
    if (best === before) break;
  }
  return best;
}

/** Counts attempts; beyond their number nothing fails. */
class Tries {
  private readonly ask: Fails;
  private left: number;
  private readonly known: Map<string, boolean> = new Map<string, boolean>();

  constructor(ask: Fails, most: number) {
    this.ask = ask;
    this.left = most;
  }

  get over(): boolean {
    return this.left <= 0;
  }

  async fails(faults: Faults): Promise<boolean> {
    const key = JSON.stringify(faults);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    if (this.left-- <= 0) return false;
    const answer = await this.ask(faults);
    this.known.set(key, answer);
    return answer;
  }
}

/** Delta debugging (Zeller and Hildebrandt): ever smaller parts are left out, as long as it still fails without them. */
async function minimise(faults: Faults, tries: Tries): Promise<Faults> {
  let best = faults;
  let parts = 2;
  while (best.length > 1) {
    const smaller = await without(best, Math.min(parts, best.length), tries);
    if (smaller !== null) {
      parts = Math.max(parts - 1, 2);
      best = smaller;
    } else if (parts >= best.length) break;
    else parts *= 2;
  }
  return best;
}

/** One of so many parts alone, or all but one. */
async function without(faults: Faults, parts: number, tries: Tries): Promise<Faults | null> {
  const size = Math.ceil(faults.length / parts);
  for (let at = 0; at < faults.length; at += size) {
    const part = faults.slice(at, at + size);
    if (await tries.fails(part)) return part;
  }
  if (parts === 2) return null; // the rest is the other part
  for (let at = 0; at < faults.length; at += size) {
    const rest = [...faults.slice(0, at), ...faults.slice(at + size)];
    if (await tries.fails(rest)) return rest;
  }
  return null;
}

/** One packet's fate in the place of several. */
async function joined(faults: Faults, tries: Tries): Promise<Faults> {
  if (faults.length < 2) return faults;
  for (const fault of faults) {
    for (const alone of ALONE) {
      const one = [{ ...fault, do: alone }];
      if (await tries.fails(one)) return one;
    }
  }
  return faults;
}

/** Each fault by itself: a plainer fate, an earlier packet. */
async function plainer(faults: Faults, tries: Tries): Promise<Faults> {
  let best = faults;
  for (let i = 0; i < faults.length; i++) {
    const fault = best[i] as PacketFault;
    const other = (changed: Partial<PacketFault>): Faults => best.with(i, { ...fault, ...changed });
    for (const each of plainerFates(fault.do)) {
      const tried = other({ do: each });
      if (!(await tries.fails(tried))) continue;
      best = tried;
      break;
    }
    best = await earlier(best, i, tries);
  }
  return best;
}

async function earlier(faults: Faults, i: number, tries: Tries): Promise<Faults> {
  const fault = faults[i] as PacketFault;
  const taken = (n: number): boolean =>
    faults.some((each) => each.cable === fault.cable && each.from === fault.from && each.n === n);
  for (let n = 1; n < Math.min(fault.n, EARLIER); n++) {
    if (taken(n)) continue;
    const tried = faults.with(i, { ...fault, n });
    if (await tries.fails(tried)) return tried;
  }
  return faults;
}

/** Fates that are easier to tell than this one, the easiest first. */
function plainerFates(fault: Fault): readonly Fault[] {
  if (fault === 'drop' || fault === 'duplicate') return [];
  if (fault === 'corrupt' || 'corrupt' in fault) return ['drop'];
  if ('until' in fault) return ['drop'];
  const { delay } = fault;
  const round = [...ROUND, ...LONG];
  // Up to the next round number above it: 187 ms is told as 200 ms.
  const above = round.find((span) => span >= delay) ?? delay;
  return ['drop' as const, ...round.filter((span) => span <= above).map((span) => ({ delay: span }))].filter(
    (each) => typeof each === 'string' || each.delay !== delay,
  );
}
