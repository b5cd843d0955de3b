/** What ICMP, or this host itself, says of a way that leads nowhere: RFC 9293 §3.9.2.2, and what R2 makes of it. */
import { test } from 'vitest';
import { Failure, News } from '../../src/tcp/failure.ts';
import { State } from '../../src/tcp/state.ts';
import { Stop } from '../../src/tcp/stop.ts';
import { closeWait, established, type Script, synReceived, synReceivedActive, synSent, wrapping } from './harness.ts';

const soft = (script: Script, code: string): Script => script.value('soft error', (info) => info.softError, code);

/** One retransmission, then R2. */
const impatient = { r2: 1 };

wrapping('R2 with a soft error (as Linux does) [MUST-47, MUST-54, SHLD-25]', () => {
  test.each([
    ['EHOSTUNREACH', Failure.HostUnreachable],
    ['ENETUNREACH', Failure.NetUnreachable],
    ['ECONNREFUSED', Failure.TimedOut],
  ])('%s was the last that was heard', (code, failure) => {
    established(impatient)
      .write(10)
      .expect('P. 1:11 ack 1')
      .report(1, Failure.None, code)
      .state(State.Established)
      .expectAt(1000, 'P. 1:11 ack 1')
      .expectAt(3000)
      .state(State.Closed)
      .failed(failure)
      .hears(News.Closed);
  });

  test('a peer that was heard since was not silent for that reason', () => {
    established(impatient)
      .write(1000)
      .expect('P. 1:1001 ack 1')
      .report(1, Failure.None, 'EHOSTUNREACH')
      .inject('. 1:1 ack 1001')
      .mark()
      .write(10)
      .expect('P. 1001:1011 ack 1')
      .expectAt(1000, 'P. 1001:1011 ack 1')
      .expectAt(3000)
      .failed(Failure.TimedOut);
  });

  test('a report that is not to be believed tells nothing', () => {
    established(impatient)
      .write(10)
      .expect('P. 1:11 ack 1')
      .report(11, Failure.None, 'EHOSTUNREACH', Stop.Dropped)
      .expectAt(1000, 'P. 1:11 ack 1')
      .expectAt(3000)
      .failed(Failure.TimedOut);
  });

  test('an OPEN that nobody answers', () => {
    const script = synSent({ r2Syn: 2_000_000 }).report(0, Failure.None, 'ENETUNREACH').state(State.SynSent);
    script.expectAt(1000, 'S 0:0').expectAt(3000).state(State.Closed).failed(Failure.NetUnreachable);
  });

  test('a peer that does not answer keep-alives', () => {
    const script = established({
      keepAlive: true,
      keepAliveProbes: 1,
      keepAliveIdle: 1_000_000,
      keepAliveInterval: 1_000_000,
    });
    script.write(10).expect('P. 1:11 ack 1').inject('. 1:1 ack 11').mark().expectAt(1000, '. 10:10 ack 1');
    script.neighbourFails().expectAt(2000).state(State.Closed).failed(Failure.HostUnreachable);
  });
});

wrapping('nobody answers at the next hop', () => {
  test('an OPEN in SYN-SENT ends at once', () => {
    synSent()
      .neighbourFails(Stop.Closed)
      .state(State.Closed)
      .failed(Failure.HostUnreachable)
      .hears(News.Closed)
      .after(10_000)
      .quiet();
  });

  test.each([
    ['SYN-RECEIVED', synReceived],
    ['SYN-RECEIVED after an active OPEN', synReceivedActive],
    ['ESTABLISHED', established],
    ['CLOSE-WAIT', closeWait],
  ])('%s goes on, and remembers it', (_state, reach) => {
    const script = reach();
    const { current } = script;
    soft(script.neighbourFails(), 'EHOSTUNREACH').state(current).failed(Failure.None);
  });
});
