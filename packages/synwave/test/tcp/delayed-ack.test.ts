/** When ACKs go out: RFC 9293 §3.8.6.3, RFC 5681 §4.2. */
import { expect, test } from 'vitest';
import { established, wrapping } from './harness.ts';

wrapping('delayed ACKs (RFC 9293 §3.8.6.3)', () => {
  test('a single segment waits 40 ms for company (MUST-40: below 500 ms) [SHLD-18]', () => {
    established().inject('P. 1:1001 ack 1').quiet().expectAt(40, '. 1:1 ack 1001');
  });

  test('the second full-sized segment is acknowledged at once (SHLD-19)', () => {
    established()
      .inject('. 1:1001 ack 1')
      .after(10)
      .inject('. 1001:2001 ack 1')
      .expect('. 1:1 ack 2001')
      .after(500)
      .quiet();
  });

  test('every second one, not the second alone', () => {
    established()
      .inject('. 1:1001 ack 1')
      .inject('. 1001:2001 ack 1')
      .expect('. 1:1 ack 2001')
      .inject('. 2001:3001 ack 1')
      .quiet()
      .inject('. 3001:4001 ack 1')
      .expect('. 1:1 ack 4001');
  });

  test('segments that arrive together are acknowledged together (MUST-58, MUST-59)', () => {
    established()
      .burst('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', '. 3001:4001 ack 1')
      .expect('. 1:1 ack 4001');
  });

  test('data of ours carries the ACK', () => {
    established().inject('P. 1:101 ack 1').after(10).write(10).expect('P. 1:11 ack 101').after(500).quiet();
  });

  test('the time is a setting', () => {
    established({ delayedAck: 200_000 }).inject('P. 1:1001 ack 1').expectAt(200, '. 1:1 ack 1001');
  });

  test('an ACK without text is never acknowledged', () => {
    established().inject('. 1:1 ack 1').inject('. 1:1 ack 1').after(10_000).quiet();
  });
});

wrapping('ACKs that do not wait (RFC 5681 §4.2)', () => {
  test('text out of order: at once [MAY-13]', () => {
    established().inject('. 1001:2001 ack 1').expect('. 1:1 ack 1');
  });

  test('each such segment owes an ACK of its own, also when they arrive together: the sender counts them', () => {
    established()
      .burst('. 1001:2001 ack 1', '. 2001:3001 ack 1', '. 3001:4001 ack 1')
      .expect('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1');
  });

  test('text that fills a hole, all or in part: at once', () => {
    established()
      .inject('. 1001:2001 ack 1')
      .expect('. 1:1 ack 1')
      .inject('. 3001:4001 ack 1')
      .expect('. 1:1 ack 1')
      .inject('. 1:501 ack 1')
      .expect('. 1:1 ack 501')
      .inject('. 501:1001 ack 1')
      .expect('. 1:1 ack 2001')
      .inject('. 2001:3001 ack 1')
      .expect('. 1:1 ack 4001')
      .read(4000);
  });

  test('a duplicate: at once', () => {
    established().inject('. 1:101 ack 1').within(40, '. 1:1 ack 101').inject('. 1:101 ack 1').expect('. 1:1 ack 101');
  });

  test('a FIN: at once', () => {
    established().inject('FP. 1:101 ack 1').expect('. 1:1 ack 102');
  });

  test('a FIN, where its ACK may wait: with our own FIN, or when the timer fires', () => {
    established({ delayFinAck: true }).inject('F. 1:1 ack 1').quiet().close().expect('F. 1:1 ack 2');
    established({ delayFinAck: true }).inject('F. 1:1 ack 1').within(40, '. 1:1 ack 2').close().expect('F. 1:1 ack 2');
  });

  test('reading that opens the window far: an update at once', () => {
    const lines = established({ receiveBuffer: 8000 })
      .burst('. 1:2001 ack 1', '. 2001:4001 ack 1', '. 4001:6001 ack 1', '. 6001:8001 ack 1')
      .expect('. 1:1 ack 8001 win 0')
      .read(8000)
      .sent();
    expect(lines).toEqual([expect.stringContaining('. 1:1 ack 8001 win 8000')]);
  });
});
