/** RFC 9293 §3.10.1 to §3.10.6: the user's calls OPEN, SEND, RECEIVE, CLOSE, ABORT, STATUS. */
import { add, gt, later, type Seq } from '../base/seq.ts';
import { type Micros, NEVER } from '../base/time.ts';
import { begin } from './arrive-early.ts';
import type { TcpConfig } from './config.ts';
import { end } from './end.ts';
import { Failure } from './failure.ts';
import { oweNow } from './receive/ack-policy.ts';
import { oweUpdate } from './receive/window.ts';
import { freeMemory } from './receive/window-linux.ts';
import { State } from './state.ts';
import { move, queuedEnd, type Tcb } from './tcb.ts';

/** What a call answers when it is refused; the RFC's own words are in the comments. */
export const Refusal = {
  /** "connection does not exist" */
  NoConnection: -1,
  /** "connection closing" */
  Closing: -2,
  /** The connection was reset or timed out: `tcb.failure` says which. */
  Failed: -3,
} as const;

/** §3.10.1, active OPEN: the SYN goes out with the next turn. */
export function openActive(tcb: Tcb, iss: Seq, now: Micros): void {
  begin(tcb, iss, now);
  const { openTimeout, userTimeout } = tcb.config;
  const patience = Math.min(openTimeout || NEVER, userTimeout || NEVER);
  tcb.due.user = now + patience;
  move(tcb, State.SynSent);
}

/**
 * §3.10.2, SEND: takes octets to transmit. Answers how many the buffer took (fewer when it is full: `News.Writable`
 * follows), or a `Refusal`. `urgent`: the octets are urgent up to their last (§3.8.5).
 */
export function send(tcb: Tcb, from: Uint8Array, at: number, count: number, urgent: boolean): number {
  const { snd } = tcb;
  switch (tcb.state) {
    case State.Closed:
    case State.Listen:
      return tcb.failure === Failure.None ? Refusal.NoConnection : Refusal.Failed;
    case State.SynSent:
    case State.SynReceived:
    case State.Established:
    case State.CloseWait:
      break;
    default:
      return Refusal.Closing;
  }
  if (snd.closing) return Refusal.Closing;
  const n = snd.buffer.write(tcb.store, from, at, count);
  if (n < count) tcb.writerWaits = true;
  if (urgent && n > 0) {
    const up = queuedEnd(snd);
    snd.up = snd.urgent ? later(snd.up, up) : up;
    snd.urgent = true;
  }
  return n;
}

/**
 * §3.10.3, RECEIVE: copies octets in order out, up to `most`. Answers how many (0: none yet, wait for
 * `News.Readable`), or `Refusal.Closing` when the peer's FIN was reached, or another `Refusal`.
 */
export function receive(tcb: Tcb, into: Uint8Array, at: number, most: number): number {
  const { rcv } = tcb;
  const n = rcv.buffer.read(tcb.store, into, at, most);
  if (n > 0) {
    const left = rcv.buffer.readable + rcv.buffer.aheadOctets;
    freeMemory(tcb, left + n, left);
    if (rcv.urgent && !gt(rcv.up, consumed(tcb))) rcv.urgent = false;
    if (!isEnded(tcb) && oweUpdate(tcb)) oweNow(tcb);
    return n;
  }
  if (tcb.failure !== Failure.None) return Refusal.Failed;
  switch (tcb.state) {
    case State.Closed:
      return isEnded(tcb) ? Refusal.Closing : Refusal.NoConnection;
    case State.CloseWait:
    case State.Closing:
    case State.LastAck:
    case State.TimeWait:
      return Refusal.Closing;
    default:
      return most === 0 || !isEnded(tcb) ? 0 : Refusal.Closing;
  }
}

/** Octets of urgent data that the user has not taken yet (MUST-33). */
export function urgentLeft(tcb: Tcb): number {
  return tcb.rcv.urgent ? Math.max(0, (tcb.rcv.up - consumed(tcb)) | 0) : 0;
}

/** The sequence number of the next octet that the user takes. */
function consumed(tcb: Tcb): Seq {
  const { rcv } = tcb;
  const text = isEnded(tcb) ? add(rcv.nxt, -1) : rcv.nxt;
  return add(text, -rcv.buffer.readable);
}

