/** Traceroute: who stands on the way to a host: echoes that live for one hop, for two, and so on (RFC 1812 §4.3.2.9, §5.3.1). */
import { fail } from '../base/errors.ts';
import { type Micros, SECOND } from '../base/time.ts';
import type { PingAnswer, Pings } from './pings.ts';
import { isHopLimit } from './udp-socket.ts';

export interface TracerouteOptions {
  /** The last hop that is asked for, 1 to 255; 30 by default. */
  readonly maxHops?: number;
  /** Echoes for each hop, from 1 on; they go out together. 3 by default. */
  readonly probes?: number;
  /** How long to wait for the answers of one hop; a second by default. */
  readonly timeout?: Micros;
  /** Octets of data in each echo; 32 by default. */
  readonly size?: number;
}

/** What came back from one place on the way. */
export interface Hop {
  /** Its distance: 1 for the first router. */
  readonly ttl: number;
  /** One for each echo, in the order of sending: several routers may share the work. */
  readonly answers: readonly PingAnswer[];
}

const MAX_HOPS = 30;
const PROBES = 3;
const SIZE = 32;

/** The hops to `address`, nearest first. The last one replied, or told why nothing gets further, or is the last allowed. */
export async function* traceroute(
  pings: Pings,
  address: string,
  options: TracerouteOptions,
): AsyncGenerator<Hop, void, void> {
  const { maxHops = MAX_HOPS, probes = PROBES, timeout = SECOND, size = SIZE } = options;
  if (!isHopLimit(maxHops)) fail('EINVAL', `traceroute ${address} of ${maxHops} hops`);
  if (!Number.isInteger(probes) || probes < 1) fail('EINVAL', `traceroute ${address} with ${probes} probes`);
  for (let ttl = 1; ttl <= maxHops; ttl++) {
    const asked = Array.from({ length: probes }, () => pings.ask(address, { size, ttl, timeout }));
    const answers = await Promise.all(asked);
    yield { ttl, answers };
    if (answers.some(isEnd)) return;
  }
}

/** Whether an echo that lives longer would fare the same. */
function isEnd({ type }: PingAnswer): boolean {
  return type !== 'time exceeded' && type !== 'timeout';
}
