/** Describe: the match text for a packet that was seen, the inverse of `parseMatch`. */
import {
  hostText,
  isOfKind,
  MatchCounter,
  type MatchKind,
  matchKinds,
  ordinalText,
  type PacketView,
  parseMatch,
} from './match.ts';

/** Up to here people count. */
const FEW = 10;

/**
 * The match text that means the last of `packets`, which are all that were handed to cables up to it, in that order. It
 * names the packet's kind, the most particular, and who sent it; where that makes it the eleventh or later one, and the
 * number is smaller with it, that it was sent again, its length or its port as well. Throws RangeError without packets.
 */
export function describe(packets: readonly PacketView[]): string {
  const packet = packets.at(-1);
  if (packet === undefined) throw new RangeError('describe: there is no packet to describe');
  const kind = matchKinds.find((each) => isOfKind(each, packet)) as MatchKind;
  const base = `${kind}${kindTest(packets, packet, kind)}`;
  const all = tests(packet).map((test) => {
    const which = count(packets, `${base}${test}`);
    return { which, text: `${ordinalText(which)} ${base}${test}` };
  });
  const few = all.filter(({ which }) => which <= FEW);
  const [first, ...rest] = few.length > 0 ? few : all;
  return rest.reduce((best, each) => (each.text.length < best.text.length ? each : best), first as { text: string })
    .text;
}

/** Who sends, and to whom where it sends such packets to several. */
function kindTest(packets: readonly PacketView[], { from, to }: PacketView, kind: MatchKind): string {
  const others = packets.some((each) => each.from === from && each.to !== to && isOfKind(kind, each));
  return ` from ${hostText(from)}${others ? ` to ${hostText(to)}` : ''}`;
}

/** What else may be said of it, the plainest first. */
function tests({ segment, srcPort, dstPort, length }: PacketView): string[] {
  const found = [''];
  if (segment?.again === true) found.push(' again');
  if (length > 0) found.push(` of ${length} octets`);
  if (dstPort > 0) found.push(` port ${dstPort}`, ` port ${srcPort}`);
  return found;
}

function count(packets: readonly PacketView[], text: string): number {
  const counter = new MatchCounter(parseMatch(`every ${text}`));
  return packets.filter((each) => counter.takes(each)).length;
}
