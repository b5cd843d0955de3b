/** RFC 3168 §6.1: explicit congestion notification: what two SYNs agree on, marks that arrive, and windows of data. */
import { gt, le, lt, type Seq } from '../base/seq.ts';
import { ACK, CWR, ECE, Ecn, type Segment } from '../wire/segment.ts';
import { State } from './state.ts';
import type { Tcb } from './tcb.ts';

/** An ECN-setup SYN; an ECN-setup SYN,ACK has ECE alone, so that one which merely reflects the SYN is not taken for it (§6.1.1.2). */
const SETUP = ECE | CWR;

/** §6.1.1: the bits of our SYN, or SYN,ACK. A SYN that is sent again asks no more: who is on the way may mind (§6.1.1.1). */
export function askForEcn(tcb: Tcb, answers: boolean): number {
  const { ecn, config } = tcb;
  if (answers) return ecn.on ? ECE : 0;
  if (ecn.asked) ecn.withdrawn = true;
  else if (config.ecn === 'request') ecn.asked = true;
  return ecn.asked && !ecn.withdrawn ? SETUP : 0;
}

/** §6.1.1: what the peer's SYN, or SYN,ACK, says. Who has ever sent a plain SYN may not send what can be marked. */
export function agreeOnEcn(tcb: Tcb, seg: Segment): void {
  const { ecn, config } = tcb;
  ecn.echoes = isSetup(seg) && (tcb.state === State.SynSent ? ecn.asked : config.ecn !== 'off');
  ecn.on = ecn.echoes && !ecn.withdrawn;
}

/** In SYN-RECEIVED the peer's SYN comes again, or its SYN,ACK: a plain one takes back what an earlier one said. */
export function confirmEcn(tcb: Tcb, seg: Segment): void {
  const { ecn } = tcb;
  if (isSetup(seg)) return;
  ecn.echoes = false;
  ecn.on = false;
}

function isSetup(seg: Segment): boolean {
  return (seg.flags & SETUP) === ((seg.flags & ACK) !== 0 ? ECE : SETUP);
}

/** §6.1.3: a mark on what was acceptable goes back in every ACK, until the peer says that it has narrowed its window. */
export function takeMark(tcb: Tcb, seg: Segment): void {
  const { ecn } = tcb;
  if ((seg.flags & CWR) !== 0) ecn.echo = false;
  if (!isMarked(tcb, seg)) return;
  ecn.echo = true;
  tcb.tally.marksIn++;
}

/** Whether the segment has text, or was to have, and came with a mark that counts. */
export function isMarked(tcb: Tcb, seg: Segment): boolean {
  return seg.ecn === Ecn.Ce && seg.len > 0 && tcb.ecn.echoes;
}

/** §6.1.2: new text may be marked; the first after the window was narrowed says that it was. */
export function permitMark(tcb: Tcb, out: Segment): void {
  const { ecn } = tcb;
  if (!ecn.on) return;
  out.ecn = Ecn.Ect0;
  if (ecn.cwr) out.flags |= CWR;
  ecn.cwr = false;
}

/** The window was narrowed, for whatever reason: losses and marks of what is in flight now ask for no more (§6.1.2). */
export function noteNarrowed(tcb: Tcb): void {
  const { ecn } = tcb;
  if (!ecn.on) return;
  ecn.cwr = true;
  ecn.inWindow = true;
  ecn.point = tcb.snd.nxt;
}

/** Whether a loss now is of a window of data for which the congestion window was narrowed already. */
export function isNarrowed(tcb: Tcb): boolean {
  return tcb.ecn.inWindow && lt(tcb.snd.una, tcb.ecn.point);
}

/** Whether an ACK up to `ack` tells of a window of data for which it was not. */
export function isNewWindow(tcb: Tcb, ack: Seq): boolean {
  return !(tcb.ecn.inWindow && le(ack, tcb.ecn.point));
}

/** SND.UNA has moved on. */
export function leaveWindow(tcb: Tcb): void {
  const { ecn, snd } = tcb;
  if (ecn.inWindow && gt(snd.una, ecn.point)) ecn.inWindow = false;
}
