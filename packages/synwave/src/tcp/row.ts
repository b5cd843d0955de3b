/** Row: all that half-open connections and TIME-WAIT need to remember, packed into a few numbers instead of a Tcb. */
import { add, type Seq } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import type { TcpConfig } from './config.ts';
import { firstOffer, fitMss } from './negotiate.ts';
import { Row } from './send/sent.ts';
import { State } from './state.ts';
import { renew, type Tcb } from './tcb.ts';

/** Numbers of 32 bits, and instants, in one row. */
export const ROW_INTS = 19;
export const ROW_TIMES = 6;

const Flag = {
  Sack: 1,
  Ts: 2,
  Scaled: 4,
  Passive: 8,
  SynSent: 16,
  SynLost: 32,
  NoDelay: 64,
  KeepAlive: 128,
  Ecn: 256,
} as const;

/** Writes `tcb`, in SYN-RECEIVED or TIME-WAIT, into row `row` of the two arrays. */
export function pack(tcb: Tcb, ints: Int32Array, times: Float64Array, row: number): void {
  const { snd, rcv, ts, due } = tcb;
  const { sent } = snd;
  const synSent = sent !== null && sent.count > 0;
  let i = row * ROW_INTS;
  ints[i++] = tcb.state;
  ints[i++] =
    (tcb.sack ? Flag.Sack : 0) |
    (ts.on ? Flag.Ts : 0) |
    (tcb.scaled ? Flag.Scaled : 0) |
    (tcb.passive ? Flag.Passive : 0) |
    (synSent ? Flag.SynSent : 0) |
    (synSent && sent.firstLost() >= 0 ? Flag.SynLost : 0) |
    (tcb.noDelay ? Flag.NoDelay : 0) |
    (tcb.keepAlive ? Flag.KeepAlive : 0) |
    (tcb.ecn.on ? Flag.Ecn : 0);
  ints[i++] = snd.iss;
  ints[i++] = snd.una;
  ints[i++] = snd.nxt;
  ints[i++] = snd.wnd;
  ints[i++] = snd.wndMax;
  ints[i++] = snd.scale;
  ints[i++] = tcb.peerMss;
  ints[i++] = tcb.pathMss;
  ints[i++] = tcb.floorMss;
  ints[i++] = rcv.irs;
  ints[i++] = rcv.nxt;
  ints[i++] = rcv.edge;
  ints[i++] = rcv.scale;
  ints[i++] = rcv.mss;
  ints[i++] = ts.recent;
  ints[i++] = ts.offset;
  ints[i] = tcb.attempts | (tcb.ack.now << 16);
  let t = row * ROW_TIMES;
  times[t++] = tcb.state === State.TimeWait ? due.timeWait : due.retransmit;
  times[t++] = tcb.rtt.rto;
  times[t++] = tcb.openedAt;
  times[t++] = tcb.heardAt;
  times[t++] = ts.recentAt;
  times[t] = synSent ? sent.timeOf(sent.at(0)) : 0;
}

/** Makes `tcb`, which knows no other connection's buffers, the one that `pack` wrote. */
export function unpack(tcb: Tcb, config: TcpConfig, ints: Int32Array, times: Float64Array, row: number): void {
  const { snd, rcv, ts, due } = tcb;
  renew(tcb, config);
  let i = row * ROW_INTS;
  const read = (): number => ints[i++] as number;
  tcb.state = read() as State;
  const flags = read();
  tcb.sack = (flags & Flag.Sack) !== 0;
  ts.on = (flags & Flag.Ts) !== 0;
  tcb.scaled = (flags & Flag.Scaled) !== 0;
  tcb.passive = (flags & Flag.Passive) !== 0;
  tcb.noDelay = (flags & Flag.NoDelay) !== 0;
  tcb.keepAlive = (flags & Flag.KeepAlive) !== 0;
  tcb.ecn.on = (flags & Flag.Ecn) !== 0;
  tcb.ecn.echoes = tcb.ecn.on; // a half-open connection has answered a SYN, and sent none
  snd.iss = read() as Seq;
  snd.una = read() as Seq;
  snd.nxt = read() as Seq;
  snd.wnd = read();
  snd.wndMax = read();
  snd.scale = read();
  tcb.peerMss = read();
  tcb.pathMss = read();
  tcb.floorMss = read();
  rcv.irs = read() as Seq;
  rcv.nxt = read() as Seq;
  rcv.edge = read() as Seq;
  rcv.scale = read();
  rcv.mss = read();
  ts.recent = read() as Seq;
  ts.offset = read();
  const counts = read();
  tcb.attempts = counts & 0xffff;
  tcb.ack.now = counts >>> 16;
  let t = row * ROW_TIMES;
  const instant = (): Micros => times[t++] as number;
  const timer = instant();
  tcb.rtt.rto = instant();
  tcb.openedAt = instant();
  tcb.heardAt = instant();
  ts.recentAt = instant();
  const sentAt = instant();
  if (tcb.state === State.TimeWait) {
    due.timeWait = timer;
    rcv.finSeen = true;
    rcv.fin = add(rcv.nxt, -1);
  } else {
    due.retransmit = timer;
  }
  snd.up = snd.una;
  snd.head = add(snd.iss, 1);
  tcb.recovery.fack = snd.iss; // as `begin` has it: the numbers are this connection's, whoever used the Tcb last
  snd.wl1 = rcv.irs;
  snd.wl2 = snd.una;
  rcv.up = rcv.nxt;
  ts.lastAckSent = rcv.nxt;
  tcb.tally.timeouts = tcb.attempts;
  fitMss(tcb);
  rcv.most = firstOffer(tcb);
  snd.small = snd.iss;
  snd.idleEnd = snd.iss;
  snd.burst = snd.iss;
  if ((flags & Flag.SynSent) !== 0) {
    snd.sent ??= tcb.store.takeSent();
    snd.sent.push(snd.iss, snd.nxt, Row.Syn, sentAt);
    if (tcb.attempts > 0) snd.sent.again(snd.sent.at(0), sentAt);
    if ((flags & Flag.SynLost) !== 0) snd.sent.lose(snd.sent.at(0));
  }
}
