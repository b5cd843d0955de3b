/** Deadline: a time at which something is to happen, on a driver whose alarms may come early. */
import { type Micros, NEVER } from '../base/time.ts';
import type { Alarm, Driver } from '../socket/driver.ts';

export class Deadline {
  private readonly driver: Driver;
  private readonly act: () => void;
  private alarm: Alarm | null = null;
  private at: Micros = NEVER;

  constructor(driver: Driver, act: () => void) {
    this.driver = driver;
    this.act = act;
  }

  /** It happens then, and not when it was to happen before; `NEVER`: not at all. */
  set(at: Micros): void {
    this.clear();
    this.at = at;
    if (at === NEVER) return;
    this.alarm = this.driver.after(Math.max(at - this.driver.now(), 0), () => this.ring());
  }

  clear(): void {
    this.alarm?.cancel();
    this.alarm = null;
  }

  /** Timers of a platform do not reach as far as leases do. */
  private ring(): void {
    this.alarm = null;
    if (this.driver.now() < this.at) this.set(this.at);
    else this.act();
  }
}
