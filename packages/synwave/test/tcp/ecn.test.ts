/** Explicit congestion notification: RFC 3168 §6.1, RFC 8511. */
import { describe, expect, test } from 'vitest';
import type { TcpInfo } from '../../src/tcp/info.ts';
import { replyReset } from '../../src/tcp/reply.ts';
import { State } from '../../src/tcp/state.ts';
import { Ecn, Segment } from '../../src/wire/segment.ts';
import { closed, established, listening, type Options, type Script, synSent, wrapping } from './harness.ts';

const { NotEct, Ect0, Ce } = Ecn;

const agrees = ({ options }: TcpInfo): boolean => options.ecn;
const cwnd = ({ congestion }: TcpInfo): number => congestion.cwnd;
const ssthresh = ({ congestion }: TcpInfo): number => congestion.ssthresh;
const reductions = ({ counters }: TcpInfo): number => counters.ecnReductions;

/** The line of the i-th full segment, counted from 0, without ACK. */
function full(i: number, flags = '.'): string {
  return `${flags} ${i * 1000 + 1}:${i * 1000 + 1001} ack 1`;
}

function fulls(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => full(from + i));
}

/** We have asked, and the peer agrees. */
function agreed(options: Options = {}): Script {
  const script = closed({ ecn: 'request', ...options })
    .connect()
    .expect('SEW 0:0');
  const peer = script.peerOptions.replace('>', '') === '<' ? '' : script.peerOptions;
  return script.after(100).inject(`S.E 0:0 ack 1 ${peer}`).expect('. 1:1 ack 1').mark();
}

/** Ten segments are in flight, the first window, and plenty waits behind them. */
function tenInFlight(options: Options = {}): Script {
  return agreed(options)
    .write(60_000)
    .expect(...fulls(0, 10))
    .after(50);
}

