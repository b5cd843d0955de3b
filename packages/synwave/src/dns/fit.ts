/** A message within a size: what may be left out goes first, then all, with the TC bit (RFC 2181 §9). */
import type { DnsCodec, Message } from './codec.ts';

export interface Fitted {
  readonly octets: Uint8Array;
  readonly truncated: boolean;
}

export function fit(codec: DnsCodec, message: Message, most: number): Fitted {
  let octets = codec.encode(message);
  if (octets.length > most && message.additionals.length > 0) octets = codec.encode({ ...message, additionals: [] });
  if (octets.length <= most) return { octets, truncated: false };
  const empty = { ...message, truncated: true, answers: [], authorities: [], additionals: [] };
  return { octets: codec.encode(empty), truncated: true };
}
