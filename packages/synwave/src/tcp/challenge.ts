/** RFC 5961 §3.2, §4.2, §5.2: challenge ACKs, throttled for each connection (§7), so that no attacker can count them. */
import { type Micros, SECOND } from '../base/time.ts';
import type { Tcb } from './tcb.ts';

/** Owes the peer an ACK that says where we are, unless this connection has sent its share within the second. */
export function challenge(tcb: Tcb, now: Micros): void {
  if (now - tcb.challengedAt >= SECOND) {
    tcb.challengedAt = now;
    tcb.challenges = 0;
  }
  const { challengeAcks, challengeInterval } = tcb.config;
  if (tcb.challenges >= challengeAcks || (tcb.tally.challengeAcks > 0 && now - tcb.lastChallenge < challengeInterval))
    return;
  tcb.lastChallenge = now;
  tcb.challenges++;
  tcb.tally.challengeAcks++;
  tcb.ack.now++;
}
