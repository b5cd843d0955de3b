/** Closing a connection: RFC 9293 §3.6 with its figures, TIME-WAIT, and closing without having read. */
import { expect, test } from 'vitest';
import { SECOND } from '../../src/base/time.ts';
import { Refusal } from '../../src/tcp/calls.ts';
import { Failure, News } from '../../src/tcp/failure.ts';
import { State } from '../../src/tcp/state.ts';
import {
  accepted,
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  timeWait,
  wrapping,
} from './harness.ts';

const { Closed, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait, SynReceived } = State;

/** 2MSL of the rfc profile, in milliseconds. */
const TWO_MSL = 240_000;

wrapping('a normal close (figure 12)', () => {
  test('peer A: FIN, its ACK, the other FIN, its ACK, 2MSL [MUST-13]', () => {
    established()
      .close()
      .expect('F. 1:1 ack 1')
      .state(FinWait1)
      .inject('. 1:1 ack 2')
      .quiet()
      .state(FinWait2)
      .inject('F. 1:1 ack 2')
      .expect('. 2:2 ack 2')
      .state(TimeWait)
      .hears(News.Ended | News.Closed)
      .after(TWO_MSL - 1)
      .quiet()
      .state(TimeWait)
      .after(1)
      .quiet()
      .state(Closed)
      .failed(Failure.None);
  });

  test('peer B: the FIN is acknowledged at once, ours goes out when the user closes', () => {
    established()
      .inject('F. 1:1 ack 1')
      .expect('. 1:1 ack 2')
      .state(CloseWait)
      .hears(News.Ended)
      .readRefused(Refusal.Closing)
      .close()
      .expect('F. 1:1 ack 2')
      .state(LastAck)
      .inject('. 2:2 ack 2')
      .quiet()
      .state(Closed)
      .failed(Failure.None)
      .hears(News.Closed);
  });
});

wrapping('a simultaneous close (figure 13)', () => {
  test('the FINs cross, and so do their ACKs', () => {
    established()
      .close()
      .expect('F. 1:1 ack 1')
      .inject('F. 1:1 ack 1')
      .expect('. 2:2 ack 2')
      .state(Closing)
      .inject('. 2:2 ack 2')
      .quiet()
      .state(TimeWait)
      .timer('timeWait', TWO_MSL);
  });

  test('FIN and ACK of our FIN in one segment lead straight to TIME-WAIT', () => {
    finWait1().inject('F. 1:1 ack 2').expect('. 2:2 ack 2').state(TimeWait).took(FinWait1, TimeWait);
  });
});

wrapping('the FIN and the data before it', () => {
  test('the FIN goes with the last data', () => {
    established().write(1500).expect('. 1:1001 ack 1').close().expect('FP. 1001:1501 ack 1');
  });

  test('the FIN waits for the window', () => {
    established({ win: 1000 })
      .write(1500)
      .expect('. 1:1001 ack 1')
      .close()
      .quiet()
      .state(FinWait1)
      .inject('. 1:1 ack 1001 win 1000')
      .expect('FP. 1001:1501 ack 1');
  });

  test('half-closed, data still comes (SHLD-3 does not apply) and is read [MAY-1]', () => {
    finWait2()
      .inject('P. 1:101 ack 2')
      .within(500, '. 2:2 ack 101')
      .read(100)
      .inject('FP. 101:201 ack 2')
      .expect('. 2:2 ack 202')
      .state(TimeWait)
      .read(100)
      .readRefused(Refusal.Closing);
  });

  test('half-closed by the peer, data still goes, and then the FIN', () => {
    closeWait()
      .write(1500)
      .expect('. 1:1001 ack 2')
      .inject('. 2:2 ack 1001')
      .expect('P. 1001:1501 ack 2')
      .close()
      .expect('F. 1501:1501 ack 2')
      .state(LastAck)
      .inject('. 2:2 ack 1501')
      .state(LastAck)
      .inject('. 2:2 ack 1502')
      .state(Closed);
  });

  test('CLOSE in CLOSE-WAIT moves on with the FIN, not before (§3.10.4)', () => {
    closeWait({ win: 1000 })
      .write(1500)
      .expect('. 1:1001 ack 2')
      .close()
      .quiet()
      .state(CloseWait)
      .inject('. 2:2 ack 1001')
      .expect('FP. 1001:1501 ack 2')
      .state(LastAck);
  });

  test('a FIN that came before its text waits for it', () => {
    established()
      .inject('FP. 101:201 ack 1')
      .expect('. 1:1 ack 1')
      .inject('. 1:101 ack 1')
      .expect('. 1:1 ack 202')
      .state(CloseWait)
      .read(200)
      .readRefused(Refusal.Closing);
  });

  test('text behind the FIN is not taken, also when it comes first', () => {
    established()
      .inject('. 101:201 ack 1')
      .expect('. 1:1 ack 1')
      .inject('F. 51:51 ack 1')
      .expect('. 1:1 ack 1')
      .inject('. 1:51 ack 1')
      .expect('. 1:1 ack 52')
      .state(CloseWait)
      .read(50)
      .readRefused(Refusal.Closing);
  });
});

