/** The path's MTU changes in mid-connection: RFC 1191 §6.4, RFC 8201 §5.4, RFC 5927 §7. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { add, seq } from '../../src/base/seq.ts';
import { SECOND } from '../../src/base/time.ts';
import type { TcpInfo } from '../../src/tcp/info.ts';
import { Sent } from '../../src/tcp/send/sent.ts';
import { State } from '../../src/tcp/state.ts';
import { Stop } from '../../src/tcp/stop.ts';
import { accepted, closed, established, listening, type Options, type Script, wrapping } from './harness.ts';
import { Path } from './path.ts';

const mss = ({ snd }: TcpInfo): number => snd.mss;
const cwnd = ({ congestion }: TcpInfo): number => congestion.cwnd;
const ssthresh = ({ congestion }: TcpInfo): number => congestion.ssthresh;

/** Lines of segments of `size` octets each that carry [from, end). */
function pieces(from: number, end: number, size: number, push = false): string[] {
  const lines: string[] = [];
  for (let at = from; at < end; at += size) {
    const to = Math.min(at + size, end);
    lines.push(`${push && to === end ? 'P.' : '.'} ${at}:${to} ack 1`);
  }
  return lines;
}

/** Four segments are in flight, and nothing waits behind them. */
function fourInFlight(options: Options = {}): Script {
  return established(options)
    .write(4000)
    .expect(...pieces(1, 4001, 1000, true))
    .after(50);
}

