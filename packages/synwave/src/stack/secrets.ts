/** What must look random to outsiders and follow from the seed inside: ISN (RFC 6528), timestamps (RFC 7323 §5.4), ports (RFC 6056). */
import type { Address } from '../base/address.ts';
import type { Random } from '../base/random.ts';
import { SipHash } from '../base/siphash.ts';

/** What the same four-tuple is hashed for: each use has its own answer. */
const Use = { Sequence: 1, Timestamp: 2, Port: 3 } as const;

export class Secrets {
  private readonly hash: SipHash;
  private readonly words: Int32Array = new Int32Array(10);

  constructor(random: Random) {
    this.hash = new SipHash(Int32Array.from({ length: 4 }, () => random.next() | 0));
  }

  /** F of RFC 6528 §3. */
  sequence(local: Address, localPort: number, remote: Address, remotePort: number): number {
    return this.of(Use.Sequence, local, localPort, remote, remotePort);
  }

  /** What a connection's timestamp clock adds: the same for every connection between two hosts, so that TIME-WAIT can be re-opened. */
  timestamp(local: Address, remote: Address): number {
    return this.of(Use.Timestamp, local, 0, remote, 0);
  }

  /** Where the search for a local port begins (RFC 6056 §3.3.3). */
  port(local: Address, remote: Address, remotePort: number): number {
    return this.of(Use.Port, local, 0, remote, remotePort) >>> 0;
  }

  private of(use: number, local: Address, localPort: number, remote: Address, remotePort: number): number {
    const { words } = this;
    words[0] = local.a;
    words[1] = local.b;
    words[2] = local.c;
    words[3] = local.d;
    words[4] = remote.a;
    words[5] = remote.b;
    words[6] = remote.c;
    words[7] = remote.d;
    words[8] = (localPort << 16) | remotePort;
    words[9] = use;
    return this.hash.hash(words, 10);
  }
}
