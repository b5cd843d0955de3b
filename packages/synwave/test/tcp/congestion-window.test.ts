/** The congestion window as the engine uses it: RFC 6928, RFC 5681 §3.1 and §4.1. What a controller reckons is its own test. */
import { expect, test } from 'vitest';
import { established, type Script, wrapping } from './harness.ts';

/** Writes plenty, and answers how many octets go out at once. */
function firstFlight(script: Script): number {
  return script
    .write(60_000)
    .sent()
    .reduce((sum, line) => sum + Number(/\((\d+)\)/.exec(line)?.[1] ?? 0), 0);
}

wrapping('the initial window (RFC 6928 §2)', () => {
  test.each([
    [536, 5360],
    [1000, 10_000],
    [1460, 14_600],
    [2000, 14_000], // 14600 octets, in whole segments
    [8000, 16_000], // two segments at least
  ])('segments of %i octets: %i octets', (mss, octets) => {
    expect(firstFlight(established({ mss }))).toBe(octets);
  });

  test('it is a setting', () => {
    expect(firstFlight(established({ initialWindow: 4 }))).toBe(4000);
  });

  test('the window of the peer bounds it', () => {
    expect(firstFlight(established({ win: 2500 }))).toBe(2000);
  });
});

wrapping('slow start (RFC 5681 §3.1)', () => {
  test('an ACK of a segment lets two out', () => {
    established()
      .write(60_000)
      .value('cwnd', ({ congestion }) => congestion.cwnd, 10_000)
      .expect(...Array.from({ length: 10 }, (_, i) => `. ${i * 1000 + 1}:${i * 1000 + 1001} ack 1`))
      .after(100)
      .inject('. 1:1 ack 1001')
      .expect('. 10001:11001 ack 1', '. 11001:12001 ack 1')
      .inject('. 1:1 ack 2001')
      .expect('. 12001:13001 ack 1', '. 13001:14001 ack 1')
      .value('cwnd', ({ congestion }) => congestion.cwnd, 12_000);
  });

  test('a writer that does not fill the window does not widen it (RFC 7661)', () => {
    const script = established();
    for (let at = 1; at < 5000; at += 1000) {
      script
        .write(1000)
        .expect(`P. ${at}:${at + 1000} ack 1`)
        .after(100)
        .inject(`. 1:1 ack ${at + 1000}`);
    }
    script.value('cwnd', ({ congestion }) => congestion.cwnd, 10_000);
  });
});

wrapping('after a pause (RFC 5681 §4.1)', () => {
  /** The window has grown to 20 segments, and everything is acknowledged. */
  const grown = (): Script => {
    const script = established({ sendBuffer: 1 << 20 }).write(30_000);
    script.sent();
    script.after(100);
    for (let at = 1001; at <= 30_001; at += 1000) script.inject(`. 1:1 ack ${at}`).sent();
    expect(script.info().congestion.cwnd).toBeGreaterThanOrEqual(20_000);
    return script;
  };

  test('longer than the RTO: no more than the initial window goes out at once', () => {
    expect(firstFlight(grown().after(1100))).toBe(10_000);
  });

  test('shorter: the window holds', () => {
    expect(firstFlight(grown().after(500))).toBeGreaterThanOrEqual(20_000);
  });
});
