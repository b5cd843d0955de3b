/** Pipe: two ends inside one process, no delay, no loss. */
import type { Frame } from '../base/frame.ts';
import { Inbox } from './inbox.ts';
import { inProcess, type Link, type Offloads, type Receiver } from './link.ts';

export interface PipeOptions {
  /** The largest IP packet, 65,535 octets by default. */
  readonly mtu?: number;
  /** No checksums by default. */
  readonly offloads?: Offloads;
  readonly name?: string;
}

class PipeEnd implements Link {
  readonly name: string;
  readonly mtu: number;
  readonly offloads: Offloads;
  private readonly mine: Inbox;
  private readonly theirs: Inbox;

  constructor(name: string, options: PipeOptions, mine: Inbox, theirs: Inbox) {
    this.name = name;
    this.mtu = options.mtu ?? 65_535;
    this.offloads = options.offloads ?? inProcess;
    this.mine = mine;
    this.theirs = theirs;
  }

  send(frame: Frame): void {
    this.theirs.put(frame);
  }

  attach(receiver: Receiver): void {
    this.mine.attach(receiver);
  }

  deliver(): number {
    return this.mine.deliver();
  }
}

/** The two ends of a pipe: give one to each of two hosts. */
export function pipe(options: PipeOptions = {}): [Link, Link] {
  const a = new Inbox();
  const b = new Inbox();
  const name = options.name ?? 'pipe';
  return [new PipeEnd(`${name}0`, options, a, b), new PipeEnd(`${name}1`, options, b, a)];
}
