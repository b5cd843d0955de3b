/** Compares what the host under test has sent with what the script expects of it. */
import { ACK, CWR, FIN, PSH } from '../wire/segment.ts';
import type { Live, LiveTcp } from './live.ts';
import type { IpSpec, TcpOption, TcpSpec } from './script.ts';
import { showFlags, showOption, showOptions } from './show.ts';

/** What is compared of a segment that is a piece of the one that the script has. */
export interface Piece {
  /** Octets of the expected text in front of it. */
  readonly at: number;
  /** It holds the end of the expected text: the flags that belong there are compared. */
  readonly isLast: boolean;
}

/** Flags that only the last piece of what a script writes as one segment carries. */
const LAST_ONLY = FIN | PSH;
/** And one that only the first does. */
const FIRST_ONLY = CWR;

/** What differs between a segment, in the script's numbers, and the script; null: nothing does. */
export function compareTcp(spec: TcpSpec, live: LiveTcp, piece: Piece): string | null {
  let mask = 0x1ff;
  if (!piece.isLast) mask &= ~LAST_ONLY & ~FIRST_ONLY;
  else if (piece.at > 0) mask &= ~FIRST_ONLY;
  const seq = (spec.seq + piece.at) >>> 0;
  if ((live.flags & mask) !== (spec.flags & mask)) {
    return `the flags are ${showFlags(live.flags)}, not ${showFlags(spec.flags)}`;
  }
  if (live.seq !== seq) return `the sequence number is ${live.seq}, not ${seq}`;
  const rest = spec.length - piece.at;
  if (piece.isLast ? live.length !== rest : live.length >= rest) {
    return `the text is ${live.length} octets long, not ${rest}`;
  }
  if (live.ack !== spec.ack) {
    const what = (spec.flags & ACK) !== 0 ? 'acknowledges' : 'has in its field for that';
    return `it ${what} ${live.ack}, not ${spec.ack}`;
  }
  if (spec.win !== null && live.win !== spec.win) return `the window is ${live.win}, not ${spec.win}`;
  if (live.urg !== spec.urg) return `the urgent pointer is ${live.urg}, not ${spec.urg}`;
  if (!live.isZero) return 'the text is not all zeros';
  return spec.options === null ? null : compareOptions(spec.options, live.options);
}

function compareOptions(expected: readonly TcpOption[], found: readonly TcpOption[]): string | null {
  const same = expected.length === found.length && expected.every((option, i) => isSame(option, found[i] as TcpOption));
  if (same) return null;
  return `the options are${showOptions(found) || ' none'}, not${showOptions(expected) || ' none'}`;
}

/** TSval is the host's own clock: it is not compared here. */
function isSame(expected: TcpOption, found: TcpOption): boolean {
  if (expected.kind === 'TS') return found.kind === 'TS' && found.ecr === expected.ecr;
  return showOption(expected) === showOption(found);
}

/** What differs in the IP header. */
export function compareIp(ip: IpSpec, { tos, flowLabel, hopLimit }: Live): string | null {
  const ecn = tos & 3;
  if (ip.ecn === 'ect') {
    if (ecn !== 1 && ecn !== 2) return `the ECN field is ${ecn}, neither ECT(0) nor ECT(1)`;
  } else if (ip.ecn !== null && ecn !== ip.ecn) return `the ECN field is ${ecn}, not ${ip.ecn}`;
  if (ip.tos !== null && tos !== ip.tos) return `the type of service is ${hex(tos)}, not ${hex(ip.tos)}`;
  if (ip.flowLabel !== null && flowLabel !== ip.flowLabel)
    return `the flow label is ${hex(flowLabel)}, not ${hex(ip.flowLabel)}`;
  if (ip.hopLimit !== null && hopLimit !== ip.hopLimit) return `the time to live is ${hopLimit}, not ${ip.hopLimit}`;
  return null;
}

function hex(n: number): string {
  return `0x${n.toString(16)}`;
}
