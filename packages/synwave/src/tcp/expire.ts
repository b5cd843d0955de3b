/** RFC 9293 §3.10.8 and the other timers: what each deadline does when its time has come. */
import { diff } from '../base/seq.ts';
import { type Micros, NEVER } from '../base/time.ts';
import { type DueName, dueNames } from './due.ts';
import { end } from './end.ts';
import { Failure, News } from './failure.ts';
import { suspectSize } from './mtu-probe.ts';
import { oweNow } from './receive/ack-policy.ts';
import { unsent } from './send/limits.ts';
import { detectByTime } from './send/loss.ts';
import { enterTimeout, lossFound, pipe } from './send/recover.ts';
import { Phase } from './send/recovery-state.ts';
import { expireLossProbe } from './send/tail-probe.ts';
import { persistTime, usable } from './send/window.ts';
import { State } from './state.ts';
import { Probe, type Tcb } from './tcb.ts';

const handlers: Record<DueName, (tcb: Tcb, now: Micros) => void> = {
  user: (tcb) => end(tcb, Failure.UserTimeout),
  timeWait: (tcb) => end(tcb, Failure.None),
  finWait2: (tcb) => end(tcb, Failure.None),
  retransmit: expireRetransmit,
  persist: expirePersist,
  reorder: expireReorder,
  lossProbe: expireLossProbe,
  keepAlive: expireKeepAlive,
  delayedAck: (tcb) => {
    tcb.due.delayedAck = NEVER;
    oweNow(tcb);
  },
};

/** Serves every deadline that is not after `now`. An early call does nothing. */
export function expire(tcb: Tcb, now: Micros): void {
  const { due } = tcb;
  for (const name of dueNames) {
    if (due[name] > now || (name === 'keepAlive' && isEarly(tcb, now))) continue;
    tcb.watch?.timerFires(name);
    handlers[name](tcb, now);
    if (tcb.state === State.Closed) return;
  }
}

/** RFC 6298 §5.4 to §5.6, with the limits R1 and R2 of RFC 9293 §3.8.3. */
function expireRetransmit(tcb: Tcb, now: Micros): void {
  const { snd, config, due, rtt, tally } = tcb;
  due.retransmit = NEVER;
  tcb.ecn.held = false;
  const { sent } = snd;
  if (sent === null || sent.count === 0) return;
  const opening = tcb.state === State.SynSent || tcb.state === State.SynReceived;
  // A closed window is probed for as long as the peer answers (MUST-37): then it is answers that count, not attempts.
  const closed = !opening && snd.wnd === 0;
  const tried = closed ? ++tcb.probes : ++tcb.attempts;
  if (tried === config.r1) tcb.news |= News.Doubtful;
  if (opening ? givesUpOpening(tcb, tried, now) : tried > config.r2) {
    end(tcb, silence(tcb));
    return;
  }
  tally.timeouts++;
  due.lossProbe = NEVER;
  due.reorder = NEVER;
  if (closed || opening) {
    // Neither a closed window nor a silent peer says anything of congestion.
    const first = sent.at(0);
    if (sent.firstLost() < 0) sent.lose(first);
    rtt.backOff(config);
  } else {
    suspectSize(tcb, now);
    enterTimeout(tcb, now);
  }
  tcb.probe |= Probe.Retransmit;
  due.retransmit = now + (closed ? persistTime(tcb) : rtt.rto);
}

/** R2 for a SYN or a SYN,ACK is a time (MUST-23), unless a number of attempts is set. */
function givesUpOpening({ state, config, openedAt }: Tcb, tried: number, now: Micros): boolean {
  const most = state === State.SynSent ? config.synRetries : config.synAckRetries;
  return tried > most || now - openedAt >= config.r2Syn;
}

/** Why nobody answered: what the network has said of it, or nothing. As Linux does, the user is told the former. */
function silence(tcb: Tcb): Failure {
  if (!tcb.softErrorHolds) return Failure.TimedOut;
  if (tcb.softError === 'EHOSTUNREACH') return Failure.HostUnreachable;
  return tcb.softError === 'ENETUNREACH' ? Failure.NetUnreachable : Failure.TimedOut;
}

/** §3.8.6.1: at least one octet into the closed window; §3.8.6.2.1: or what the silly one takes. */
function expirePersist(tcb: Tcb, now: Micros): void {
  const { snd, due, rtt, config } = tcb;
  due.persist = NEVER;
  if (usable(snd) > 0) {
    tcb.probe |= Probe.Override;
    return;
  }
  tcb.probe |= Probe.Window;
  if (config.windowProbe === 'ack') {
    rtt.backOff(config);
    due.persist = now + persistTime(tcb);
    if (++tcb.probes > config.r2) end(tcb, silence(tcb));
    return;
  }
  rtt.backOff(config); // SHLD-30; the octet in flight has the retransmission timer from here on
  due.retransmit = now + persistTime(tcb);
}

/** RFC 8985 §6.2: what was given time to be merely late is lost. */
function expireReorder(tcb: Tcb, now: Micros): void {
  const { snd, recovery: r } = tcb;
  const before = pipe(tcb);
  if (!detectByTime(tcb, now)) return;
  const left = before - pipe(tcb);
  if (lossFound(tcb, diff(snd.nxt, snd.una), now)) r.budget = snd.mss;
  else if (r.phase === Phase.Fast) r.budget += left; // what has left the network makes room (RFC 6937 §3: cwnd = pipe + sndcnt)
}

/** §3.8.4: a peer that was heard, or from whom an ACK is awaited, is not asked yet (MUST-26): the timer is put off. */
function isEarly(tcb: Tcb, now: Micros): boolean {
  const { snd, due, config } = tcb;
  const busy = snd.nxt !== snd.una || unsent(tcb) > 0;
  const next = (busy ? now : tcb.heardAt) + config.keepAliveIdle;
  if (!busy && next <= now) return false;
  due.keepAlive = next;
  return true;
}

/** §3.8.4: one unanswered probe proves nothing (MUST-29). */
function expireKeepAlive(tcb: Tcb, now: Micros): void {
  const { due, config } = tcb;
  if (tcb.probes >= config.keepAliveProbes) {
    end(tcb, silence(tcb));
    return;
  }
  tcb.probes++;
  tcb.probe |= Probe.KeepAlive;
  due.keepAlive = now + config.keepAliveInterval;
}
