/** RFC 9293 §3.10.7.1: segments that answer without a connection, or instead of one. */
import { add, seq } from '../base/seq.ts';
import { ACK, clearOptions, Ecn, RST, type Segment } from '../wire/segment.ts';
import { windowField } from './receive/window.ts';
import type { Tcb } from './tcb.ts';

/** Makes `out` the RST that answers `seg`, ports turned round: <SEQ=SEG.ACK>, or <SEQ=0><ACK=SEG.SEQ+SEG.LEN> when it has no ACK. */
export function replyReset(out: Segment, seg: Segment): void {
  bare(out);
  out.srcPort = seg.dstPort;
  out.dstPort = seg.srcPort;
  if ((seg.flags & ACK) !== 0) {
    out.seq = seg.ack;
    out.flags = RST;
  } else {
    out.seq = seq(0);
    out.ack = add(seg.seq, seg.len);
    out.flags = RST | ACK;
  }
}

/** Makes `out` the RST of an ABORT (§3.10.5): <SEQ=SND.NXT>, with an ACK as every stack in use sends it. */
export function resetOf(out: Segment, tcb: Tcb): void {
  bare(out);
  out.seq = tcb.snd.nxt;
  out.ack = tcb.rcv.nxt;
  out.flags = RST | ACK;
  if (tcb.config.windowSteps === 'linux') out.wnd = windowField(tcb.rcv, tcb.scaled);
}

function bare(out: Segment): void {
  clearOptions(out);
  out.ecn = Ecn.NotEct;
  out.ack = seq(0);
  out.wnd = 0;
  out.up = 0;
  out.len = 0;
  out.textLen = 0;
}
