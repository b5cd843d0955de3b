/** Queue: datagrams that wait for their program, bounded by the octets that they take. */
import type { Address } from '../base/address.ts';

/** A datagram that has arrived. */
export interface Message {
  /** Its text, in memory of its own. */
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly from: Address;
  /** 0: the sender expects no answer. */
  readonly fromPort: number;
  /** The number of the interface that it came by. */
  readonly device: number;
}

/** What a datagram is reckoned to cost beyond its octets: empty ones take room as well. */
const COST = 64;

/** What a datagram of `length` octets takes of a queue's room, in octets. */
export function costOf(length: number): number {
  return length + COST;
}

export class Queue {
  /** How much it may hold, in octets as `costOf` counts them. A smaller bound than what is in drops nothing. */
  capacity: number;
  /** How much it holds. */
  held = 0;
  private messages: Message[] = [];
  private at = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.messages.length - this.at;
  }

  /** Whether one more of `length` octets may come in. As with Linux, the last one may be too large for what is left. */
  takes(length: number): boolean {
    return this.held < this.capacity && length <= this.capacity;
  }

  push(message: Message): void {
    this.messages.push(message);
    this.held += costOf(message.octets.length);
  }

  /** The oldest, taken out; null when there is none. */
  shift(): Message | null {
    const message = this.messages[this.at];
    if (message === undefined) return null;
    this.at++;
    this.held -= costOf(message.octets.length);
    // What was taken is let go of now and then: once it is half of the list, the move costs each message one step.
    if (2 * this.at >= this.messages.length) {
      this.messages = this.messages.slice(this.at);
      this.at = 0;
    }
    return message;
  }
}
