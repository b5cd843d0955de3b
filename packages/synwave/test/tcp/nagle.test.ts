/** Small segments: Nagle's algorithm (RFC 9293 §3.7.4), silly windows in the sender and in the receiver (§3.8.6.2). */
import { expect, test } from 'vitest';
import { established, type Script, wrapping } from './harness.ts';

wrapping("Nagle's algorithm (§3.7.4)", () => {
  test('a small segment goes when nothing is in flight, the next waits for its ACK [SHLD-7]', () => {
    established()
      .write(100)
      .expect('P. 1:101 ack 1')
      .write(100)
      .write(100)
      .quiet()
      .inject('. 1:1 ack 101')
      .expect('P. 101:301 ack 1');
  });

  test('a full segment does not wait, what is left over does', () => {
    established()
      .write(100)
      .expect('P. 1:101 ack 1')
      .write(1500)
      .expect('. 101:1101 ack 1')
      .inject('. 1:1 ack 101')
      .quiet()
      .inject('. 1:1 ack 1101')
      .expect('P. 1101:1601 ack 1');
  });

  test('it can be turned off (MUST-17), and what waited goes at once', () => {
    established({ noDelay: true }).write(100).expect('P. 1:101 ack 1').write(100).expect('P. 101:201 ack 1');
    established().write(100).expect('P. 1:101 ack 1').write(100).quiet().noDelay(true).expect('P. 101:201 ack 1');
  });

  test('the last octets before a FIN do not wait: nothing can join them', () => {
    established().write(100).expect('P. 1:101 ack 1').write(100).quiet().close().expect('FP. 101:201 ack 1');
  });
});

/** The largest window seen is 4000; all that was sent is acknowledged, and the window is now `win`. */
function afterWindow(win: number): Script {
  return established({ win: 4000 })
    .write(4000)
    .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', 'P. 3001:4001 ack 1')
    .inject(`. 1:1 ack 4001 win ${win}`)
    .mark();
}

wrapping('silly windows in the sender (§3.8.6.2.1, MUST-38)', () => {
  test('(1) a full segment fits: it goes [SHLD-28]', () => {
    afterWindow(1200).write(1500).expect('. 4001:5001 ack 1');
  });

  test('(2) all that is queued fits: it goes', () => {
    afterWindow(300).write(200).expect('P. 4001:4201 ack 1');
  });

  test('(3) half of the largest window fits: it goes', () => {
    established({ mss: 3000, win: 4000 })
      .write(4000)
      .expect('. 1:3001 ack 1')
      .inject('. 1:1 ack 3001 win 2000')
      .expect('P. 3001:4001 ack 1')
      .inject('. 1:1 ack 4001 win 2000')
      .write(2500)
      .expect('. 4001:6001 ack 1');
  });

  test('(4) otherwise it waits, 0.1 to 1 s, and then sends what the window takes', () => {
    afterWindow(300).write(1500).quiet().expectAt(200, '. 4001:4301 ack 1');
  });

  test('a window that opens meanwhile ends the wait', () => {
    afterWindow(300)
      .write(1500)
      .quiet()
      .after(100)
      .inject('. 1:1 ack 4001 win 4000')
      .expect('. 4001:5001 ack 1')
      .inject('. 1:1 ack 5001')
      .expect('P. 5001:5501 ack 1');
  });
});

wrapping('silly windows in the receiver (§3.8.6.2.2, MUST-39)', () => {
  test('the window does not open by less than a segment, or half of the buffer', () => {
    established({ receiveBuffer: 4000 })
      .burst('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', '. 3001:4001 ack 1')
      .expect('. 1:1 ack 4001 win 0')
      .read(999)
      .inject('. 4001:4002 ack 1')
      .expect('. 1:1 ack 4001 win 0')
      .read(1)
      .inject('. 4001:4002 ack 1')
      .expect('. 1:1 ack 4001 win 1000');
  });

  test('half of a small buffer is enough', () => {
    established({ receiveBuffer: 1000 })
      .inject('. 1:1001 ack 1')
      .within(40, '. 1:1 ack 1001 win 0')
      .read(499)
      .quiet()
      .read(1)
      .expect('. 1:1 ack 1001 win 500');
  });

  test('half of the buffer is told of without being asked', () => {
    established({ receiveBuffer: 4000 })
      .burst('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', '. 3001:4001 ack 1')
      .expect('. 1:1 ack 4001 win 0')
      .read(1999)
      .quiet()
      .read(1)
      .expect('. 1:1 ack 4001 win 2000');
  });

  test('while text comes in small pieces, the right edge stays where it is [SHLD-14]', () => {
    const script = established({ receiveBuffer: 4000 });
    for (let at = 1; at < 3001; at += 10) {
      for (const line of script.inject(`P. ${at}:${at + 10} ack 1`).sent()) {
        expect(line).toBe(`. 1:1 ack ${at + 10} win ${4000 - at - 9}`);
      }
    }
    script.within(500).read(3000).expect('. 1:1 ack 3001 win 4000');
  });
});