/** Whether the peer's FIN has been taken. */
export function isEnded(tcb: Tcb): boolean {
  const { rcv } = tcb;
  return rcv.finSeen && rcv.nxt === add(rcv.fin, 1);
}

/**
 * §3.10.4, CLOSE: "I have no more to send". What was sent before goes first, then a FIN. Answers 0 or a `Refusal`.
 */
export function close(tcb: Tcb): number {
  const { snd } = tcb;
  switch (tcb.state) {
    case State.Closed:
    case State.Listen:
      return Refusal.NoConnection;
    case State.SynSent:
      end(tcb, Failure.None);
      return 0;
    case State.SynReceived:
      snd.closing = true;
      // Without text the FIN may go at once; otherwise `establish` makes the move.
      if (snd.buffer.length === 0) move(tcb, State.FinWait1);
      return 0;
    case State.Established:
      snd.closing = true;
      move(tcb, State.FinWait1);
      return 0;
    case State.CloseWait:
      if (snd.closing) return Refusal.Closing;
      snd.closing = true;
      return 0;
    default:
      return Refusal.Closing;
  }
}

/**
 * The user lets go: nobody will receive any more. With text unread, the peer is told by a RST that it was lost (SHLD-3,
 * RFC 2525 §2.17): answers true then, and the stack sends it. A FIN-WAIT-2 does not wait for ever.
 */
export function letGo(tcb: Tcb, now: Micros): boolean {
  if (tcb.rcv.buffer.readable > 0 && tcb.state !== State.Closed) {
    return abort(tcb);
  }
  tcb.orphan = true;
  close(tcb);
  if (tcb.state === State.FinWait2) tcb.due.finWait2 = now + tcb.config.finWait2;
  return false;
}

/** §3.10.5, ABORT. Answers whether a RST is to be sent: in the states in which the peer still has a connection. */
export function abort(tcb: Tcb): boolean {
  const { state } = tcb;
  if (state === State.Closed) return false;
  const tell =
    state === State.SynReceived ||
    state === State.Established ||
    state === State.FinWait1 ||
    state === State.FinWait2 ||
    state === State.CloseWait;
  end(tcb, Failure.Aborted);
  return tell;
}

/** Gives back every buffer: the connection is deleted. */
export function release(tcb: Tcb): void {
  const { snd, rcv, store } = tcb;
  snd.buffer.release(store);
  rcv.buffer.release(store);
  if (snd.sent !== null) store.giveSent(snd.sent);
  snd.sent = null;
  tcb.scoreboard = null;
}

/**
 * Settings of this connection change while it goes on: buffers, Nagle, user timeout and those that are read when they are
 * needed. What two SYNs have agreed on stays as it is.
 */
export function configure(tcb: Tcb, change: Partial<TcpConfig>, now: Micros): void {
  const { snd, rcv, due } = tcb;
  tcb.config = { ...tcb.config, ...change };
  if (change.sendBuffer !== undefined) snd.buffer.capacity = change.sendBuffer;
  if (change.receiveBuffer !== undefined) {
    rcv.buffer.capacity = change.receiveBuffer;
    rcv.most = change.receiveBuffer;
  }
  if (change.noDelay !== undefined) tcb.noDelay = change.noDelay;
  if (change.userTimeout === undefined) return;
  const waits = snd.una !== snd.nxt && change.userTimeout > 0;
  due.user = waits ? now + change.userTimeout : NEVER;
}

/** Turns keepalives on or off (MUST-24); a time not given keeps its value. */
export function setKeepAlive(
  tcb: Tcb,
  on: boolean,
  now: Micros,
  idle?: Micros,
  interval?: Micros,
  probes?: number,
): void {
  const { config, due } = tcb;
  tcb.keepAlive = on;
  tcb.config = {
    ...config,
    keepAliveIdle: idle ?? config.keepAliveIdle,
    keepAliveInterval: interval ?? config.keepAliveInterval,
    keepAliveProbes: probes ?? config.keepAliveProbes,
  };
  const opening = tcb.state === State.SynSent || tcb.state === State.SynReceived;
  if (!on) {
    due.keepAlive = NEVER;
    tcb.probes = 0;
  } else if (!opening) {
    due.keepAlive = Math.max(now, tcb.heardAt + tcb.config.keepAliveIdle);
  }
}