wrapping('what two SYNs agree on (§6.1.1) [SHLD-8]', () => {
  test('asked for, by an ECN-setup SYN, and granted, by ECE alone: text goes out as ECT(0)', () => {
    closed({ ecn: 'request' })
      .connect()
      .expect('SEW 0:0')
      .ecn(NotEct)
      .after(100)
      .inject('S.E 0:0 ack 1 <mss 1000>')
      .expect('. 1:1 ack 1')
      .ecn(NotEct)
      .value('agreed', agrees, true)
      .write(2000)
      .expect(full(0), full(1, 'P.'))
      .ecn(Ect0, Ect0);
  });

  test.each([
    ['S.', 'plain'],
    ['S.EW', 'our own bits, reflected (§6.1.1.2)'],
    ['S.W', 'CWR alone'],
  ])('%s, %s, refuses', (flags) => {
    closed({ ecn: 'request' })
      .connect()
      .expect('SEW 0:0')
      .inject(`${flags} 0:0 ack 1 <mss 1000>`)
      .expect('. 1:1 ack 1')
      .value('agreed', agrees, false)
      .write(10)
      .expect('P. 1:11 ack 1')
      .ecn(NotEct);
  });

  test('unless told to we do not ask, and a SYN,ACK that grants what was not asked for grants nothing', () => {
    synSent().inject('S.E 0:0 ack 1 <mss 1000>').expect('. 1:1 ack 1').value('agreed', agrees, false);
  });

  describe.each([false, true])('half-open connections as rows: %s', (rows) => {
    test('the peer asks: granted, and not by an ECT packet', () => {
      listening({ rows })
        .inject('SEW 0:0 <mss 1000>')
        .expect('S.E 0:0 ack 1')
        .ecn(NotEct)
        .value('agreed', agrees, true)
        .inject('. 1:1 ack 1')
        .state(State.Established)
        .write(10)
        .expect('P. 1:11 ack 1')
        .ecn(Ect0)
        .inject('. 1:1001 ack 11', Ce)
        .expect('.E 11:11 ack 1001');
    });

    test('the SYN,ACK that goes out again says the same', () => {
      listening({ rows }).inject('SEW 0:0 <mss 1000>').expect('S.E 0:0 ack 1').expectAt(1000, 'S.E 0:0 ack 1');
    });

    test('the SYN comes again without: taken back (§6.1.1.1)', () => {
      listening({ rows })
        .inject('SEW 0:0 <mss 1000>')
        .expect('S.E 0:0 ack 1')
        .inject('S 0:0 <mss 1000>')
        .expect('S. 0:0 ack 1')
        .inject('. 1:1 ack 1')
        .value('agreed', agrees, false)
        .write(10)
        .expect('P. 1:11 ack 1')
        .ecn(NotEct);
    });

    test.each(['S', 'SE', 'SW'])('%s does not ask', (flags) => {
      listening({ rows })
        .inject(`${flags} 0:0 <mss 1000>`)
        .expect('S. 0:0 ack 1')
        .inject('. 1:1 ack 1')
        .value('agreed', agrees, false);
    });

    test('the next connection knows nothing of it', () => {
      listening({ rows })
        .inject('SEW 0:0 <mss 1000>')
        .expect('S.E 0:0 ack 1')
        .inject('R 1:1')
        .state(State.Listen)
        .inject('S 0:0 <mss 1000>')
        .expect('S. 0:0 ack 1');
    });
  });

  test('the setting "off" refuses', () => {
    listening({ ecn: 'off' })
      .inject('SEW 0:0 <mss 1000>')
      .expect('S. 0:0 ack 1')
      .inject('. 1:1 ack 1')
      .value('agreed', agrees, false);
  });

  test('a SYN that goes out again asks no more (§6.1.1.1)', () => {
    closed({ ecn: 'request' })
      .connect()
      .expect('SEW 0:0')
      .expectAt(1000, 'S 0:0')
      .expectAt(3000, 'S 0:0')
      .inject('S. 0:0 ack 1 <mss 1000>')
      .expect('. 1:1 ack 1')
      .value('agreed', agrees, false);
  });

  test('the grant of the first SYN comes after the second: nothing may be marked, but marks that come are echoed', () => {
    closed({ ecn: 'request' })
      .connect()
      .expect('SEW 0:0')
      .expectAt(1000, 'S 0:0')
      .inject('S.E 0:0 ack 1 <mss 1000>')
      .expect('. 1:1 ack 1')
      .value('agreed', agrees, false)
      .write(10)
      .expect('P. 1:11 ack 1')
      .ecn(NotEct)
      .inject('. 1:1001 ack 11', Ce)
      .expect('.E 11:11 ack 1001');
  });

  test('SYNs that cross: both ask, both grant, and ECE beside SYN is no mark', () => {
    closed({ ecn: 'request' })
      .connect()
      .expect('SEW 0:0')
      .inject('SEW 0:0 <mss 1000>')
      .expect('S.E 0:0 ack 1')
      .inject('S.E 0:0 ack 1 <mss 1000>')
      .state(State.Established)
      .value('agreed', agrees, true)
      .value('marks', ({ counters }) => counters.marksOut, 0)
      .write(10)
      .expect('P. 1:11 ack 1')
      .ecn(Ect0);
  });

  test.each([
    ['request', 'SEW', 'S', 'S.'],
    ['accept', 'S', 'SEW', 'S.'],
  ] as const)('SYNs that cross, and only one asks (%s): no', (ecn, ours, theirs, answer) => {
    closed({ ecn })
      .connect()
      .expect(`${ours} 0:0`)
      .inject(`${theirs} 0:0 <mss 1000>`)
      .expect(`${answer} 0:0 ack 1`)
      .inject('S. 0:0 ack 1 <mss 1000>')
      .state(State.Established)
      .value('agreed', agrees, false);
  });
});

