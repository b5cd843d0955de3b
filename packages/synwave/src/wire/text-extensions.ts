/** The text of IPv6's extension headers as tcpdump prints it: options by their name, fragments by their place. */
import { IPV6_FRAGMENT_HEADER } from './ipv6.ts';
import { FRAGMENT_NEXT_HEADER } from './packet.ts';
import type { Octets } from './text-options.ts';

const HOP_BY_HOP = 0;
const DESTINATION_OPTIONS = 60;

/** What is told of the headers between the IPv6 header and the upper protocol. */
export interface Chain {
  /** With a blank behind each header; '' without any. */
  readonly text: string;
  /** Where the line goes on with another protocol: which one, and where it stands. -1: the line ends here. */
  readonly protocol: number;
  readonly at: number;
  /** Whether a piece of a packet follows, the first of its pieces. */
  readonly cut: boolean;
}

/** Walks from the header of kind `first` at `from` on; the packet ends at `end` by its own length, the frame perhaps before. */
export function extensionsText(frame: Octets, from: number, first: number, end: number): Chain {
  const { view } = frame;
  let text = '';
  let protocol = first;
  let at = from;
  let cut = false;
  for (;;) {
    if (protocol === FRAGMENT_NEXT_HEADER) {
      if (at + 4 > frame.end) return { text: `${text} [|frag6]`, protocol: -1, at, cut };
      const offset = view.getUint16(at + 2) & 0xfff8;
      text += `frag (${offset}|${lengthText(end - at - IPV6_FRAGMENT_HEADER)})`;
      if (offset !== 0) return { text, protocol: -1, at, cut: true };
      cut = true;
      protocol = view.getUint8(at);
      at += IPV6_FRAGMENT_HEADER;
      if (at >= frame.end) return { text: `${text} `, protocol: -1, at, cut };
    } else if (protocol === HOP_BY_HOP || protocol === DESTINATION_OPTIONS) {
      const isHop = protocol === HOP_BY_HOP;
      if (isHop && at !== from) {
        const problem = first === HOP_BY_HOP ? 'was already found' : "don't follow the IPv6 header";
        return { text: `${text}[The Hop-by-Hop Options header ${problem}] (invalid)`, protocol: -1, at, cut };
      }
      const next = at + 2 > frame.end ? frame.end + 1 : at + ((view.getUint8(at + 1) + 1) << 3);
      if (next > frame.end) return { text: `${text} [|${isHop ? 'hbhopt' : 'dstopt'}]`, protocol: -1, at, cut };
      text += isHop ? 'HBH' : 'DSTOPT';
      protocol = view.getUint8(at);
      at = next;
    } else {
      return { text, protocol, at, cut };
    }
    text += ' ';
  }
}

/** A fragment header that the packet's end cuts leaves less than nothing, which tcpdump counts in 64 bits without a sign. */
function lengthText(length: number): string {
  return BigInt.asUintN(64, BigInt(length)).toString();
}