wrapping('a packet was too big', () => {
  test('it and what followed it go out again at once, in pieces that fit, and no congestion is to blame', () => {
    fourInFlight()
      .tooBig(1, 600)
      .expect(
        '. 1:601 ack 1',
        '. 601:1001 ack 1',
        '. 1001:1601 ack 1',
        '. 1601:2001 ack 1',
        '. 2001:2601 ack 1',
        '. 2601:3001 ack 1',
        '. 3001:3601 ack 1',
        'P. 3601:4001 ack 1',
      )
      .value('MSS', mss, 600)
      .value('cwnd', cwnd, 10_000)
      .value('ssthresh', ssthresh, Number.POSITIVE_INFINITY)
      .value('RTO', ({ rto }) => rto, SECOND)
      .value('timeouts', ({ counters }) => counters.timeouts, 0)
      .timer('retransmit', 1000) // begun anew
      .after(50)
      .inject('. 1:1 ack 601')
      .quiet() // the next piece is on its way: it is no hole that a partial ACK tells of
      .inject('. 1:1 ack 4001')
      .value('phase', ({ congestion }) => congestion.phase, 'open')
      .value('cwnd', cwnd, 10_000)
      .write(1200)
      .expect(...pieces(4001, 5201, 600, true));
  });

  test('the messages about the others of the burst bring nothing out again (RFC 1191 §6.4)', () => {
    const script = fourInFlight().tooBig(1, 600);
    expect(script.sent()).toHaveLength(8);
    for (const at of [1001, 2001, 3001]) script.tooBig(at, 600).quiet();
  });

  test('a second router wants them smaller still', () => {
    const script = fourInFlight().tooBig(1, 800);
    expect(script.sent()).toHaveLength(8);
    script.tooBig(1, 500).value('MSS', mss, 500);
    const lines = script.sent();
    expect(lines).toHaveLength(12 - 4); // each of the four of 800 in two; those of 200 stay on their way
    expect(lines[0]).toMatch(/^\. 1:501/);
    expect(lines[1]).toMatch(/^\. 501:801/);
    script.inject('. 1:1 ack 4001').timer('retransmit', null);
  });

  test('what was sent before it may have got through, and waits for its ACK', () => {
    established()
      .write(1000)
      .expect('P. 1:1001 ack 1')
      .after(10)
      .write(2000)
      .expect('. 1001:2001 ack 1', 'P. 2001:3001 ack 1')
      .after(10)
      .tooBig(1001, 600)
      .expect('. 1001:1601 ack 1', '. 1601:2001 ack 1', '. 2001:2601 ack 1', 'P. 2601:3001 ack 1')
      .inject('. 1:1 ack 3001')
      .quiet();
  });

  test('segments that fit stay in flight', () => {
    established({ noDelay: true })
      .write(1000)
      .expect('P. 1:1001 ack 1')
      .write(300)
      .expect('P. 1001:1301 ack 1')
      .tooBig(1, 600)
      .expect('. 1:601 ack 1', '. 601:1001 ack 1');
  });

  test('a FIN goes with the last piece, and is no text', () => {
    established()
      .write(1000)
      .expect('P. 1:1001 ack 1')
      .close()
      .expect('F. 1001:1001 ack 1')
      .tooBig(1, 500)
      .expect('. 1:501 ack 1', 'P. 501:1001 ack 1');
    established()
      .write(10)
      .expect('P. 1:11 ack 1')
      .write(999)
      .quiet()
      .close()
      .expect('FP. 11:1010 ack 1')
      .tooBig(11, 999, Stop.Dropped) // with its FIN it has 1000 numbers, and 999 octets
      .quiet()
      .tooBig(11, 600)
      .expect('. 11:611 ack 1', 'FP. 611:1010 ack 1')
      .inject('. 1:1 ack 1011')
      .state(State.FinWait2);
  });

  test('timestamps take their part of it (RFC 6691)', () => {
    established({ timestamps: true })
      .write(988)
      .expect('P. 1:989 ack 1')
      .tooBig(1, 612)
      .expect('. 1:601 ack 1', 'P. 601:989 ack 1')
      .value('MSS', mss, 600);
  });

  test('in fast recovery they go out as well, beside what recovery sends', () => {
    established()
      .write(10_000)
      .expect(...pieces(1, 10_001, 1000, true))
      .after(50)
      .burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1')
      .expect('. 1:1001 ack 1')
      .value('ssthresh', ssthresh, 5000)
      .after(10)
      .tooBig(1, 600)
      .expect('. 1:601 ack 1', '. 601:1001 ack 1')
      .value('ssthresh', ssthresh, 5000)
      .inject('. 1:1 ack 10001')
      .value('cwnd', cwnd, 5000);
  });

  test('and what recovery sends is not reckoned less for it (RFC 6937 §3)', () => {
    const octets = (narrower: boolean): number => {
      const script = established().write(30_000);
      script.sent();
      script.after(50).burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1').expect('. 1:1001 ack 1').after(10);
      // The new size leaves the retransmission alone: it is the one that was dropped, and goes again in two pieces.
      if (narrower) script.tooBig(1, 999).expect('. 1:1000 ack 1', '. 1000:1001 ack 1');
      let sum = 0;
      for (let n = 0; n < 6; n++) {
        for (const line of script.inject('. 1:1 ack 1').sent()) sum += Number(/\((\d+)\)/.exec(line)?.[1]);
      }
      return sum;
    };
    expect(octets(false)).toBe(4000);
    expect(octets(true)).toBe(3 * 999); // duplicates count for segments of the new size
  });

  test('after a timeout a piece goes at once, whatever else is in the network', () => {
    established({ sack: true })
      .write(1000)
      .expect('P. 1:1001 ack 1')
      .expectAt(400, 'P. 1:1001 ack 1') // the tail probe
      .after(950)
      .write(3000)
      .expect(...pieces(1001, 4001, 1000, true))
      .expectAt(1400, '. 1:1001 ack 1')
      .value('in the network', ({ congestion }) => congestion.pipe, 4000)
      .value('cwnd', cwnd, 1000)
      .after(10)
      .tooBig(1, 600)
      .expect('. 1:601 ack 1');
  });

  test('after a timeout the window of one segment goes out, and slow start lets the others follow', () => {
    fourInFlight()
      .expectAt(1000, '. 1:1001 ack 1')
      .after(10)
      .tooBig(1, 600)
      .expect('. 1:601 ack 1', '. 601:1001 ack 1') // the window is 1000
      .value('RTO', ({ rto }) => rto, 2 * SECOND) // as it was
      .timer('retransmit', 2000)
      .inject('. 1:1 ack 601')
      .expect('. 1001:1601 ack 1', '. 1601:2001 ack 1');
  });

  test('three duplicate ACKs for what followed it do not make a congestion of it', () => {
    established({ noDelay: true })
      .write(1000)
      .expect('P. 1:1001 ack 1')
      .write(300)
      .expect('P. 1001:1301 ack 1')
      .write(300)
      .expect('P. 1301:1601 ack 1')
      .write(300)
      .expect('P. 1601:1901 ack 1')
      .tooBig(1, 600)
      .expect('. 1:601 ack 1', '. 601:1001 ack 1')
      .burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1')
      .quiet()
      .value('cwnd', cwnd, 10_000)
      .inject('. 1:1 ack 601')
      .quiet()
      .inject('. 1:1 ack 1901')
      .value('fast recoveries', ({ counters }) => counters.fastRecoveries, 0);
  });

  test('with SACK: pieces of what the peer holds stay where they are, a piece that is lost is repaired', () => {
    established({ sack: true })
      .write(4000)
      .expect(...pieces(1, 4001, 1000, true))
      .after(50)
      .tooBig(1, 600)
      .expect(
        ...pieces(1, 1001, 600),
        ...pieces(1001, 2001, 600),
        ...pieces(2001, 3001, 600),
        ...pieces(3001, 4001, 600, true),
      )
      .after(100)
      .value('ssthresh', ssthresh, Number.POSITIVE_INFINITY)
      .inject('. 1:1 ack 601 <sack 1001:1601>') // now something is lost that did fit
      .expect('. 601:1001 ack 1')
      .value('ssthresh', ssthresh, 2000)
      .value('fast recoveries', ({ counters }) => counters.fastRecoveries, 1)
      .inject('. 1:1 ack 601 <sack 1001:4001>')
      .inject('. 1:1 ack 4001')
      .value('phase', ({ congestion }) => congestion.phase, 'open');
  });

  /** The window was halved once, and has grown by a segment since: it is larger than the threshold. */
  const avoiding = (options: Options = {}): Script => {
    const script = established(options).write(100_000);
    script.sent();
    script.after(50).burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1').sent();
    script.after(50).inject('. 1:1 ack 10001').sent();
    return script.after(50).inject('. 1:1 ack 15001').value('cwnd', cwnd, 6000).value('ssthresh', ssthresh, 5000);
  };

  test('in congestion avoidance, too, the window stays as it is', () => {
    const script = avoiding();
    expect(script.sent()).toHaveLength(6);
    script.after(50).tooBig(15_001, 600);
    expect(script.sent()).toHaveLength(12);
    script.value('cwnd', cwnd, 6000).inject('. 1:1 ack 15601').expect('. 21001:21601 ack 1');
    script.inject('. 1:1 ack 16001').quiet().inject('. 1:1 ack 16601').expect('. 21601:22201 ack 1');
    script.inject('. 1:1 ack 21001').value('phase', ({ congestion }) => congestion.phase, 'open');
    script.value('cwnd', cwnd, 6000).value('ssthresh', ssthresh, 5000).sent();
  });

  test('an echo that says it was in vain takes nothing back that was for another loss (RFC 4015)', () => {
    const script = established({ timestamps: true, mss: 1012 }).write(100_000);
    script.sent();
    script.after(50).burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1').sent();
    script.after(50).inject('. 1:1 ack 10001').value('cwnd', cwnd, 5000).sent();
    script.after(50).tooBig(10_001, 612).sent();
    script.after(50).inject('. 1:1 ack 10601 <TS val 6000 ecr 200>');
    script
      .value('spurious', ({ counters }) => counters.spurious, 1)
      .value('cwnd', cwnd, 5000)
      .sent();
  });

  test('the window after a pause holds a segment as well (RFC 5681 §4.1)', () => {
    for (const congestion of ['reno', 'cubic'] as const) {
      established({ congestion, mss: 4000, pathMss: 500, peer: '<mss 4000>', initialWindow: 1 })
        .write(500)
        .expect('P. 1:501 ack 1')
        .inject('. 1:1 ack 501')
        .pathChanges(4000)
        .after(5000)
        .write(4000)
        .expect('P. 501:4501 ack 1');
    }
  });

  test('the window of the congestion controller holds a segment at least, whichever it is', () => {
    for (const congestion of ['reno', 'cubic'] as const) {
      established({ congestion, mss: 4000, pathMss: 500, peer: '<mss 4000>', initialWindow: 1 })
        .write(20_000)
        .expect('. 1:501 ack 1')
        .value('cwnd', cwnd, 500)
        .pathChanges(4000)
        .value('cwnd', cwnd, 4000)
        .inject('. 1:1 ack 501')
        .expect('. 501:4501 ack 1');
    }
  });
});

