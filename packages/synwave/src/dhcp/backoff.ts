/** RFC 2131 §4.1: how long a client waits before it sends a message again. */
import type { Random } from '../base/random.ts';
import { type Micros, SECOND } from '../base/time.ts';

const FIRST: Micros = 4 * SECOND;
const MOST: Micros = 64 * SECOND;
const SPREAD: Micros = SECOND;

/** How often a request goes out before a client begins anew, or makes do without (§3.1.5, §4.4.3): 60 seconds in all. */
export const MOST_TRIES = 4;

/** After so many tries: 4, 8, 16 ... 64 seconds, each a second longer or shorter. */
export function waitAfter(tries: number, random: Random): Micros {
  const wait = Math.min(FIRST * 2 ** (tries - 1), MOST);
  return wait + Math.floor(SPREAD * (2 * random.fraction() - 1));
}
