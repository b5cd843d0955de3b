/** SYN cookies (RFC 4987 §3.6, appendix A): an ISN that tells, when it is acknowledged, that we sent it, lately, and for which MSS. */
import type { Random } from '../base/random.ts';
import { add, diff, type Seq } from '../base/seq.ts';
import { SipHash } from '../base/siphash.ts';
import { type Micros, SECOND } from '../base/time.ts';
import { initialSequence } from '../tcp/isn.ts';
import type { Packet } from '../wire/ip.ts';
import type { Segment } from '../wire/segment.ts';

/** A counter goes up once in this time; cookies of its present value and of the one before are good. */
const PERIOD: Micros = 64 * SECOND;
const PERIODS = 2;
/** No cookie is good for longer. */
export const COOKIE_LIFE: Micros = PERIODS * PERIOD;

/**
 * What the three bits of a cookie say of the peer's MSS: the largest of these that is not above it. The least that we take
 * (`takeSyn`), what IPv4 assumes, what IPv6 assumes, tunnels, Ethernet with IPv6 and with IPv4, jumbo frames, a loopback.
 */
export const COOKIE_MSS: readonly number[] = [48, 536, 1220, 1360, 1440, 1460, 8940, 65_475];
const MSS_BITS = 7;

/** The low bits of a cookie that count from the beginning of its period on: a mark that only we can make, and the MSS. */
const LOW = 0xff_ffff;
const MARK = LOW & ~MSS_BITS;

const WORDS = 12;

/**
 * Makes cookies and reads them; nothing is kept of any. A cookie is the ISN of RFC 6528 at the beginning of its period, plus
 * 24 bits: so it goes on where the ISNs of this four-tuple were, to within two periods.
 */
export class SynCookies {
  sent = 0;
  received = 0;
  failed = 0;
  private readonly hash: SipHash;
  private readonly words: Int32Array = new Int32Array(WORDS);

  /** `random`: a stream for nothing else. */
  constructor(random: Random) {
    this.hash = new SipHash(Int32Array.from({ length: 4 }, () => random.next() | 0));
  }

  /**
   * Says what the next cookie is bound to: the four-tuple of a segment that arrived, the peer's ISN, and what the handshake
   * agrees on (`tcp/cookie.ts`).
   */
  bind({ src, dst }: Packet, seg: Segment, irs: Seq, agreed: number): this {
    const { words } = this;
    words[0] = dst.a;
    words[1] = dst.b;
    words[2] = dst.c;
    words[3] = dst.d;
    words[4] = src.a;
    words[5] = src.b;
    words[6] = src.c;
    words[7] = src.d;
    words[8] = (seg.dstPort << 16) | seg.srcPort;
    words[9] = irs;
    words[10] = agreed;
    return this;
  }

  /** A cookie for a peer that takes segments with `mss` octets of text. `f`: F of RFC 6528 §3 for the four-tuple. */
  make(f: number, mss: number, now: Micros): Seq {
    const counter = counterAt(now);
    let index = COOKIE_MSS.length - 1;
    while (index > 0 && (COOKIE_MSS[index] as number) > mss) index--;
    return add(beginning(f, counter), (this.mark(counter, index) & MARK) | index);
  }

  /**
   * The MSS that a cookie tells, -1 for a number that is none, or none any more. All of it is reckoned whatever is wrong, so
   * that the time that it takes says nothing about which part was guessed right.
   */
  read(f: number, cookie: Seq, now: Micros): number {
    let mss = -1;
    for (let age = 0; age < PERIODS; age++) {
      const counter = counterAt(now) - age;
      const low = diff(cookie, beginning(f, counter));
      const index = low & MSS_BITS;
      const wrong = (low & ~LOW) | ((low ^ this.mark(counter, index)) & MARK);
      if (wrong === 0) mss = COOKIE_MSS[index] as number;
    }
    return mss;
  }

  private mark(counter: number, index: number): number {
    const { hash, words } = this;
    words[11] = (counter << 3) | index;
    return hash.hash(words, WORDS);
  }
}

function counterAt(now: Micros): number {
  return Math.floor(now / PERIOD);
}

/** The ISN that RFC 6528 has at the beginning of a period. */
function beginning(f: number, counter: number): Seq {
  return initialSequence(f, counter * PERIOD);
}