wrapping('a claim that is not to be believed (RFC 5927 §4.1, §7)', () => {
  test.each([
    ['left of what is in flight', 0],
    ['acknowledged', 501],
    ['never sent', 4001],
    ['in flight, and no segment begins there', 1500],
  ])('%s', (_what, from) => {
    established()
      .write(4000)
      .expect(...pieces(1, 4001, 1000, true))
      .inject('. 1:1 ack 1001')
      .tooBig(from, 600, Stop.Dropped)
      .quiet()
      .value('MSS', mss, 1000);
  });

  test('a segment that was no larger than the claim', () => {
    established().write(500).expect('P. 1:501 ack 1').tooBig(1, 500, Stop.Dropped).value('MSS', mss, 1000);
  });

  test('a segment that the peer has SACKed', () => {
    established({ sack: true })
      .write(2000)
      .expect(...pieces(1, 2001, 1000, true))
      .inject('. 1:1 ack 1 <sack 1001:2001>')
      .tooBig(1001, 600, Stop.Dropped)
      .value('MSS', mss, 1000);
  });

  test('a claim of no less than is known changes nothing', () => {
    fourInFlight().tooBig(1, 1000).tooBig(1, 5000).quiet().value('MSS', mss, 1000);
  });

  test('a claim that leaves nearly nothing is taken for 48', () => {
    established()
      .write(100)
      .expect('P. 1:101 ack 1')
      .tooBig(1, 3)
      .expect(...pieces(1, 101, 48, true));
  });
});

