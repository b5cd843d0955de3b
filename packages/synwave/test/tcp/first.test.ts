import { test } from 'vitest';
import { established, timeWait, closing, lastAck, wrapping, synReceivedActive, accepted } from './harness.ts';
wrapping('x', () => {
  test('a', () => {
    established({ mss: 1000 })
      .write(4000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', 'P. 3001:4001 ack 1')
      .after(50)
      .inject('. 1:1 ack 1')
      .inject('. 1:1 ack 1')
      .quiet()
      .inject('. 1:1 ack 1')
      .expect('. 1:1001 ack 1')
      .inject('. 1:1 ack 4001')
      .quiet();
  });
  test('b', () => { timeWait(); closing(); lastAck(); synReceivedActive(); accepted({timestamps: true, sack: true, windowScale: true}); });
  test('c', () => { established().write(10).expect('P. 2:12 ack 1') });
});
