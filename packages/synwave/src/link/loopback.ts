/** Loopback: a link whose packets come back to the host that sent them. */
import type { Frame } from '../base/frame.ts';
import { Inbox } from './inbox.ts';
import { inProcess, type Link, type Offloads, type Receiver } from './link.ts';

/** The largest IPv4 packet. */
const LOOPBACK_MTU = 65_535;

export class Loopback implements Link {
  readonly name = 'lo';
  readonly mtu: number = LOOPBACK_MTU;
  readonly offloads: Offloads = inProcess;
  private readonly inbox: Inbox = new Inbox();

  send(frame: Frame): void {
    this.inbox.put(frame);
  }

  attach(receiver: Receiver): void {
    this.inbox.attach(receiver);
  }

  deliver(): number {
    return this.inbox.deliver();
  }
}
