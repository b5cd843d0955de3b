/** Timeline: the virtual time, what is to happen in it, and what its hosts and cables share. */

import { type Due, Queue } from '../base/due.ts';
import type { Micros } from '../base/time.ts';
import { EventHash } from './hash.ts';
import { EventLog } from './log.ts';
import type { Meddler, PacketFault } from './meddling.ts';
import type { Partition } from './partition.ts';

export class Timeline {
  now: Micros;
  /** A program was told something: it is owed a turn of the platform's event loop, before the next event. */
  restless = false;
  /** How programs wait for a turn of the platform's loop, if they do; time waits for them. */
  loopTurn: ((done: () => void) => void) | null = null;
  /** Events that have happened. */
  happened = 0;
  /** Timers to come that a run need not go on for. */
  idlers = 0;
  /** Hosts that have sockets or listeners: a program that waits there may wait for timers of that kind as well. */
  alive = 0;
  /** Packets that were handed to cables: the next one's number. */
  packets = 0;
  /** Whether chance does anything to packets on cables. */
  chancy = true;
  /** Who else does something to packets; null: nobody. */
  meddler: Meddler | null = null;
  /** What chance has done to packets; null: nobody wants to know. */
  chances: PacketFault[] | null = null;
  /** Hosts that cannot hear one another; null: there are none. */
  partition: Partition | null = null;
  readonly log: EventLog = new EventLog();
  /** Over every octet; null: nobody asked for one. */
  readonly hash: EventHash | null;
  /** Over times, ways, flags and lengths. */
  readonly shape: EventHash = new EventHash();
  private readonly queue: Queue = new Queue();

  constructor(start: Micros, hash: EventHash | null) {
    this.now = start;
    this.hash = hash;
  }

  /** The time of the next event; undefined when nothing is left to happen. */
  get next(): Micros | undefined {
    return this.queue.first?.time;
  }

  /** Whether nothing is left to happen that a run would go on for. */
  get idle(): boolean {
    return this.queue.length === this.idlers;
  }

  /** Has `due` happen at `time`, or now if that is past; an event that is awaited already is moved. */
  add(due: Due, time: Micros): void {
    this.queue.add(due, time > this.now ? time : this.now);
  }

  /** `due` does not happen. */
  cancel(due: Due): void {
    this.queue.remove(due);
  }

  /** Lets the next event happen. Answers false when nothing is left. */
  step(): boolean {
    const due = this.queue.take();
    if (due === undefined) return false;
    this.now = due.time;
    this.happened++;
    due.happen();
    return true;
  }
}
