/** A closed window, on both sides: RFC 9293 §3.8.6.1, and windows that shrink (MUST-34). */
import { expect, test } from 'vitest';
import { Failure } from '../../src/tcp/failure.ts';
import { State } from '../../src/tcp/state.ts';
import { established, type Script, wrapping } from './harness.ts';

wrapping('probing a closed window (§3.8.6.1, MUST-36)', () => {
  test('the first probe goes after an RTO (SHLD-29), the next ones at twice the time (SHLD-30)', () => {
    let script: Script = established({ win: 0 }).write(2000).quiet();
    for (const at of [1, 3, 7, 15, 31, 63, 123, 183]) {
      script = script
        .expectAt(at * 1000, '. 1:2 ack 1')
        .inject('. 1:1 ack 1 win 0')
        .quiet();
    }
  });

  test('as long as the peer answers, the connection stays open (MUST-37)', () => {
    const script = established({ win: 0 }).write(2000);
    for (let probes = 0; probes < 100; probes++) {
      let lines: string[] = [];
      for (let waited = 0; lines.length === 0 && waited < 61; waited++) lines = script.after(1000).sent();
      expect(lines).toEqual([expect.stringMatching(/^\. 1:2\(1\) ack 1 /)]);
      script.inject('. 1:1 ack 1 win 0');
    }
    script.state(State.Established);
  });

  test('a peer that does not answer is given up at R2', () => {
    established({ win: 0, r2: 3 })
      .write(2000)
      .expectAt(1000, '. 1:2 ack 1')
      .expectAt(3000, '. 1:2 ack 1')
      .expectAt(7000, '. 1:2 ack 1')
      .expectAt(15_000, '. 1:2 ack 1')
      .expectAt(31_000)
      .state(State.Closed)
      .failed(Failure.TimedOut);
  });

  test('a probe that is taken is followed by the next octet', () => {
    established({ win: 0 })
      .write(2000)
      .expectAt(1000, '. 1:2 ack 1')
      .inject('. 1:1 ack 2 win 0')
      .expectAt(2000, '. 2:3 ack 1');
  });

  test('the window opens: everything goes at once', () => {
    established({ win: 0 })
      .write(2001)
      .expectAt(1000, '. 1:2 ack 1')
      .inject('. 1:1 ack 2 win 4000')
      .expect('. 2:1002 ack 1', 'P. 1002:2002 ack 1')
      .inject('. 1:1 ack 2002')
      .timer('retransmit', null)
      .timer('persist', null);
  });

  test('the window opens and the octet of the probe was refused: it goes again, and the rest', () => {
    const lines = established({ win: 0 })
      .write(2001)
      .expectAt(1000, '. 1:2 ack 1')
      .inject('. 1:1 ack 1 win 4000')
      .sent();
    expect(lines[0]).toMatch(/^\. 1:/);
    const ends = lines.map((line) => Number(/:(\d+)/.exec(line)?.[1]));
    expect(Math.max(...ends)).toBe(2002);
  });

  test('an update that was lost is made up for by the answer to a probe', () => {
    established({ win: 1000 })
      .write(2000)
      .expect('. 1:1001 ack 1')
      .inject('. 1:1 ack 1001 win 0')
      .quiet()
      .mark()
      .expectAt(1000, '. 1001:1002 ack 1')
      .inject('. 1:1 ack 1002 win 4000')
      .expect('P. 1002:2001 ack 1');
  });

  test('a FIN is its own probe', () => {
    established({ win: 0 })
      .close()
      .quiet()
      .expectAt(1000, 'F. 1:1 ack 1')
      .inject('. 1:1 ack 2 win 0')
      .state(State.FinWait2);
  });

  test('nothing to send, nothing to probe', () => {
    established({ win: 0 }).after(100_000).quiet();
  });
});

wrapping('a closed window of ours', () => {
  const full = (): Script =>
    established({ receiveBuffer: 1000 }).inject('P. 1:1001 ack 1').within(40, '. 1:1 ack 1001 win 0');

  test('a probe is answered, and its octet is not taken [MUST-35]', () => {
    full().inject('. 1001:1002 ack 1').expect('. 1:1 ack 1001 win 0').read(1000).sent();
  });

  test('ACKs are still taken (MUST-66)', () => {
    full()
      .write(100)
      .expect('P. 1:101 ack 1001')
      .inject('. 1001:1001 ack 101')
      .timer('retransmit', null)
      .inject('. 1001:1002 ack 101')
      .expect('. 101:101 ack 1001 win 0');
  });

  test('RST is still taken (MUST-66)', () => {
    full().inject('R 1001:1001').state(State.Closed).failed(Failure.Reset);
  });

  test('FIN is not', () => {
    full()
      .inject('F. 1001:1001 ack 1')
      .expect('. 1:1 ack 1001 win 0')
      .state(State.Established)
      .read(1000)
      .expect('. 1:1 ack 1001 win 1000')
      .inject('F. 1001:1001 ack 1')
      .expect('. 1:1 ack 1002')
      .state(State.CloseWait);
  });
});

wrapping('a window that shrinks (MUST-34)', () => {
  test('nothing new is sent beyond it; what is in flight is sent again within it [SHLD-15, SHLD-16]', () => {
    established({ win: 4000 })
      .write(8000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', '. 3001:4001 ack 1')
      .inject('. 1:1 ack 1001 win 500')
      .quiet()
      .state(State.Established)
      .inject('. 1:1 ack 4001 win 4000')
      .expect('. 4001:5001 ack 1', '. 5001:6001 ack 1', '. 6001:7001 ack 1', 'P. 7001:8001 ack 1');
  });

  test('what lies beyond the edge is waited for, not timed out, while the peer answers [SHLD-17]', () => {
    const script = established({ win: 4000, r2: 3 })
      .write(4000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', 'P. 3001:4001 ack 1')
      .inject('. 1:1 ack 1001 win 0');
    for (let answered = 0; answered < 20; answered++) {
      let lines: string[] = [];
      for (let waited = 0; lines.length === 0 && waited < 61; waited++) lines = script.after(1000).sent();
      expect(lines.length).toBeGreaterThan(0);
      script.inject('. 1:1 ack 1001 win 0').state(State.Established);
    }
    script.inject('. 1:1 ack 4001 win 4000').timer('retransmit', null).state(State.Established);
  });

  test('an older segment does not change the window (SND.WL1, SND.WL2)', () => {
    established({ win: 4000 })
      .inject('P. 1:11 ack 1 win 3000')
      .inject('. 1:1 ack 1 win 100') // left of the window: not looked at
      .within(40, '. 1:1 ack 11')
      .value('SND.WND', ({ snd }) => snd.wnd, 3000)
      .write(10)
      .expect('P. 1:11 ack 11')
      .inject('. 11:11 ack 11 win 2000')
      .inject('. 11:11 ack 1 win 100') // an older ACK
      .value('SND.WND', ({ snd }) => snd.wnd, 2000);
  });
});
