/** The search for the path's MTU by segments alone: RFC 4821, RFC 8899. */
import { describe, expect, test } from 'vitest';
import type { TcpInfo } from '../../src/tcp/info.ts';
import { closed, established, listening, type Options, type Script, wrapping } from './harness.ts';
import { Path } from './path.ts';

const mss = ({ snd }: TcpInfo): number => snd.mss;
const search = ({ path }: TcpInfo): string => `${path.search} ${path.low} to ${path.high}`;
const ssthresh = ({ congestion }: TcpInfo): number => congestion.ssthresh;
const recoveries = ({ counters }: TcpInfo): number => counters.fastRecoveries;
const timeouts = ({ counters }: TcpInfo): number => counters.timeouts;

/** Segments of an Ethernet, and a writer with plenty to say. */
const ethernet: Options = { mss: 1460, assumed: 536, sendBuffer: 1 << 24, win: 65_535 };

wrapping('a black hole (RFC 4821 §7.7)', () => {
  test('the second timeout in a row: the same data goes out at once in pieces of the base, and the connection goes on', () => {
    established(ethernet)
      .write(4380)
      .expect('. 1:1461 ack 1', '. 1461:2921 ack 1', 'P. 2921:4381 ack 1')
      .expectAt(1000, '. 1:1461 ack 1')
      .value('search', search, 'disabled 1460 to 1460')
      .expectAt(3000, '. 1:1025 ack 1')
      .value('MSS', mss, 1024)
      .value('search', search, 'base 1024 to 1460')
      .after(100)
      .inject('. 1:1 ack 1025')
      .value('search', search, 'searching 1024 to 1460')
      .expect('. 1025:1461 ack 1', '. 1461:2485 ack 1', '. 2485:2921 ack 1')
      .after(100)
      .inject('. 1:1 ack 2921')
      .expect('. 2921:3945 ack 1', 'P. 3945:4381 ack 1')
      .inject('. 1:1 ack 4381')
      .timer('retransmit', null);
  });

  test('of IPv6 the base is what its least MTU takes', () => {
    established({ ...ethernet, mss: 1440, assumed: 1220 })
      .write(1440)
      .expect('P. 1:1441 ack 1')
      .expectAt(1000, 'P. 1:1441 ack 1')
      .expectAt(3000, '. 1:1221 ack 1')
      .expectAt(7000, '. 1:1221 ack 1')
      .expectAt(15_000, '. 1:1221 ack 1')
      .value('MSS', mss, 1220);
  });

  test('of IPv4 it may have to be less: two timeouts more', () => {
    established(ethernet)
      .write(1460)
      .expect('P. 1:1461 ack 1')
      .expectAt(1000, 'P. 1:1461 ack 1')
      .expectAt(3000, '. 1:1025 ack 1')
      .expectAt(7000, '. 1:1025 ack 1')
      .expectAt(15_000, '. 1:537 ack 1')
      .value('search', search, 'base 536 to 1460')
      .expectAt(31_000, '. 1:537 ack 1')
      .inject('. 1:1 ack 537')
      .value('search', search, 'searching 536 to 1460')
      .expect('. 537:1025 ack 1', 'P. 1025:1461 ack 1');
  });

  test('below the base as well, at R1', () => {
    established({ ...ethernet, mss: 1024 })
      .write(1024)
      .expect('P. 1:1025 ack 1')
      .expectAt(1000, 'P. 1:1025 ack 1')
      .expectAt(3000, 'P. 1:1025 ack 1')
      .expectAt(7000, '. 1:537 ack 1')
      .value('search', search, 'base 536 to 1024');
  });

  test('timestamps are part of every size', () => {
    established({ ...ethernet, timestamps: true })
      .write(1448)
      .expect('P. 1:1449 ack 1')
      .expectAt(1000, 'P. 1:1449 ack 1')
      .expectAt(3000, '. 1:1013 ack 1')
      .value('MSS', mss, 1012);
  });

  test('a FIN that the large segment carried goes with the last piece', () => {
    established(ethernet)
      .write(100)
      .expect('P. 1:101 ack 1')
      .write(1400)
      .close()
      .expect('FP. 101:1501 ack 1')
      .inject('. 1:1 ack 101')
      .mark()
      .expectAt(1000, 'FP. 101:1501 ack 1')
      .expectAt(3000, '. 101:1125 ack 1')
      .inject('. 1:1 ack 1125')
      .expect('FP. 1125:1501 ack 1')
      .inject('. 1:1 ack 1502')
      .timer('retransmit', null);
  });

  test('a size that got through is suspected only at R1: what has changed may be the path', () => {
    established(ethernet)
      .write(1460)
      .expect('P. 1:1461 ack 1')
      .inject('. 1:1 ack 1461')
      .mark()
      .write(1460)
      .expect('P. 1461:2921 ack 1')
      .expectAt(1000, 'P. 1461:2921 ack 1')
      .expectAt(3000, 'P. 1461:2921 ack 1')
      .expectAt(7000, '. 1461:2485 ack 1')
      .value('search', search, 'base 1024 to 1460')
      .inject('. 1:1 ack 1961') // a part of it proves nothing
      .value('search', search, 'base 1024 to 1460')
      .sent();
  });

  test.each([
    ['segments that every path takes', { ...ethernet, mss: 536 }, 5000],
    ['of IPv6', { ...ethernet, mss: 1220, assumed: 1220 }, 5000],
    ['the setting is "off"', { ...ethernet, mtuProbing: 'off' as const }, 5000],
    ['segments that happen to be small', ethernet, 536],
  ])('%s: it is not their size', (_why, options, octets) => {
    const script = established(options).write(octets);
    const [first] = script.sent();
    for (const at of [1000, 3000, 7000, 15_000, 31_000]) script.expectAt(at, (first as string).replace(/ win .*/, ''));
    script.value('search', ({ path }) => path.search, 'disabled');
  });

  test('a probe of a closed window, and a SYN that nobody answers, have no size to suspect', () => {
    const script = established({ ...ethernet, win: 0 }).write(1460);
    for (const at of [1, 3, 7, 15]) script.expectAt(at * 1000, '. 1:2 ack 1');
    script.value('search', ({ path }) => path.search, 'disabled');
  });
});

