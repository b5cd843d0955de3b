/** Turns: who is called next, one for each turn of the loop, in the order in which Node's loop would have it. */
import type { Driver } from '../socket/driver.ts';

type Act = () => void;

/**
 * A round of Node's loop does what is done already, hands on what has arrived, does what is done by then, and closes, the
 * latest first; what these cause on the network arrives with the next round. A stack in the same process answers sooner
 * than a kernel would: the order must not show it.
 */
export class Turns {
  private readonly driver: Driver;
  private arrivals: Act[] = [];
  private readonly completions: Act[] = [];
  private closings: Act[] = [];
  private stage: 'begin' | 'arrive' | 'complete' | 'close' = 'begin';
  /** Arrivals and closings of this round. */
  private arriving: Act[] = [];
  private closing: Act[] = [];

  constructor(driver: Driver) {
    this.driver = driver;
  }

  /** Something has come over the network. */
  arrive(act: Act): void {
    this.arrivals.push(act);
    this.driver.soon(this.take);
  }

  /** From within an arrival: something that comes after all others of this round. */
  arriveLast(act: Act): void {
    this.arriving.push(act);
    this.driver.soon(this.take);
  }

  /** From within an arrival: what comes before all others of this round. */
  arriveNext(act: Act): void {
    this.arriving.unshift(act);
    this.driver.soon(this.take);
  }

  /** Something that was asked for is done. */
  complete(act: Act): void {
    this.completions.push(act);
    this.driver.soon(this.take);
  }

  /** Something is closed. */
  close(act: Act): void {
    this.closings.push(act);
    this.driver.soon(this.take);
  }

  private get idle(): boolean {
    const { arrivals, arriving, completions, closings, closing } = this;
    return arrivals.length + arriving.length + completions.length + closings.length + closing.length === 0;
  }

  private readonly take = (): void => {
    try {
      this.next()?.();
    } finally {
      if (this.idle) this.driver.soon(this.rest);
    }
  };

  /** Nothing came of it: the loop waits, and its next round begins anew. */
  private readonly rest = (): void => {
    if (this.idle) this.stage = 'begin';
  };

  /** There are as many calls of this as there are acts. */
  private next(): Act | undefined {
    while (!this.idle) {
      const act = this.ofStage();
      if (act !== undefined) return act;
    }
    return undefined;
  }

  /** The next act of this stage; undefined: the next stage has come. */
  private ofStage(): Act | undefined {
    switch (this.stage) {
      case 'begin':
        if (this.completions.length > 0) return this.completions.shift();
        this.stage = 'arrive';
        this.arriving = this.arrivals;
        this.arrivals = [];
        return undefined;
      case 'arrive':
        if (this.arriving.length > 0) return this.arriving.shift();
        this.stage = 'complete';
        return undefined;
      case 'complete':
        if (this.completions.length > 0) return this.completions.shift();
        this.stage = 'close';
        this.closing = this.closings;
        this.closings = [];
        return undefined;
      default:
        if (this.closing.length > 0) return this.closing.pop();
        this.stage = 'begin';
        return undefined;
    }
  }
}
