/** RFC 9293 §3.10.7.4, seventh: the segment text. Each octet is taken once, whatever overlaps, and memory is bounded. */
import { add, diff, gt, lt, type Seq } from '../../base/seq.ts';
import type { Micros } from '../../base/time.ts';
import { Drop } from '../../wire/drop.ts';
import { FIN, type Segment } from '../../wire/segment.ts';
import { drop } from '../drop.ts';
import { isMarked } from '../ecn.ts';
import { end } from '../end.ts';
import { Failure, News } from '../failure.ts';
import { State } from '../state.ts';
import { Stop } from '../stop.ts';
import type { Tcb } from '../tcb.ts';
import { noteLatest, noteOverlap, oweForText, oweNow } from './ack-policy.ts';
import { noteMemory } from './window-linux.ts';

export function takeText(tcb: Tcb, seg: Segment, now: Micros): Stop {
  if (seg.textLen === 0) return Stop.Go;
  const { rcv, state, tally } = tcb;
  // After the peer's FIN there is no text; before ESTABLISHED the ACK step has refused it.
  if (state !== State.Established && state !== State.FinWait1 && state !== State.FinWait2) return Stop.Go;
  const segEnd = add(seg.seq, seg.textLen);
  if (seg.textLen > rcv.largest) rcv.largest = seg.textLen;
  // The span that is new and within the window: what straddles its edges is cut (first step of the RFC).
  const limit = rcv.finSeen && lt(rcv.fin, rcv.edge) ? rcv.fin : rcv.edge;
  const from: Seq = lt(seg.seq, rcv.nxt) ? rcv.nxt : seg.seq;
  const to: Seq = gt(segEnd, limit) ? limit : segEnd;
  if (gt(segEnd, limit)) seg.flags &= ~FIN;
  noteOverlap(tcb, seg.seq, segEnd);
  if (!lt(from, to)) {
    tally.duplicatesIn++;
    oweNow(tcb);
    return Stop.Go;
  }
  if (tcb.orphan) return refuse(tcb);
  const offset = diff(from, rcv.nxt);
  const count = diff(to, from);
  if (offset > 0 && rcv.buffer.holds(from, to)) {
    tally.duplicatesIn++;
    tcb.ack.now++;
    return Stop.Go;
  }
  const frame = seg.frame;
  const at = seg.textAt + diff(from, seg.seq);
  if (frame === null || !rcv.buffer.place(tcb.store, rcv.nxt, offset, frame.bytes, at, count)) {
    seg.flags &= ~FIN;
    return drop(tcb, Drop.MemoryFull);
  }
  noteMemory(tcb, seg.textLen, offset === 0);
  if (offset > 0) {
    if (!rcv.buffer.keep(from, to)) {
      seg.flags &= ~FIN;
      return drop(tcb, Drop.OutOfOrderFull);
    }
    tally.outOfOrderIn++;
    noteLatest(tcb, from);
    tcb.ack.now++; // RFC 5681 §4.2: each owes one, for the sender counts them
    return Stop.Go;
  }
  const hadHoles = rcv.buffer.spans > 0;
  const nxt = rcv.buffer.join(rcv.nxt, to);
  tally.octetsIn += diff(nxt, rcv.nxt);
  rcv.nxt = nxt;
  tcb.news |= News.Readable;
  if (hadHoles || isMarked(tcb, seg)) oweNow(tcb);
  else oweForText(tcb, count, now);
  return Stop.Go;
}

/** Nobody will read it: the peer is told by a RST that data was lost (SHLD-3, RFC 2525 §2.17). */
function refuse(tcb: Tcb): Stop {
  end(tcb, Failure.Aborted);
  return Stop.Reply;
}
