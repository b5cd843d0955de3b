/** A UDP datagram leaves, within the call that sends it: nothing is kept to be sent again. */
import type { Address } from '../base/address.ts';
import { isMulticast } from '../base/address-text.ts';
import type { ErrorCode } from '../base/errors.ts';
import { ipOutput } from '../ip/output.ts';
import type { Path } from '../ip/path.ts';
import type { Endpoint } from '../udp/endpoint.ts';
import { addressSum, Protocol } from '../wire/ip.ts';
import { UDP_HEADER, writeUdp } from '../wire/udp.ts';
import type { Core } from './core.ts';
import { tellDatagram } from './events-out.ts';

/** What is to be sent: `bytes[at, at + count)`. */
export interface Text {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly count: number;
}

/** The larger of the two headers, and UDP's. */
const OVERHEAD = 40 + UDP_HEADER;

/** RFC 768, RFC 791 §3.1, RFC 8200 §3: what the length fields can say. */
const LARGEST_V4 = 65_535 - 20 - UDP_HEADER;
const LARGEST_V6 = 65_535 - UDP_HEADER;

/**
 * Sends one datagram, in fragments where the path takes no more. Answers null, or EMSGSIZE: no packet is that large.
 */
export function udpOutput(
  core: Core,
  endpoint: Endpoint,
  path: Path,
  from: Address,
  port: number,
  { bytes, at, count }: Text,
): ErrorCode | null {
  const { outPacket, ip, clock } = core;
  const { to, via } = path;
  const { family } = to;
  if (count > (family === 4 ? LARGEST_V4 : LARGEST_V6)) return 'EMSGSIZE';
  if (via === null) return 'ENETUNREACH';
  const frame = via.frameFor(count);
  frame.bytes.set(at === 0 && count === bytes.length ? bytes : bytes.subarray(at, at + count), frame.at);
  frame.end = frame.at + count;
  // Fragments are put together before anybody looks at the sum, whichever link they took.
  const whole = frame.length + OVERHEAD <= path.mtuAt(clock.now);
  const pseudo = via.link.offloads.fillSums || !whole ? addressSum(from, to, Protocol.Udp) : -1;
  writeUdp(frame, endpoint.localPort, port, pseudo);
  outPacket.src.copy(from);
  outPacket.dst.copy(to);
  outPacket.family = family;
  outPacket.protocol = Protocol.Udp;
  outPacket.hopLimit = isMulticast(to)
    ? endpoint.groupHopLimit
    : path.hopLimit(endpoint.hopLimit, core.config.hopLimit);
  outPacket.trafficClass = endpoint.trafficClass;
  // What is larger than the path takes is cut here; what is not, need not be on the way.
  outPacket.dontFragment = !path.mayFragmentAt(clock.now);
  outPacket.id = outPacket.dontFragment ? 0 : ip.nextFragmentId() & 0xffff;
  core.datagramsOut++;
  endpoint.datagramsOut++;
  tellDatagram(core, 'out', from, endpoint.localPort, to, port, count);
  ipOutput(ip, path, frame, outPacket);
  return null;
}