wrapping('what may be marked (§6.1.4 to §6.1.6)', () => {
  test('no retransmission', () => {
    agreed().write(10).expect('P. 1:11 ack 1').ecn(Ect0).expectAt(1000, 'P. 1:11 ack 1').ecn(NotEct);
  });

  test('no bare ACK, and no FIN without text; a FIN with text is text', () => {
    agreed()
      .inject('. 1:1001 ack 1')
      .within(40, '. 1:1 ack 1001')
      .ecn(NotEct)
      .close()
      .expect('F. 1:1 ack 1001')
      .ecn(NotEct);
    agreed().write(10).expect('P. 1:11 ack 1').write(10).close().expect('FP. 11:21 ack 1').ecn(Ect0);
  });

  test('no probe of a closed window, which does not say CWR either', () => {
    agreed()
      .write(1000)
      .expect(full(0, 'P.'))
      .inject('.E 1:1 ack 1001 win 0')
      .mark()
      .write(1000)
      .expectAt(1000, '. 1001:1002 ack 1')
      .ecn(NotEct)
      .inject('. 1:1 ack 1002 win 4000')
      .expect('P.W 1002:2001 ack 1')
      .ecn(Ect0);
  });

  test('no keep-alive, no repeated tail', () => {
    agreed({ keepAlive: true }).within(7_200_000, '. 0:0 ack 1').ecn(NotEct);
    agreed({ sack: true }).write(10).expect('P. 1:11 ack 1').ecn(Ect0).within(500, 'P. 1:11 ack 1').ecn(NotEct);
  });
});

test('no RST may be marked, whatever its record was used for before', () => {
  const out = Object.assign(new Segment(), { ecn: Ect0 });
  replyReset(out, new Segment());
  expect(out.ecn).toBe(NotEct);
});

wrapping('marks that arrive (§6.1.3)', () => {
  test('are acknowledged at once, with ECE, which stays until CWR comes', () => {
    agreed()
      .inject('. 1:101 ack 1', Ce)
      .expect('.E 1:1 ack 101')
      .inject('. 101:201 ack 1', Ect0)
      .within(40, '.E 1:1 ack 201')
      .write(10)
      .expect('P.E 1:11 ack 201')
      .inject('.W 201:301 ack 11', Ect0)
      .within(40, '. 11:11 ack 301')
      .value('marks', ({ counters }) => counters.marksIn, 1);
  });

  test('one on the segment with CWR begins anew', () => {
    agreed()
      .inject('. 1:101 ack 1', Ce)
      .expect('.E 1:1 ack 101')
      .inject('.W 101:201 ack 1', Ce)
      .expect('.E 1:1 ack 201')
      .inject('. 201:301 ack 1', Ect0)
      .within(40, '.E 1:1 ack 301');
  });

  test('one out of order is acknowledged once, as without', () => {
    agreed().inject('. 101:201 ack 1', Ce).expect('.E 1:1 ack 1');
  });

  test('outside of the window, or on a bare ACK, they say nothing (§6.1.5)', () => {
    agreed()
      .inject('. 1:1001 ack 1')
      .within(40, '. 1:1 ack 1001')
      .inject('. -499:501 ack 1', Ce) // left of the window
      .expect('. 1:1 ack 1001')
      .inject('. 1001:1001 ack 1', Ce)
      .inject('. 200000:200100 ack 1', Ce)
      .expect('. 1:1 ack 1001')
      .value('marks', ({ counters }) => counters.marksIn, 0);
  });

  test('a probe of our closed window may be marked (§6.1.6)', () => {
    agreed({ receiveBuffer: 1000 })
      .inject('P. 1:1001 ack 1', Ect0)
      .within(40, '. 1:1 ack 1001 win 0')
      .inject('. 1001:1002 ack 1', Ce)
      .expect('.E 1:1 ack 1001 win 0');
  });

  test('where nothing was agreed on they are nothing', () => {
    established().inject('. 1:101 ack 1', Ce).quiet().within(40, '. 1:1 ack 101');
  });
});

