/** ECN on the way (RFC 3168 §5): what who forwards an IP packet reads and writes of its ECN field. */
import { fold } from '../base/checksum.ts';
import type { Frame } from '../base/frame.ts';
import { IPV4_HEADER } from './ipv4.ts';
import { IPV6_HEADER } from './ipv6.ts';

/** Congestion experienced. The other codepoints: 0, not ECN-capable; 1 and 2, ECT(1) and ECT(0), which mean the same. */
const CE = 3;

/** IPv4's header checksum. */
const CHECKSUM = 10;

/** Where the field begins in the second octet of the header: below IPv4's DSCP, in the middle of IPv6's. */
const SHIFT_4 = 0;
const SHIFT_6 = 4;

/** Whether the sender of the IP packet at `at` knows ECN: ECT(0), ECT(1) or CE. False where no IP header is. */
export function isEcnCapable(frame: Frame, at: number): boolean {
  const shift = shiftAt(frame, at);
  return shift >= 0 && (((frame.bytes[at + 1] as number) >> shift) & CE) !== 0;
}

/**
 * Has the IP packet at `at` say that it met with congestion: CE instead of ECT; one that says so already stays as it is.
 * Answers false, and does nothing, for a packet whose sender does not know ECN, or where no IP header is: such a packet
 * is to be dropped. IPv4's header checksum is mended, so a wrong one stays wrong.
 */
export function markCongestion(frame: Frame, at: number): boolean {
  if (!isEcnCapable(frame, at)) return false;
  const { bytes, view } = frame;
  const shift = shiftAt(frame, at);
  const before = view.getUint16(at);
  (bytes[at + 1] as number) |= CE << shift;
  if (shift === SHIFT_4) mend(view, at + CHECKSUM, before, view.getUint16(at));
  return true;
}

/** RFC 1624 §3, equation 3: HC' = ~(~HC + ~m + m'), for a word of the header that was `before` and is `after`. */
function mend(view: DataView, at: number, before: number, after: number): void {
  view.setUint16(at, ~fold((~view.getUint16(at) & 0xffff) + (~before & 0xffff) + after) & 0xffff);
}

/** Where the field stands in the second octet, -1 where no IP header is. */
function shiftAt({ bytes, end }: Frame, at: number): number {
  if (at < 0 || at >= end) return -1;
  const version = (bytes[at] as number) >> 4;
  if (version === 4 && end - at >= IPV4_HEADER) return SHIFT_4;
  return version === 6 && end - at >= IPV6_HEADER ? SHIFT_6 : -1;
}
