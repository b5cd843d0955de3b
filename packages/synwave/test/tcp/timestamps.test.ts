/** RFC 7323: timestamps, what is echoed, PAWS; and the window scale. */
import { test } from 'vitest';
import { MILLISECOND } from '../../src/base/time.ts';
import { State } from '../../src/tcp/state.ts';
import { accepted, established, finWait1, wrapping } from './harness.ts';

const DAY = 24 * 3_600_000;
/** The handshake has taken 100 ms; the clock of the peer is ours and 5000. */
const on = { timestamps: true };

wrapping('timestamps on segments (RFC 7323 §3.2)', () => {
  test('agreed on in the SYNs, they are on every segment', () => {
    established(on)
      .write(10)
      .expect('P. 1:11 ack 1 <TS val 100 ecr 5100>')
      .after(50)
      .inject('P. 1:11 ack 11')
      .within(40, '. 11:11 ack 11 <TS val 190 ecr 5150>')
      .close()
      .expect('F. 11:11 ack 11 <TS val 190 ecr 5150>');
  });

  test('not agreed on, they are on none', () => {
    established({ timestamps: true, peer: '<mss 1000>' }).write(10).expect('P. 1:11 ack 1 <>');
    established({ peer: '<mss 1000,TS val 1 ecr 0>' }).write(10).expect('P. 1:11 ack 1 <>');
  });

  test('they take 12 octets of each segment (RFC 6691)', () => {
    established(on).write(1500).expect('. 1:989 ack 1').inject('. 1:1 ack 989').expect('P. 989:1501 ack 1');
  });

  test('a segment without one is dropped without a word, a RST is not', () => {
    established(on).inject('P. 1:11 ack 1 <>').after(500).quiet().inject('R 1:1 <>').state(State.Closed);
  });

  test('they tick in milliseconds', () => {
    const script = established(on);
    const before = script.clock;
    script.after(1234).value('ticks', () => script.clock - before, 1234);
  });
});

wrapping('which timestamp is echoed (RFC 7323 §4.3)', () => {
  test('of two segments that one ACK covers, the first', () => {
    established(on)
      .inject('. 1:11 ack 1 <TS val 6000 ecr 0>')
      .after(10)
      .inject('P. 11:500 ack 1 <TS val 6010 ecr 0>')
      .within(40, '. 1:1 ack 500 <TS val 140 ecr 6000>');
  });

  test('not that of a segment behind a hole', () => {
    established(on)
      .inject('. 101:201 ack 1 <TS val 6000 ecr 0>')
      .expect('. 1:1 ack 1 <TS val 100 ecr 5100>')
      .inject('. 1:101 ack 1 <TS val 6001 ecr 0>')
      .expect('. 1:1 ack 201 <TS val 100 ecr 6001>');
  });

  test('an older one does not replace a younger one', () => {
    established(on)
      .inject('. 1:11 ack 1 <TS val 6000 ecr 0>')
      .within(40, '. 1:1 ack 11 <TS val 140 ecr 6000>')
      .inject('. 11:11 ack 1 <TS val 6000 ecr 0>')
      .write(10)
      .expect('P. 1:11 ack 11 <TS val 140 ecr 6000>');
  });
});

wrapping('PAWS (RFC 7323 §5)', () => {
  test('text from the past is dropped and answered by an ACK', () => {
    established(on)
      .inject('P. 1:11 ack 1 <TS val 5099 ecr 0>')
      .expect('. 1:1 ack 1')
      .readRefused(0)
      .inject('P. 1:11 ack 1 <TS val 5100 ecr 0>')
      .within(40, '. 1:1 ack 11')
      .read(10);
  });

  test('it compares modulo 2^32', () => {
    established({ timestamps: true, peer: '<mss 1000,TS val 4294967000 ecr 0>' })
      .inject('P. 1:11 ack 1 <TS val 200 ecr 0>')
      .within(40, '. 1:1 ack 11 <TS val 140 ecr 200>')
      .inject('P. 11:21 ack 1 <TS val 4294967290 ecr 0>')
      .expect('. 1:1 ack 11');
  });

  test('after 24 days without news, any timestamp is believed (§5.5)', () => {
    established(on)
      .after(23 * DAY)
      .inject('P. 1:11 ack 1 <TS val 1 ecr 0>')
      .expect('. 1:1 ack 1')
      .after(2 * DAY)
      .inject('P. 1:11 ack 1 <TS val 1 ecr 0>')
      .within(40, '. 1:1 ack 11')
      .read(10);
  });

  test('a FIN from the past does not close', () => {
    finWait1(on).inject('F. 1:1 ack 2 <TS val 1 ecr 0>').expect('. 2:2 ack 1').state(State.FinWait1);
  });

  test('a RST is spared (§5.3)', () => {
    established(on).inject('R 1:1 <TS val 1 ecr 0>').state(State.Closed);
  });
});

wrapping('round trips from echoes (RFC 7323 §4.1)', () => {
  test('an echo of nothing, or of the future, gives no sample', () => {
    established(on)
      .write(10)
      .expect('P. 1:11 ack 1')
      .expectAt(1000, 'P. 1:11 ack 1')
      .inject('. 1:1 ack 11 <TS val 6100 ecr 99999>')
      .value('SRTT', ({ rtt }) => rtt.srtt, 100 * MILLISECOND);
  });
});

wrapping('the window scale (RFC 7323 §2)', () => {
  const scaled = { windowScale: true, receiveBuffer: 1 << 20, win: 1000 };

  test('the windows of SYNs are not scaled, those of other segments are, by the shift of their sender', () => {
    established({ ...scaled, peer: '<mss 1000,wscale 2>' })
      .value('SND.WND', ({ snd }) => snd.wnd, 1000)
      .inject('. 1:1 ack 1 win 1000')
      .value('SND.WND', ({ snd }) => snd.wnd, 4000)
      .write(5000)
      .expect('. 1:1001 ack 1 win 32768', '. 1001:2001 ack 1', '. 2001:3001 ack 1', '. 3001:4001 ack 1');
  });

  test('also in the ACK that completes the handshake', () => {
    accepted({ ...scaled, peer: '<mss 1000,wscale 2>' }).value('SND.WND', ({ snd }) => snd.wnd, 4000);
  });

  test('one-sided, it is not in force (§2.2)', () => {
    established({ ...scaled, peer: '<mss 1000>' })
      .inject('. 1:1 ack 1 win 1000')
      .value('SND.WND', ({ snd }) => snd.wnd, 1000)
      .write(500)
      .expect('P. 1:501 ack 1 win 65535');
    established({ windowScale: false, peer: '<mss 1000,wscale 7>' })
      .inject('. 1:1 ack 1 win 1000')
      .value('SND.WND', ({ snd }) => snd.wnd, 1000);
  });

  test('a shift above 14 counts as 14 (§2.3)', () => {
    established({ ...scaled, peer: '<mss 1000,wscale 15>' })
      .inject('. 1:1 ack 1 win 2')
      .value('SND.WND', ({ snd }) => snd.wnd, 32_768);
  });

  test.each([
    [0xffff, 0],
    [0x1_0000, 1],
    [1 << 20, 5],
    [1 << 30, 14],
  ])('a buffer of %i octets is offered with shift %i', (receiveBuffer, shift) => {
    established({ windowScale: true, receiveBuffer }).value('shift', ({ rcv }) => rcv.scale, shift);
  });
});