wrapping('before the connection is synchronized', () => {
  test('it just changes what will be used, and not what we announce (RFC 1191 §6.4) [SHLD-6]', () => {
    closed()
      .connect()
      .expect('S 0:0 <mss 1000>')
      .tooBig(0, 600)
      .quiet()
      .expectAt(1000, 'S 0:0 <mss 1000>')
      .inject('S. 0:0 ack 1 <mss 1000>')
      .expect('. 1:1 ack 1')
      .write(1200)
      .expect(...pieces(1, 1201, 600, true));
  });

  test('a SYN that is not ours', () => {
    closed().connect().expect('S 0:0').tooBig(5, 600, Stop.Dropped).pathChanges(700).quiet();
  });

  test.each([false, true])('half-open, as a row: %s', (rows) => {
    listening({ rows })
      .inject('S 0:0 <mss 1000>')
      .expect('S. 0:0 ack 1 <mss 1000>')
      .tooBig(0, 600)
      .quiet()
      .inject('. 1:1 ack 1')
      .write(1200)
      .expect(...pieces(1, 1201, 600, true));
  });
});

wrapping('the route changes', () => {
  test('to one that takes less: new segments fit, those in flight are cut only when they go out again', () => {
    established()
      .write(2000)
      .expect(...pieces(1, 2001, 1000, true))
      .after(500)
      .pathChanges(600)
      .quiet()
      .value('MSS', mss, 600)
      .write(600)
      .expect('P. 2001:2601 ack 1')
      .inject('. 1:1 ack 1001') // the first of them got through as it was
      .timer('retransmit', 1000)
      .expectAt(1500, '. 1001:1601 ack 1')
      .inject('. 1:1 ack 1601')
      .expect('. 1601:2001 ack 1', 'P. 2001:2601 ack 1')
      .inject('. 1:1 ack 2601')
      .timer('retransmit', null);
  });

  test('fast retransmit sends pieces that fit', () => {
    established()
      .write(6000)
      .expect(...pieces(1, 6001, 1000, true))
      .after(50)
      .pathChanges(600)
      .burst('. 1:1 ack 1', '. 1:1 ack 1', '. 1:1 ack 1')
      .expect('. 1:601 ack 1')
      .burst('. 1:1 ack 1', '. 1:1 ack 1')
      .expect('. 601:1001 ack 1')
      .inject('. 1:1 ack 601')
      .quiet()
      .inject('. 1:1 ack 6001')
      .value('phase', ({ congestion }) => congestion.phase, 'open');
  });

  test('a tail probe sends the last piece', () => {
    established({ sack: true })
      .write(1000)
      .expect('P. 1:1001 ack 1')
      .pathChanges(600)
      .within(500, 'P. 601:1001 ack 1')
      .inject('. 1:1 ack 1001')
      .timer('retransmit', null);
  });

  test('to one that takes more: the next segments are larger, up to what the peer takes', () => {
    established({ mss: 3000, pathMss: 1000, peer: '<mss 2500>' })
      .write(2000)
      .expect(...pieces(1, 2001, 1000, true))
      .pathChanges(9000)
      .value('MSS', mss, 2500)
      .write(6000)
      .expect('. 2001:4501 ack 1', '. 4501:7001 ack 1')
      .inject('. 1:1 ack 7001')
      .expect('P. 7001:8001 ack 1');
  });

  test('segments that a link cuts out of one are of the size of now, in the table as well', () => {
    established({ together: 4 })
      .write(4000)
      .expect('P. 1:4001 ack 1')
      .tooBig(2001, 600) // the third of them
      .within(
        0,
        ...pieces(1, 1001, 600),
        ...pieces(1001, 2001, 600),
        ...pieces(2001, 3001, 600),
        ...pieces(3001, 4001, 600, true),
      )
      .inject('. 1:1 ack 4001')
      .write(2400)
      .expect('P. 4001:6401 ack 1')
      .tooBig(4601, 500)
      .value('pieces', ({ counters }) => counters.retransmits, 16)
      .sent();
  });

  test('never beyond the setting', () => {
    established({ mss: 1000, peer: '<mss 9000>' }).pathChanges(9000).value('MSS', mss, 1000);
  });

  test('Nagle and silly windows reckon with the size of now (RFC 9293 §3.7.4, §3.8.6.2.1)', () => {
    established()
      .write(100)
      .expect('P. 1:101 ack 1')
      .write(700)
      .quiet()
      .pathChanges(600)
      .expect('. 101:701 ack 1') // it is a full one now
      .inject('. 1:1 ack 701')
      .expect('P. 701:801 ack 1');
    established({ win: 4000 })
      .write(4000)
      .expect(...pieces(1, 4001, 1000, true))
      .inject('. 1:1 ack 4001 win 700')
      .write(1500)
      .quiet() // 700 are silly beside 1000
      .pathChanges(600)
      .expect('. 4001:4601 ack 1');
  });

  test('the first window is of the size of now', () => {
    accepted()
      .pathChanges(500)
      .write(30_000)
      .expect(...pieces(1, 5001, 500));
  });
});