wrapping('marks on what we sent (§6.1.2)', () => {
  test('narrow the window once for a window of data; the first new text says CWR; the next window may again', () => {
    const script = tenInFlight()
      .inject('.E 1:1 ack 1001')
      .value('ssthresh', ssthresh, 5000) // slow start: half (RFC 8511 §4)
      .value('cwnd', cwnd, 5000)
      .quiet();
    for (let i = 2; i <= 4; i++) script.inject(`.E 1:1 ack ${i}001`).quiet();
    script
      .inject('.E 1:1 ack 5001')
      .quiet()
      .inject('.E 1:1 ack 6001')
      .expect(full(10, '.W'))
      .ecn(Ect0)
      .inject('. 1:1 ack 10001')
      .expect(...fulls(11, 15))
      .value('reductions', reductions, 1)
      .value('ssthresh', ssthresh, 5000)
      .value('marks', ({ counters }) => counters.marksOut, 6)
      .inject('.E 1:1 ack 11001') // sent after the first reduction
      .value('reductions', reductions, 2)
      .value('ssthresh', ssthresh, 4000) // congestion avoidance: 0.8 of the flight
      .value('cwnd', cwnd, 4000);
  });

  test('CUBIC gives up less as well', () => {
    tenInFlight({ congestion: 'cubic' })
      .inject('.E 1:1 ack 1001')
      .value('ssthresh', ssthresh, 7000)
      .inject('. 1:1 ack 10001')
      .expect(full(10, '.W'), ...fulls(11, 17))
      .inject('.E 1:1 ack 11001')
      .value('ssthresh', ssthresh, 5950);
  });

  test('the ACK that tells of one does not widen the window, the next does', () => {
    const script = tenInFlight().inject('.E 1:1 ack 1001').value('cwnd', cwnd, 5000);
    script.inject('.E 1:1 ack 10001').sent();
    script.value('cwnd', cwnd, 5000).inject('. 1:1 ack 15001').sent();
    script.value('cwnd', cwnd, 6000);
  });

  test('are nothing where ECN was not agreed on', () => {
    established()
      .write(30_000)
      .expect(...fulls(0, 10))
      .inject('.E 1:1 ack 1001')
      .expect(full(10), full(11))
      .value('cwnd', cwnd, 11_000);
  });

  test('and a loss in the same window narrow it once: the loss is repaired, no more', () => {
    tenInFlight()
      .inject('.E 1:1 ack 1001')
      .value('cwnd', cwnd, 5000)
      .burst('.E 1:1 ack 1001', '.E 1:1 ack 1001', '.E 1:1 ack 1001')
      .expect(full(1))
      .ecn(NotEct)
      .value('phase', ({ congestion }) => congestion.phase, 'fast recovery')
      .value('ssthresh', ssthresh, 5000)
      .inject('. 1:1 ack 10001')
      .value('phase', ({ congestion }) => congestion.phase, 'open')
      .value('cwnd', cwnd, 5000)
      .expect(full(10, '.W'), ...fulls(11, 15))
      .burst('. 1:1 ack 10001', '. 1:1 ack 10001', '. 1:1 ack 10001') // another window
      .value('ssthresh', ssthresh, 2500)
      .sent();
  });

  test('and one after a loss in the same window narrows it no further', () => {
    tenInFlight()
      .burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1')
      .expect(full(0))
      .value('ssthresh', ssthresh, 5000)
      .inject('.E 1:1 ack 10001')
      .value('cwnd', cwnd, 5000)
      .value('reductions', reductions, 0)
      .expect(full(10, '.W'), ...fulls(11, 15)) // for the loss (§6.1.2)
      .inject('.E 1:1 ack 10001') // an ACK of the same window, once more
      .value('reductions', reductions, 0)
      .expect(full(15)); // limited transmit (RFC 3042)
  });

  test('and a timeout in the same window: the window is one segment, the threshold stays', () => {
    tenInFlight()
      .inject('.E 1:1 ack 1001')
      .value('ssthresh', ssthresh, 5000)
      .within(1000, full(1))
      .value('ssthresh', ssthresh, 5000)
      .value('cwnd', cwnd, 1000);
  });

  test('are not taken back with a timeout that was in vain (RFC 3522)', () => {
    const script = agreed({ timestamps: true }).write(60_000);
    const ten = script.sent().length;
    expect(ten).toBe(10);
    script.after(50).inject('.E 1:1 ack 989').value('cwnd', cwnd, 4940).quiet();
    expect(script.after(1000).sent()).toEqual([expect.stringMatching(/^\. 989:1977/)]);
    script.inject('. 1:1 ack 1977 <TS val 6000 ecr 100>').value('spurious', ({ counters }) => counters.spurious, 1);
    script
      .value('ssthresh', ssthresh, 4940)
      .value('cwnd at most', (info) => cwnd(info) <= 5000, true)
      .sent();
  });

  test.each([
    ['reno', 5000, 4000],
    ['cubic', 7000, 5950],
  ] as const)('nor is an earlier reduction, by a timeout after a mark (%s)', (congestion, once, twice) => {
    const script = agreed({ congestion, timestamps: true, mss: 1012 }).write(60_000);
    script.sent();
    script.after(50).burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1').sent();
    script.after(50).inject('. 1:1 ack 10001').value('cwnd', cwnd, once).sent();
    script.after(50).inject('.E 1:1 ack 11001').value('reductions', reductions, 1).value('cwnd', cwnd, twice).sent();
    const late = script.clock - 10;
    script.after(1000).sent();
    script
      .inject(`. 1:1 ack 12001 <TS val 9000 ecr ${late}>`)
      .value('spurious', ({ counters }) => counters.spurious, 1);
    script
      .value('ssthresh', ssthresh, twice)
      .value('cwnd', (info) => cwnd(info) <= twice, true)
      .sent();
  });

  test('and a tail that the probe repaired, in the same window, narrow it once (RFC 8985 §7.4)', () => {
    const script = agreed({ sack: true }).write(10_000);
    script.sent();
    script.after(100).inject('.E 1:1 ack 1001').value('ssthresh', ssthresh, 5000);
    script.inject('. 1:1 ack 9001').within(500, full(9, 'P.'));
    script.after(50).inject('. 1:1 ack 10001').write(1000).expect(full(10, 'P.W'));
    script.after(50).inject('. 1:1 ack 11001').value('ssthresh', ssthresh, 5000);
  });

  test('at a window of one segment: nothing new before the timer has gone off', () => {
    agreed({ initialWindow: 1 })
      .write(3000)
      .expect(full(0))
      .inject('.E 1:1 ack 1001')
      .value('cwnd', cwnd, 1000)
      .quiet()
      .timer('retransmit', 1000)
      .timer('persist', null)
      .expectAt(1000, full(1, '.W'))
      .inject('. 1:1 ack 2001')
      .expect(full(2, 'P.'))
      .inject('. 1:1 ack 3001')
      .timer('retransmit', null);
  });

  test('they narrow a window of two segments down to one', () => {
    const script = agreed({ initialWindow: 2 }).write(9000).expect(full(0), full(1));
    script.inject('.E 1:1 ack 2001').value('cwnd', cwnd, 1000).expect(full(2, '.W')).quiet();
  });

  test('a timeout is told of by CWR, too, and never by a retransmission', () => {
    agreed()
      .write(2000)
      .expect(full(0), full(1, 'P.'))
      .expectAt(1000, full(0))
      .inject('. 1:1 ack 1001')
      .expect(full(1, 'P.'))
      .inject('. 1:1 ack 2001')
      .write(10)
      .expect('P.W 2001:2011 ack 1');
  });
});
