/** Keepalives (RFC 9293 §3.8.4) and the user's own patience (§3.10.8). */
import { test } from 'vitest';
import { SECOND } from '../../src/base/time.ts';
import { Failure, News } from '../../src/tcp/failure.ts';
import { State } from '../../src/tcp/state.ts';
import { established, type Script, synSent, wrapping } from './harness.ts';

const HOUR = 3_600_000;

wrapping('keepalives (§3.8.4)', () => {
  test('they are off unless asked for (MUST-25)', () => {
    established()
      .after(100 * HOUR)
      .quiet()
      .state(State.Established);
  });

  test('the first probe goes after two hours (MUST-28), ten of them 75 s apart, and then the connection ends [SHLD-12, MAY-5]', () => {
    let script: Script = established({ keepAlive: true }).expectAt(2 * HOUR - 1);
    for (let probe = 0; probe < 10; probe++) script = script.expectAt(2 * HOUR + probe * 75_000, '. 0:0 ack 1');
    script
      .expectAt(2 * HOUR + 10 * 75_000 - 1)
      .state(State.Established) // one unanswered probe proves nothing (MUST-29)
      .expectAt(2 * HOUR + 10 * 75_000)
      .state(State.Closed)
      .failed(Failure.TimedOut)
      .hears(News.Closed);
  });

  test('an answer begins the two hours anew', () => {
    established({ keepAlive: true })
      .expectAt(2 * HOUR, '. 0:0 ack 1')
      .expectAt(2 * HOUR + 75_000, '. 0:0 ack 1')
      .after(100)
      .inject('. 1:1 ack 1')
      .mark()
      .expectAt(2 * HOUR - 1)
      .expectAt(2 * HOUR, '. 0:0 ack 1');
  });

  test('whatever arrives shows that the peer lives (MUST-26)', () => {
    established({ keepAlive: true })
      .after(HOUR)
      .inject('P. 1:11 ack 1')
      .within(40, '. 1:1 ack 11')
      .expectAt(3 * HOUR - 1)
      .expectAt(3 * HOUR, '. 0:0 ack 11');
  });

  test('a probe pays no ACK: the peer need not look at it, for its place is taken', () => {
    established({ keepAlive: true, keepAliveIdle: SECOND / 50 })
      .inject('P. 1:11 ack 1')
      .mark()
      .expectAt(20, '. 0:0 ack 11')
      .expectAt(40, '. 1:1 ack 11');
  });

  test('not while data is in flight: the retransmission timer looks after that', () => {
    established({ keepAlive: true, keepAliveIdle: SECOND / 2, r2: 1 })
      .write(10)
      .expect('P. 1:11 ack 1')
      .expectAt(1000, 'P. 1:11 ack 1')
      .expectAt(3000)
      .state(State.Closed)
      .failed(Failure.TimedOut);
  });

  test('they can be turned on and off at any time (MUST-24), with times of their own (MUST-27)', () => {
    established({ keepAliveIdle: 10 * SECOND, keepAliveInterval: SECOND, keepAliveProbes: 2 })
      .keepAlive(true)
      .expectAt(10_000, '. 0:0 ack 1')
      .expectAt(11_000, '. 0:0 ack 1')
      .keepAlive(false)
      .after(HOUR)
      .quiet()
      .state(State.Established);
  });

  test("the peer's probes are answered, with or without an octet", () => {
    established()
      .inject('P. 1:11 ack 1')
      .within(40, '. 1:1 ack 11')
      .inject('. 10:10 ack 1')
      .expect('. 1:1 ack 11')
      .inject('. 10:11 ack 1')
      .expect('. 1:1 ack 11');
  });

  test('in CLOSE-WAIT and FIN-WAIT-2 they go on', () => {
    established({ keepAlive: true })
      .inject('F. 1:1 ack 1')
      .expect('. 1:1 ack 2')
      .after(2 * HOUR)
      .expect('. 0:0 ack 2');
    established({ keepAlive: true })
      .close()
      .expect('F. 1:1 ack 1')
      .inject('. 1:1 ack 2')
      .after(2 * HOUR)
      .expect('. 1:1 ack 1');
  });
});

wrapping('the user timeout (§3.10.8)', () => {
  const patience = { userTimeout: 5 * SECOND };

  test('octets that stay unacknowledged for so long end the connection', () => {
    established(patience)
      .write(10)
      .expect('P. 1:11 ack 1')
      .expectAt(1000, 'P. 1:11 ack 1')
      .expectAt(3000, 'P. 1:11 ack 1')
      .expectAt(4999)
      .state(State.Established)
      .expectAt(5000)
      .state(State.Closed)
      .failed(Failure.UserTimeout)
      .hears(News.Closed);
  });

  test('progress begins it anew, and with nothing in flight it does not run', () => {
    established(patience)
      .timer('user', null)
      .write(2000)
      .expect('. 1:1001 ack 1', 'P. 1001:2001 ack 1')
      .timer('user', 5000)
      .after(900)
      .inject('. 1:1 ack 1001')
      .timer('user', 5000)
      .inject('. 1:1 ack 2001')
      .timer('user', null)
      .after(HOUR)
      .quiet();
  });

  test('it bounds the opening, too', () => {
    synSent(patience)
      .expectAt(1000, 'S 0:0')
      .expectAt(3000, 'S 0:0')
      .expectAt(5000)
      .state(State.Closed)
      .failed(Failure.UserTimeout);
    synSent(patience).inject('S. 0:0 ack 1 <mss 1000>').expect('. 1:1 ack 1').timer('user', null);
  });

  test('it bounds a closed window that the peer keeps confirming', () => {
    established({ ...patience, win: 0 })
      .write(10)
      .expectAt(1000, '. 1:2 ack 1')
      .inject('. 1:1 ack 1 win 0')
      .expectAt(3000, '. 1:2 ack 1')
      .inject('. 1:1 ack 1 win 0')
      .after(3100)
      .state(State.Closed)
      .failed(Failure.UserTimeout);
  });
});
