/** IdleTimer: tells once when nothing has happened for a while. Activity costs one assignment. */
import { MILLISECOND, type Micros } from '../base/time.ts';
import type { Alarm, Driver } from '../socket/driver.ts';

export class IdleTimer {
  private readonly driver: Driver;
  private readonly act: () => void;
  /** 0: off. */
  private span: Micros = 0;
  private since: Micros = 0;
  private alarm: Alarm | null = null;

  constructor(driver: Driver, act: () => void) {
    this.driver = driver;
    this.act = act;
  }

  /** Begins to wait, anew if it did already. `span` in milliseconds; 0: no more. */
  start(span: number): void {
    this.stop();
    this.span = span * MILLISECOND;
    if (span > 0) this.touch();
  }

  /** Something has happened: the wait begins anew, also after it has told. */
  touch(): void {
    if (this.span === 0) return;
    this.since = this.driver.now();
    if (this.alarm === null) this.arm(this.span);
  }

  stop(): void {
    this.alarm?.cancel();
    this.alarm = null;
    this.span = 0;
  }

  private arm(span: Micros): void {
    this.alarm = this.driver.after(span, () => {
      this.alarm = null;
      const left = this.since + this.span - this.driver.now();
      if (left > 0) this.arm(left);
      else this.act();
    });
  }
}