wrapping('lost FINs', () => {
  test('our FIN comes again with the timer', () => {
    finWait1().expectAt(1000, 'F. 1:1 ack 1').expectAt(3000, 'F. 1:1 ack 1').inject('. 1:1 ack 2').state(FinWait2);
    lastAck().expectAt(1000, 'F. 1:1 ack 2').inject('. 2:2 ack 2').state(Closed);
    closing().expectAt(1000, 'F. 1:1 ack 2').inject('. 2:2 ack 2').state(TimeWait);
  });

  test('our FIN comes again with the data it went with', () => {
    established()
      .write(1500)
      .expect('. 1:1001 ack 1')
      .close()
      .expect('FP. 1001:1501 ack 1')
      .inject('. 1:1 ack 1001')
      .expectAt(1000, 'FP. 1001:1501 ack 1')
      .inject('. 1:1 ack 1502')
      .state(FinWait2);
  });

  test('the FIN of the peer comes again: it is acknowledged again', () => {
    closeWait().inject('F. 1:1 ack 1').expect('. 1:1 ack 2').state(CloseWait);
    lastAck().inject('F. 1:1 ack 1').expect('. 2:2 ack 2').state(LastAck);
  });

  test('in TIME-WAIT, that restarts 2MSL', () => {
    timeWait().after(100_000).inject('F. 1:1 ack 2').expect('. 2:2 ack 2').timer('timeWait', TWO_MSL);
    timeWait()
      .after(100_000)
      .inject('. 2:2 ack 2')
      .quiet()
      .timer('timeWait', TWO_MSL - 100_000);
  });
});

wrapping('TIME-WAIT', () => {
  test('no other timer runs, and the length is twice the MSL of the settings [MUST-13]', () => {
    expect(
      Object.keys(
        timeWait({ msl: 30 * SECOND })
          .timer('timeWait', 60_000)
          .info().timers,
      ),
    ).toEqual(['timeWait']);
  });

  test('RST ends it, unless that is to be ignored (RFC 1337 §3)', () => {
    timeWait().inject('R 2:2').state(Closed);
    timeWait({ ignoreTimeWaitReset: true })
      .inject('R 2:2')
      .quiet()
      .state(TimeWait)
      .inject('R. 2:2 ack 2')
      .state(TimeWait);
  });

  test('a newer SYN without a listener ends it, and is reset', () => {
    timeWait().inject('S 20000:20000').expect('R. 0:0 ack 20001').state(Closed);
  });

  test('timestamps that the old connection lacked make a SYN new (RFC 6191 §2) [SHLD-4]', () => {
    accepted({ timestamps: true, peer: '<mss 1000>' })
      .close()
      .expect('F. 1:1 ack 1')
      .inject('F. 1:1 ack 2')
      .expect('. 2:2 ack 2')
      .inject('S -5000:-5000 <mss 1000,TS val 1 ecr 0>')
      .expect('S. 0:0 ack -4999')
      .state(SynReceived);
  });

  test('a SYN without timestamps, after a connection with them, is judged by its number (RFC 6191 §2)', () => {
    const after = (): ReturnType<typeof accepted> =>
      accepted({ timestamps: true }).close().expect('F. 1:1 ack 1').inject('F. 1:1 ack 2').expect('. 2:2 ack 2');
    after().inject('S 2:2 <mss 1000>').expect('S. 0:0 ack 3').state(SynReceived);
    after().inject('S 1:1 <mss 1000>').state(TimeWait).sent();
  });
});

wrapping('calls while closing', () => {
  test('nothing can be sent after CLOSE, and CLOSE is not repeated (§3.10.2, §3.10.4)', () => {
    for (const state of [finWait1, finWait2, closing, lastAck, timeWait]) {
      state().offer(1, Refusal.Closing).close(Refusal.Closing).quiet();
    }
  });

  test('RECEIVE after the FIN of the peer and after the last text is refused', () => {
    for (const state of [closeWait, closing, lastAck, timeWait]) state().readRefused(Refusal.Closing);
  });

  test('with no connection left, every call is refused', () => {
    lastAck()
      .inject('. 2:2 ack 2')
      .offer(1, Refusal.NoConnection)
      .close(Refusal.NoConnection)
      .readRefused(Refusal.Closing);
    established().inject('R 1:1').offer(1, Refusal.Failed).close(Refusal.NoConnection).readRefused(Refusal.Failed);
  });

  test('ABORT tells the peer where it still has a connection: RST at SND.NXT (§3.10.5)', () => {
    established()
      .write(10)
      .expect('P. 1:11 ack 1')
      .abort()
      .expect('R. 11:11 ack 1')
      .state(Closed)
      .failed(Failure.Aborted);
    closing().abort().quiet().state(Closed);
    lastAck().abort().quiet().state(Closed);
    timeWait().abort().quiet().state(Closed);
  });
});

wrapping('letting go without having read (SHLD-3, RFC 2525 §2.17)', () => {
  test('text that waits to be read: RST at once', () => {
    established().inject('P. 1:101 ack 1').letGo().expect('R. 1:1 ack 101').state(Closed);
  });

  test('text that comes afterwards: RST', () => {
    const script = established().letGo().expect('F. 1:1 ack 1').inject('. 1:1 ack 2').inject('P. 1:101 ack 2');
    expect(script.state(Closed).sent()).toEqual([expect.stringMatching(/^R\.? 2:2 /)]);
  });

  test('all was read: a normal close, and the FIN of the peer is taken', () => {
    established()
      .inject('P. 1:101 ack 1')
      .within(500, '. 1:1 ack 101')
      .read(100)
      .letGo()
      .expect('F. 1:1 ack 101')
      .inject('F. 101:101 ack 2')
      .expect('. 2:2 ack 102')
      .state(TimeWait);
  });

  test('FIN-WAIT-2 ends after its time when nobody waits any more, and never when someone does', () => {
    finWait2().letGo().after(59_999).state(FinWait2).after(1).quiet().state(Closed);
    finWait1().letGo().inject('. 1:1 ack 2').after(60_000).state(Closed);
    finWait2().after(10_000_000).quiet().state(FinWait2);
  });
});