describe.each([true, false])('the search upwards (RFC 4821 §7.3 to §7.6), SACK: %s', (sack) => {
  /** A path that takes so much, and plenty to send. The first two timeouts have shown that segments vanish. */
  function hole(takes: number, octets = 2_000_000): [Script, Path] {
    const script = established({ ...ethernet, sack }).write(octets);
    const path = new Path(script, takes, sack).carry(1);
    return [script.value('MSS', mss, 1024).value('timeouts', timeouts, 2), path];
  }

  test('half way up each time, until little is left to win; a lost probe is repaired, and no congestion', () => {
    const [script, path] = hole(1300);
    const before = ssthresh(script.info());
    path.carry(1_500_000);
    expect(path.passed).toEqual([1242, 1296]);
    expect(path.lost).toEqual([1351, 1323]);
    script
      .value('search', search, 'search complete 1296 to 1322')
      .value('MSS', mss, 1296)
      .value('timeouts', timeouts, 2)
      .value('fast recoveries', recoveries, 0)
      .value('ssthresh', ssthresh, before)
      .value('probes', ({ counters }) => counters.mtuProbes, 4)
      .value('phase', ({ congestion }) => congestion.phase, 'open');
  });

  test('where nothing is in the way any more, up to the last octet', () => {
    const [script, path] = hole(1024);
    path.takes = 65_535;
    path.carry(500_000);
    expect(path.passed).toEqual([1242, 1351, 1406, 1433, 1460]);
    script.value('search', search, 'search complete 1460 to 1460').value('MSS', mss, 1460);
  });

  test('after a lost probe as many round trips pass as there are segments in the window (§7.6.2)', () => {
    const [, path] = hole(1100);
    path.carry(1_500_000);
    expect(path.lost).toEqual([1242, 1133, 1105]);
    expect((path.lostAt[1] as number) - (path.lostAt[0] as number)).toBeGreaterThan(path.windows[0] as number);
  });

  test('ten minutes later it is tried again (§7.3)', () => {
    const [script, path] = hole(1300, 1_000_000);
    path.carry(1_000_000);
    script.value('search', search, 'search complete 1296 to 1322');
    const { mtuProbes } = script.info().counters;
    path.takes = 65_535;
    script.after(590_000).write(100_000);
    path.carry(1_100_000);
    script.value('probes', ({ counters }) => counters.mtuProbes, mtuProbes);
    script.after(20_000).write(400_000);
    path.carry(1_500_000);
    script.value('MSS', mss, 1460).value('search', search, 'search complete 1460 to 1460');
  });

  test('another segment is lost as well: that is congestion, and the same size is tried again (§7.6.4)', () => {
    const [script, path] = hole(1100);
    let armed = true;
    path.loses = () => {
      const lost = armed && path.lost.length === 1; // the one behind the first probe
      if (lost) armed = false;
      return lost;
    };
    path.carry(500_000);
    expect(path.lost.slice(0, 2)).toEqual([1242, 1242]);
    script.value('fast recoveries', recoveries, 1);
  });

  test('a timeout takes the probe for lost when nothing before it is (§7.6.3)', () => {
    const [script, path] = hole(1100);
    path.loses = () => path.lost.length === 1 && script.info().counters.timeouts < 3; // everything behind it
    path.carry(1_900_000);
    script.value('timeouts', timeouts, 3);
    expect(path.lost.slice(0, 2)).toEqual([1242, 1133]);
    // It was dear: five times as many round trips pass.
    expect((path.lostAt[1] as number) - (path.lostAt[0] as number)).toBeGreaterThan(5 * (path.windows[0] as number));
  });

  test('text that is short of a probe and three segments behind it goes out as ever (§7.4)', () => {
    const [script, path] = hole(1024, 20_000);
    path.carry(20_000);
    path.takes = 65_535;
    script.write(1242 + 3 * 1024 - 1);
    expect(script.sent().map((line) => Number(/\((\d+)\)/.exec(line)?.[1]))).toEqual([1024, 1024, 1024, 1024]);
  });
});

