/** HostClock: the time of one host, which may run faster or slower than that of the world. */
import { type Micros, NEVER } from '../base/time.ts';

const MILLION = 1_000_000;

/** A clock that is so far off is broken, and not a clock any more. */
const MOST_PPM = 500_000;

export class HostClock {
  /** Millionths by which it is fast; below 0: slow. */
  ppm = 0;
  /** Where it was set last: a time of the world, and its own then. */
  private worldAt: Micros = 0;
  private ownAt: Micros = 0;

  /** Its time at a time of the world. It never goes back. */
  at(world: Micros): Micros {
    if (this.ppm === 0) return world - this.worldAt + this.ownAt;
    return this.ownAt + Math.floor(((world - this.worldAt) * (MILLION + this.ppm)) / MILLION);
  }

  /** The first time of the world at which it shows at least `own`. */
  worldOf(own: Micros): Micros {
    if (own === NEVER) return NEVER;
    if (this.ppm === 0) return own - this.ownAt + this.worldAt;
    const world = this.worldAt + Math.ceil(((own - this.ownAt) * MILLION) / (MILLION + this.ppm));
    return this.at(world) < own ? world + 1 : world;
  }

  /** From `world` on it is fast by so many millionths. Throws RangeError beyond half. */
  drift(ppm: number, world: Micros): void {
    if (!(Math.abs(ppm) <= MOST_PPM)) throw new RangeError(`drift of ${ppm} ppm is not within -500000 to 500000`);
    this.ownAt = this.at(world);
    this.worldAt = world;
    this.ppm = ppm;
  }
}
