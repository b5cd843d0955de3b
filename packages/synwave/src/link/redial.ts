/** Redial: calls again when the other end of a link is gone, later each time that nobody answers. */

/** Calls `act` in `wait` milliseconds, and keeps nothing alive. Answers how to call it off. */
export type After = (act: () => void, wait: number) => () => void;

const FIRST = 100;
const LAST = 5000;

export class Redial {
  private readonly after: After;
  private readonly dial: () => void;
  private wait = FIRST;
  private cancel: (() => void) | null = null;

  constructor(after: After, dial: () => void) {
    this.after = after;
    this.dial = dial;
  }

  /** The other end is there: should it go, it is called soon. */
  answered(): void {
    this.wait = FIRST;
  }

  /** It is not there: called again after a while, of up to 5 s. */
  missed(): void {
    this.cancel?.();
    this.cancel = this.after(() => {
      this.cancel = null;
      this.dial();
    }, this.wait);
    this.wait = Math.min(this.wait * 2, LAST);
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }
}