/** Every connection begins with the base. */
const careful: Options = { ...ethernet, mtuProbing: 'on' };

/** The base's own ten segments are in flight, and plenty waits behind them. */
function tenInFlight(options: Options = {}): Script {
  return established({ ...careful, ...options })
    .write(100_000)
    .expect(...Array.from({ length: 10 }, (_, i) => `. ${i * 1024 + 1}:${i * 1024 + 1025} ack 1`))
    .after(100);
}

/** The lines of segments of `size` octets, once they are cut into pieces of `most`. */
function cut(from: number, end: number, size: number, most: number): string[] {
  const lines: string[] = [];
  for (let row = from; row < end; row += size) {
    for (let at = row; at < row + size; at += most) {
      lines.push(`. ${at}:${Math.min(at + most, row + size)} ack 1`);
    }
  }
  return lines;
}

wrapping('the setting "on"', () => {
  test('the search begins at the base at once, and what we announce is what we take', () => {
    closed(careful)
      .connect()
      .expect('S 0:0 <mss 1460>')
      .inject('S. 0:0 ack 1 <mss 1460>')
      .expect('. 1:1 ack 1')
      .value('MSS', mss, 1024)
      .value('search', search, 'base 1024 to 1460');
  });

  test.each([true, false])('of a connection that was a row: %s', (rows) => {
    listening({ ...careful, rows, assumed: 1220 })
      .inject('S 0:0 <mss 1440>')
      .expect('S. 0:0 ack 1')
      .inject('. 1:1 ack 1')
      .value('search', search, 'base 1220 to 1440');
  });

  test('a peer that takes no more than the base leaves nothing to search for', () => {
    const script = established({ ...careful, peer: '<mss 900>' }).value('search', search, 'base 900 to 900');
    script.write(20_000).sent();
    script.inject('. 1:1 ack 901').value('search', search, 'search complete 900 to 900').sent();
  });

  test('once the base is confirmed a probe goes out, as one segment, and the next when it is acknowledged', () => {
    tenInFlight()
      .inject('. 1:1 ack 1025')
      .expect('. 10241:11483 ack 1')
      .value('probe', ({ path }) => path.probe, 1242)
      .inject('. 1:1 ack 2049')
      .expect('. 11483:12507 ack 1', '. 12507:13531 ack 1')
      .inject('. 1:1 ack 11483')
      .value('MSS', mss, 1242)
      .value('probe', ({ path }) => path.probe, 1351)
      .sent();
  });

  test('with SACK, as soon as the peer holds it', () => {
    tenInFlight({ sack: true })
      .inject('. 1:1 ack 1025')
      .expect('. 10241:11483 ack 1')
      .inject('. 1:1 ack 1025 <sack 10241:11483>') // what comes before it is lost, which is another matter
      .expect('. 1025:2049 ack 1', '. 2049:3073 ack 1')
      .value('MSS', mss, 1242);
  });

  test('a probe of several segments waits for room in the congestion window, and the text behind it with it (§7.4)', () => {
    tenInFlight({ mss: 9000 })
      .inject('. 1:1 ack 1025')
      .inject('. 1:1 ack 2049')
      .quiet()
      .inject('. 1:1 ack 3073')
      .expect('. 10241:15253 ack 1', '. 15253:16277 ack 1');
  });

  test('but not beyond what the window of the peer takes with three segments more', () => {
    tenInFlight({ win: 9 * 1024 + 1242 + 3 * 1024 - 1 })
      .inject('. 1:1 ack 1025')
      .expect('. 10241:11265 ack 1', '. 11265:12289 ack 1');
  });

  test('ICMP about a probe: it goes out again in pieces, the size of now stays, and the search ends below the claim', () => {
    tenInFlight()
      .inject('. 1:1 ack 1025')
      .expect('. 10241:11483 ack 1')
      .tooBig(10_241, 1100)
      .expect('. 10241:11265 ack 1', '. 11265:11483 ack 1')
      .value('MSS', mss, 1024)
      .value('search', search, 'searching 1024 to 1100')
      .value('probe', ({ path }) => path.probe, 0)
      .value('ssthresh', ssthresh, Number.POSITIVE_INFINITY)
      .inject('. 1:1 ack 11483')
      .value('fast recoveries', recoveries, 0)
      .value('probe', ({ path }) => path.probe, 1062)
      .sent();
  });

  test('ICMP about another segment: what is smaller now cannot be raised by a probe that was larger', () => {
    tenInFlight({ sack: true })
      .inject('. 1:1 ack 1025')
      .expect('. 10241:11483 ack 1')
      .tooBig(1025, 600)
      .within(0, ...cut(1025, 10_241, 1024, 600), ...cut(10_241, 11_483, 1242, 600))
      .value('search', search, 'searching 600 to 600')
      .inject('. 1:1 ack 1025 <sack 10241:11483>')
      .value('MSS', mss, 600)
      .sent();
  });

  test('a route that takes less than the probe: that it got through before tells nothing', () => {
    tenInFlight()
      .inject('. 1:1 ack 1025')
      .expect('. 10241:11483 ack 1')
      .pathChanges(1100)
      .inject('. 1:1 ack 11483')
      .value('MSS', mss, 1024)
      .value('search', search, 'searching 1024 to 1100')
      .sent();
  });

  test('a probe whose tail was sent again proves nothing (RFC 8985 §7.3)', () => {
    tenInFlight({ sack: true })
      .inject('. 1:1 ack 1025')
      .expect('. 10241:11483 ack 1')
      .inject(`. 1:1 ack 1025 win ${11_483 - 1025}`) // nothing new can be sent
      .within(400, '. 11265:11483 ack 1')
      .inject('. 1:1 ack 11483 win 65535')
      .value('MSS', mss, 1024)
      .value('search', search, 'searching 1024 to 1460')
      .sent();
  });

  test('a route that takes more is searched up to there', () => {
    const script = tenInFlight({ mss: 4000, pathMss: 1024, peer: '<mss 4000>' }).inject('. 1:1 ack 1025');
    script.value('search', search, 'search complete 1024 to 1024').sent();
    script.pathChanges(1400).value('MSS', mss, 1024).value('search', search, 'searching 1024 to 1400').sent();
    script.inject('. 1:1 ack 2049').expect('. 12289:13501 ack 1');
    tenInFlight({ mss: 4000, pathMss: 1460, peer: '<mss 4000>' })
      .pathChanges(2000)
      .value('search', search, 'base 1024 to 2000')
      .value('MSS', mss, 1024);
  });

  test('a probe that carries no mark of its own is new text for ECN', () => {
    closed({ ...careful, ecn: 'request' })
      .connect()
      .expect('SEW 0:0')
      .inject('S.E 0:0 ack 1 <mss 1460>')
      .expect('. 1:1 ack 1')
      .write(100_000)
      .expect(...Array.from({ length: 10 }, (_, i) => `. ${i * 1024 + 1}:${i * 1024 + 1025} ack 1`))
      .inject('. 1:1 ack 1025')
      .expect('. 10241:11483 ack 1')
      .ecn(2);
  });
});
