/** The congestion controllers that there are, by name. */
import type { CongestionController } from './controller.ts';
import { Cubic } from './cubic.ts';
import { Reno } from './reno.ts';

/** A fresh controller; `mss` and the `initial` window in octets, `limit` in segments: L of RFC 3465 §2.2. */
export function createController(
  name: 'reno' | 'cubic',
  mss: number,
  initial: number,
  limit: number,
): CongestionController {
  return name === 'reno' ? new Reno(mss, initial, limit) : new Cubic(mss, initial, limit);
}
