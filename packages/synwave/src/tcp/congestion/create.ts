/** The congestion controllers that there are, by name. */
import type { CongestionController } from './controller.ts';
import { Cubic } from './cubic.ts';
import { Reno } from './reno.ts';

/** A fresh controller; `mss` in octets, `initial` window in octets. */
export function createController(name: 'reno' | 'cubic', mss: number, initial: number): CongestionController {
  return name === 'reno' ? new Reno(mss, initial) : new Cubic(mss, initial);
}