const change: fc.Arbitrary<{ takes: number; tells: boolean; route: number; lose: number }> = fc.record({
  takes: fc.constantFrom(540, 600, 777, 1000, 1024, 1200, 1460),
  tells: fc.boolean(),
  route: fc.constantFrom(0, 0, 600, 1200, 1460),
  lose: fc.constantFrom(0, 0, 5, 20),
});

test('whatever the path takes, and whether it says so or not: all arrives', () => {
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      fc.constantFrom('black-hole' as const, 'on' as const),
      fc.constantFrom('reno' as const, 'cubic' as const),
      (changes, sack, mtuProbing, congestion) => {
        const script = established({ mss: 1460, assumed: 536, sack, mtuProbing, congestion, sendBuffer: 1 << 20 });
        const path = new Path(script, 1460, sack);
        let at = 0;
        for (const { takes, tells, route, lose } of changes) {
          path.takes = takes;
          path.tells = tells;
          let n = 0;
          path.loses = () => lose > 0 && ++n % lose === 0 && n < 50;
          if (route > 0) path.route(route);
          script.write(30_000);
          at += 30_000;
          path.carry(at - 20_000); // the path changes while much is in flight
        }
        path.carry(at);
        expect(script.info().snd).toMatchObject({ flight: 0, unsent: 0 });
        expect(script.delete().memory().used).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});

describe('cutting rows of the table', () => {
  /** Every row as text: its span from `base`, its flags, and which list it is on. */
  function rows(sent: Sent, base: number): string[] {
    const lists = new Map<number, string>();
    let n = 0;
    for (let slot = sent.oldestFlying(); slot >= 0; slot = sent.flyingAfter(slot)) lists.set(slot, `flying ${n++}`);
    n = 0;
    for (let slot = sent.firstLost(); slot >= 0; slot = sent.flyingAfter(slot)) lists.set(slot, `lost ${n++}`);
    return Array.from({ length: sent.count }, (_, i) => {
      const slot = sent.at(i);
      const from = (sent.seqOf(slot) - base) | 0;
      return `${from}:${from + sent.octetsOf(slot)} at ${sent.timeOf(slot)} ${lists.get(slot) ?? 'held'}`;
    });
  }

  test.each([-500, 0x7fff_ffff - 499])('pieces keep time, order and list; sums stay (%i)', (base) => {
    const sent = new Sent();
    const from = seq(base);
    for (let i = 0; i < 14; i++) sent.push(add(from, i * 100), add(from, i * 100 + 100), 0, i);
    for (let i = 0; i < 9; i++) sent.shift(); // the ring begins in the middle
    for (let i = 14; i < 18; i++) sent.push(add(from, i * 100), add(from, i * 100 + 100), 0, i);
    sent.lose(sent.at(3));
    sent.lose(sent.at(1));
    sent.sack(sent.at(2));
    sent.lose(sent.at(0));
    sent.again(sent.at(0), 50); // the oldest is sent last
    sent.split(100);
    expect(rows(sent, base)).toEqual([
      '900:1000 at 50 flying 5',
      '1000:1100 at 10 lost 1',
      '1100:1200 at 11 held',
      '1200:1300 at 12 lost 0',
      ...[13, 14, 15, 16, 17].map((i, k) => `${i * 100}:${i * 100 + 100} at ${i} flying ${k}`),
    ]);
    sent.split(40);
    expect(rows(sent, base)).toEqual([
      '900:940 at 50 flying 15',
      '940:980 at 50 flying 16',
      '980:1000 at 50 flying 17',
      '1000:1040 at 10 lost 3',
      '1040:1080 at 10 lost 4',
      '1080:1100 at 10 lost 5',
      '1100:1140 at 11 held',
      '1140:1180 at 11 held',
      '1180:1200 at 11 held',
      '1200:1240 at 12 lost 0',
      '1240:1280 at 12 lost 1',
      '1280:1300 at 12 lost 2',
      ...[13, 14, 15, 16, 17].flatMap((i, k) => [
        `${i * 100}:${i * 100 + 40} at ${i} flying ${3 * k}`,
        `${i * 100 + 40}:${i * 100 + 80} at ${i} flying ${3 * k + 1}`,
        `${i * 100 + 80}:${i * 100 + 100} at ${i} flying ${3 * k + 2}`,
      ]),
    ]);
    expect(sent).toMatchObject({ flyingOctets: 600, lostOctets: 200, sackedOctets: 100, sackedRows: 3 });
    for (let i = 0; i < 3; i++) sent.shift();
    expect(sent).toMatchObject({ count: 24, flyingOctets: 500, lostOctets: 200 });
  });
});
