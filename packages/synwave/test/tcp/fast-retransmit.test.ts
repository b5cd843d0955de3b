/** Loss recovery without SACK: fast retransmit (RFC 5681 §3.2), NewReno (RFC 6582), limited transmit (RFC 3042). */
import { expect, test } from 'vitest';
import { established, type Script, wrapping } from './harness.ts';

/** The line of the i-th full segment, counted from 0. */
function full(i: number): string {
  return `. ${i * 1000 + 1}:${i * 1000 + 1001} ack 1`;
}

/** Ten segments are in flight, the first window, and plenty waits behind them. */
function tenInFlight(): Script {
  return established({ initialWindow: 10 })
    .write(30_000)
    .expect(...Array.from({ length: 10 }, (_, i) => full(i)))
    .after(50);
}

wrapping('fast retransmit (RFC 5681 §3.2)', () => {
  test('the third duplicate ACK brings the first segment back at once', () => {
    established()
      .write(4000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', 'P. 3001:4001 ack 1')
      .after(50)
      .inject('. 1:1 ack 1') // 1:1001 was lost on the way
      .inject('. 1:1 ack 1')
      .quiet() // two are not enough: it may be reordering
      .inject('. 1:1 ack 1')
      .expect('. 1:1001 ack 1')
      .inject('. 1:1 ack 4001')
      .quiet();
  });

  test('a segment with text is no duplicate ACK, nor one that changes the window (§2)', () => {
    established()
      .write(4000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', 'P. 3001:4001 ack 1')
      .inject('. 1:1 ack 1 win 60000')
      .inject('. 1:1 ack 1 win 50000')
      .inject('. 1:1 ack 1 win 40000')
      .inject('. 1:1 ack 1 win 30000')
      .quiet()
      .burst('. 1:11 ack 1', '. 11:21 ack 1', '. 21:31 ack 1', '. 31:41 ack 1')
      .expect('. 4001:4001 ack 41');
  });

  test('with nothing in flight an ACK is no duplicate', () => {
    established().inject('. 1:1 ack 1').inject('. 1:1 ack 1').inject('. 1:1 ack 1').inject('. 1:1 ack 1').quiet();
  });

  test('three duplicates that are apart from each other by an ACK of new data are not three in a row', () => {
    established()
      .write(4000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', 'P. 3001:4001 ack 1')
      .inject('. 1:1 ack 1')
      .inject('. 1:1 ack 1')
      .inject('. 1:1 ack 1001')
      .inject('. 1:1 ack 1001')
      .inject('. 1:1 ack 1001')
      .quiet();
  });

  test('ssthresh becomes half of the flight, and the window stands there afterwards', () => {
    tenInFlight()
      .burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1')
      .expect(full(0))
      .value('ssthresh', ({ congestion }) => congestion.ssthresh, 5000)
      .inject('. 1:1 ack 10001')
      .value('cwnd', ({ congestion }) => congestion.cwnd, 5000)
      .value('phase', ({ congestion }) => congestion.phase, 'open')
      .sent();
  });

  test('ssthresh is two segments at least', () => {
    established()
      .write(3000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', 'P. 2001:3001 ack 1')
      .burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1')
      .expect('. 1:1001 ack 1')
      .value('ssthresh', ({ congestion }) => congestion.ssthresh, 2000);
  });
});

wrapping('limited transmit (RFC 3042)', () => {
  test('each of the first two duplicates lets one new segment out', () => {
    tenInFlight()
      .inject('. 1:1 ack 1')
      .expect(full(10))
      .inject('. 1:1 ack 1')
      .expect(full(11))
      .inject('. 1:1 ack 1')
      .expect(full(0));
  });

  test('not beyond the window of the peer', () => {
    established({ win: 4000 })
      .write(8000)
      .expect(full(0), full(1), full(2), full(3))
      .inject('. 1:1 ack 1')
      .inject('. 1:1 ack 1')
      .quiet();
  });

  test('what it sent does not count in the flight that is halved (RFC 5681 §3.2, step 2)', () => {
    tenInFlight()
      .inject('. 1:1 ack 1')
      .expect(full(10))
      .inject('. 1:1 ack 1')
      .expect(full(11))
      .inject('. 1:1 ack 1')
      .expect(full(0))
      .value('ssthresh', ({ congestion }) => congestion.ssthresh, 5000);
  });
});

wrapping('NewReno (RFC 6582)', () => {
  test('a partial ACK brings the next hole back at once; recovery ends with the ACK of all that was in flight', () => {
    established()
      .write(8000)
      .expect(...[0, 1, 2, 3, 4, 5, 6].map(full), 'P. 7001:8001 ack 1')
      .after(50)
      .burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1') // 1 and 4 are lost
      .expect(full(0))
      .inject('. 1:1 ack 3001')
      .expect(full(3))
      .value('phase', ({ congestion }) => congestion.phase, 'fast recovery')
      .inject('. 1:1 ack 8001')
      .quiet()
      .value('phase', ({ congestion }) => congestion.phase, 'open');
  });

  test('duplicates in recovery do not begin another one', () => {
    established()
      .write(6000)
      .expect(...[0, 1, 2, 3, 4].map(full), 'P. 5001:6001 ack 1')
      .burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1')
      .expect(full(0))
      .burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1')
      .quiet()
      .value('fast recoveries', ({ counters }) => counters.fastRecoveries, 1);
  });

  test('new text goes out in recovery as the network empties, and no faster', () => {
    const script = tenInFlight().burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1').expect(full(0));
    // Nine of ten segments arrive: for every two of them one goes out, so that five are in the network at the end.
    let fresh = 0;
    for (let i = 3; i < 9; i++) fresh += script.inject('. 1:1 ack 1').sent().length;
    expect(fresh).toBe(4);
    script.value('octets in the network', ({ congestion }) => congestion.pipe, 5000);
  });

  test('the lost retransmission is the timer’s', () => {
    established()
      .write(4000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', 'P. 3001:4001 ack 1')
      .burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1')
      .expect('. 1:1001 ack 1')
      .expectAt(1000, '. 1:1001 ack 1')
      .inject('. 1:1 ack 4001')
      .quiet();
  });
});
