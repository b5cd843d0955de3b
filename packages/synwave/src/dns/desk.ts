/** Desk: what all questions of one resolver share: where they go out, who reads the answers, what is counted. */
import type { Host } from '../socket/host.ts';
import type { Chance } from './chance.ts';
import type { DnsCodec } from './codec.ts';
import type { DnsErrorCode } from './errors.ts';

/** Why a server did not answer. */
export type Failure = Extract<DnsErrorCode, 'ECANCELLED' | 'ECONNREFUSED' | 'ETIMEOUT'>;

export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

export interface ResolverCounters {
  /** Questions over UDP, and over TCP. */
  sent: number;
  sentOverTcp: number;
  /** Connections that were opened. */
  connections: number;
  /** What arrived and was no answer to what had been asked. */
  ignored: number;
  /** Questions that were not answered in time. */
  timeouts: number;
  /** Questions that the cache answered, or one that was under way. */
  kept: number;
}

export interface Desk {
  readonly host: Host;
  readonly codec: DnsCodec;
  readonly chance: Chance;
  readonly counters: ResolverCounters;
  /** How to give up each question that is under way. */
  readonly open: Set<(why: Failure) => void>;
}
