/** The retransmission timer: RFC 6298, Karn's rule, the limits R1 and R2 of RFC 9293 §3.8.3. */
import { test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { Failure, News } from '../../src/tcp/failure.ts';
import { State } from '../../src/tcp/state.ts';
import { established, type Script, synReceived, synSent, wrapping } from './harness.ts';

/** When the timer of a segment sent at 0 goes off, in seconds: the timeout doubles from 1 s and stays at 60 s. */
const EXPIRIES = [1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363, 423, 483, 543, 603, 663];

wrapping('the timeout (RFC 6298 §2)', () => {
  test('before a measurement it is 1 s (§2.1)', () => {
    synSent().value('RTO', ({ rto }) => rto, SECOND);
  });

  test('the first measurement gives SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 RTTVAR (§2.2)', () => {
    established({ rtt: 100, rtoMin: 0 })
      .value('SRTT', ({ rtt }) => rtt.srtt, 100 * MILLISECOND)
      .value('RTTVAR', ({ rtt }) => rtt.rttvar, 50 * MILLISECOND)
      .value('RTO', ({ rto }) => rto, 300 * MILLISECOND);
  });

  test('the next: RTTVAR by a quarter of the error, SRTT by an eighth (§2.3)', () => {
    established({ rtt: 100, rtoMin: 0 })
      .write(10)
      .expect('P. 1:11 ack 1')
      .after(200)
      .inject('. 1:1 ack 11')
      .value('RTTVAR', ({ rtt }) => rtt.rttvar, 62_500)
      .value('SRTT', ({ rtt }) => rtt.srtt, 112_500)
      .value('RTO', ({ rto }) => rto, 362_500);
  });

  test('it is never below 1 s (§2.4), and the settings may lower that', () => {
    established({ rtt: 10 }).value('RTO', ({ rto }) => rto, SECOND);
    established({ rtt: 10, rtoMin: 200 * MILLISECOND }).value('RTO', ({ rto }) => rto, 200 * MILLISECOND);
  });

  test('long round trips raise it', () => {
    established({ rtt: 900 }).value('RTO', ({ rto }) => rto, 2700 * MILLISECOND);
  });
});

wrapping('the timer (RFC 6298 §5)', () => {
  test('it runs while something is in flight, and from the first segment on (§5.1, §5.2)', () => {
    established()
      .timer('retransmit', null)
      .write(1000)
      .expect('P. 1:1001 ack 1')
      .timer('retransmit', 1000)
      .after(300)
      .write(1000)
      .expect('P. 1001:2001 ack 1')
      .timer('retransmit', 700)
      .inject('. 1:1 ack 2001')
      .timer('retransmit', null);
  });

  test('an ACK of new data starts it anew (§5.3), a duplicate does not', () => {
    established()
      .write(2000)
      .expect('. 1:1001 ack 1', 'P. 1001:2001 ack 1')
      .after(400)
      .inject('. 1:1 ack 1')
      .timer('retransmit', 600)
      .inject('. 1:1 ack 1001')
      .timer('retransmit', 1000)
      .expectAt(1400, 'P. 1001:2001 ack 1');
  });

  test('only the earliest segment goes out again; the ACK lets the others follow by slow start (§5.4, RFC 5681 §3.1) [MUST-19]', () => {
    established()
      .write(4000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', 'P. 3001:4001 ack 1')
      .expectAt(1000, '. 1:1001 ack 1')
      .value('cwnd', ({ congestion }) => congestion.cwnd, 1000)
      .value('ssthresh', ({ congestion }) => congestion.ssthresh, 2000)
      .after(100)
      .inject('. 1:1 ack 1001')
      .expect('. 1001:2001 ack 1', '. 2001:3001 ack 1')
      .after(100)
      .inject('. 1:1 ack 3001')
      .expect('P. 3001:4001 ack 1')
      .inject('. 1:1 ack 4001')
      .quiet()
      .timer('retransmit', null);
  });

  test('a segment that times out again does not halve ssthresh again (RFC 5681 §3.1)', () => {
    established()
      .write(8000)
      .expect(...[0, 1, 2, 3, 4, 5, 6].map((i) => `. ${i * 1000 + 1}:${i * 1000 + 1001} ack 1`), 'P. 7001:8001 ack 1')
      .expectAt(1000, '. 1:1001 ack 1')
      .value('ssthresh', ({ congestion }) => congestion.ssthresh, 4000)
      .expectAt(3000, '. 1:1001 ack 1')
      .value('ssthresh', ({ congestion }) => congestion.ssthresh, 4000);
  });

  test('the timeout doubles (§5.5) up to 60 s, and data is given up after R2 = 15 retransmissions (MUST-20)', () => {
    let script: Script = established().write(10).expect('P. 1:11 ack 1');
    for (const at of EXPIRIES.slice(0, 15)) script = script.expectAt(at * 1000, 'P. 1:11 ack 1');
    script
      .expectAt((EXPIRIES[15] as number) * 1000 - 1)
      .state(State.Established)
      .expectAt((EXPIRIES[15] as number) * 1000)
      .state(State.Closed)
      .failed(Failure.TimedOut)
      .hears(News.Closed);
  });

  test('at R1 the user hears of it, once (§3.8.3)', () => {
    established()
      .hears(0)
      .write(10)
      .expect('P. 1:11 ack 1')
      .expectAt(1000, 'P. 1:11 ack 1')
      .expectAt(3000, 'P. 1:11 ack 1')
      .hears(0, News.Doubtful)
      .expectAt(7000, 'P. 1:11 ack 1')
      .hears(News.Doubtful)
      .expectAt(15_000, 'P. 1:11 ack 1')
      .hears(0, News.Doubtful);
  });

  test('progress begins the count anew', () => {
    established({ r2: 2 })
      .write(2000)
      .expect('. 1:1001 ack 1', 'P. 1001:2001 ack 1')
      .expectAt(1000, '. 1:1001 ack 1')
      .expectAt(3000, '. 1:1001 ack 1')
      .inject('. 1:1 ack 1001')
      .expect('P. 1001:2001 ack 1')
      .value('attempts', ({ attempts }) => attempts, 0)
      .state(State.Established);
  });
});

wrapping('giving up a SYN (MUST-23)', () => {
  test('an active OPEN tries for 3 minutes at least [MUST-22]', () => {
    let script: Script = synSent();
    for (const at of [1, 3, 7, 15, 31, 63, 123]) script = script.expectAt(at * 1000, 'S 0:0');
    script.expectAt(180_000).state(State.SynSent).expectAt(183_000).state(State.Closed).failed(Failure.TimedOut);
  });

  test('so does the SYN,ACK of a passive one [MUST-22]', () => {
    let script: Script = synReceived();
    for (const at of [1, 3, 7, 15, 31, 63, 123]) script = script.expectAt(at * 1000, 'S. 0:0 ack 1');
    script.expectAt(180_000).state(State.SynReceived).expectAt(183_000).state(State.Closed);
  });

  test('after a SYN that had to be repeated, the timeout of data is 3 s (RFC 6298 §5.7)', () => {
    synSent()
      .expectAt(1000, 'S 0:0')
      .after(100)
      .inject('S. 0:0 ack 1 <mss 1000>')
      .expect('. 1:1 ack 1')
      .mark()
      .write(10)
      .expect('P. 1:11 ack 1')
      .expectAt(3000, 'P. 1:11 ack 1');
  });

  test('a SYN that was lost more than once leaves a window of one segment (RFC 5681 §3.1)', () => {
    synSent()
      .expectAt(1000, 'S 0:0')
      .expectAt(3000, 'S 0:0')
      .inject('S. 0:0 ack 1 <mss 1000>')
      .expect('. 1:1 ack 1')
      .write(3000)
      .expect('. 1:1001 ack 1');
  });
});

wrapping("Karn's rule (MUST-18, RFC 6298 §3)", () => {
  test('an ACK that covers a retransmission gives no sample, and the timeout stays backed off', () => {
    established()
      .write(10)
      .expect('P. 1:11 ack 1')
      .expectAt(1000, 'P. 1:11 ack 1')
      .after(10)
      .inject('. 1:1 ack 11')
      .value('SRTT', ({ rtt }) => rtt.srtt, 100 * MILLISECOND)
      .value('RTO', ({ rto }) => rto, 2 * SECOND)
      .mark()
      .write(10)
      .expect('P. 11:21 ack 1')
      .timer('retransmit', 2000)
      .after(100)
      .inject('. 1:1 ack 21') // sent once: a sample, and the backoff ends
      .value('RTO', ({ rto }) => rto, SECOND);
  });

  test('with timestamps the echo tells which transmission arrived (RFC 7323 §4)', () => {
    established({ timestamps: true })
      .write(10)
      .expect('P. 1:11 ack 1')
      .expectAt(1000, 'P. 1:11 ack 1')
      .after(40)
      .inject('. 1:1 ack 11') // echoes the retransmission's: 40 ms
      .value('SRTT', ({ rtt }) => rtt.srtt, 92_500)
      .value('RTO', ({ rto }) => rto, SECOND);
  });
});

wrapping('a timeout in vain', () => {
  test('the ACK of everything arrives late: nothing more is sent again', () => {
    established()
      .write(3000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', 'P. 2001:3001 ack 1')
      .expectAt(1000, '. 1:1001 ack 1')
      .inject('. 1:1 ack 3001')
      .quiet()
      .after(10_000)
      .quiet();
  });

  test('with timestamps that is seen, and the window is restored (Eifel: RFC 3522, RFC 4015)', () => {
    established({ timestamps: true })
      .write(3000)
      .expect('. 1:989 ack 1', '. 989:1977 ack 1', '. 1977:2965 ack 1')
      .after(0)
      .expectAt(1000, '. 1:989 ack 1')
      .value('cwnd', ({ congestion }) => congestion.cwnd, 988)
      .inject('. 1:1 ack 989 <TS val 6000 ecr 100>') // the original arrived
      .value('spurious timeouts', ({ counters }) => counters.spurious, 1)
      .value('cwnd', ({ congestion }) => congestion.cwnd >= 9880, true)
      .sent();
  });
});
