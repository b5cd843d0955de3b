/** Chance: numbers that somebody who has seen the earlier ones cannot guess (RFC 5452 §4.3): a keyed hash of a counter. */
import type { Random } from '../base/random.ts';
import { SipHash } from '../base/siphash.ts';

/** Ephemeral ports: the upper half, as the stack has them. */
const FIRST_PORT = 32_768;

export class Chance {
  private readonly hash: SipHash;
  private readonly counter: Int32Array = new Int32Array(2);

  /** The key is drawn from `random`, and nothing else afterwards. */
  constructor(random: Random) {
    this.hash = new SipHash(Int32Array.from({ length: 4 }, () => random.next() | 0));
  }

  /** 32 bits, as an unsigned number. */
  word(): number {
    const { counter } = this;
    const low = ((counter[0] as number) + 1) | 0;
    counter[0] = low;
    if (low === 0) counter[1] = ((counter[1] as number) + 1) | 0;
    return this.hash.hash(counter, 2) >>> 0;
  }

  /** A message's number: 0 to 65535. */
  id(): number {
    return this.word() & 0xffff;
  }

  /** RFC 5452 §9.2: a source port. */
  port(): number {
    return FIRST_PORT + (this.word() % (0x1_0000 - FIRST_PORT));
  }

  /** `name` with letters in either case, by chance: an answer that keeps them was made by someone who saw the question. */
  mixCase(name: string): string {
    let bits = 0;
    return name.replace(/[a-z]/gi, (letter) => {
      bits = bits <= 1 ? (this.word() | 0x8000_0000) >>> 0 : bits >>> 1;
      return (bits & 1) === 1 ? letter.toUpperCase() : letter.toLowerCase();
    });
  }
}
