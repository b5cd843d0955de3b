/** Segment text in any order, overlapping and repeated: each octet is delivered once (RFC 9293 §3.10.7.4, seventh). */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { established, wrapping } from './harness.ts';

/** Every order of a list. */
function orders<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((one, i) => orders(list.filter((_, k) => k !== i)).map((rest) => [one, ...rest]));
}

/** The segment [from, to) of the peer's text; `read` compares the octets with those that the peer wrote. */
function line([from, to]: readonly [number, number]): string {
  return `. ${from}:${to} ack 1`;
}

wrapping('four segments in every order', () => {
  test.each([
    [
      'side by side',
      [
        [1, 101],
        [101, 201],
        [201, 301],
        [301, 401],
      ],
    ],
    [
      'overlapping',
      [
        [1, 151],
        [101, 251],
        [201, 351],
        [301, 401],
      ],
    ],
    [
      'one within another',
      [
        [1, 401],
        [101, 301],
        [51, 101],
        [151, 201],
      ],
    ],
    [
      'twice the same',
      [
        [1, 201],
        [1, 201],
        [201, 401],
        [201, 401],
      ],
    ],
    [
      'across each other',
      [
        [1, 201],
        [101, 401],
        [51, 351],
        [301, 401],
      ],
    ],
    [
      'one left, one right',
      [
        [1, 101],
        [1, 401],
        [301, 401],
        [101, 301],
      ],
    ],
  ] as [string, [number, number][]][])('%s', (_name, segments) => {
    for (const order of orders(segments)) {
      const script = established();
      for (const segment of order) script.inject(line(segment)).sent();
      script.after(500).sent();
      script
        .read(400)
        .readRefused(0)
        .value('held out of order', ({ rcv }) => rcv.ahead, 0);
    }
  });
});

wrapping('segments at random', () => {
  test('what arrives in the end is what was written [SHLD-31]', () => {
    const span = fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 300 }));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 40 }), fc.integer({ min: 0, max: 700 }), (spans, bite) => {
        const script = established({ sack: true });
        let read = 0;
        for (const [from, length] of spans) {
          script.inject(line([from, Math.min(from + length, 2001)])).sent();
          const readable = Math.min(bite, script.info().rcv.readable);
          script.read(readable).sent();
          read += readable;
        }
        for (let from = 1; from < 2001; from += 500) script.inject(line([from, from + 500])).sent();
        script.read(2000 - read).readRefused(0);
        script.sent();
        expect(script.info().rcv).toMatchObject({ ahead: 0, spans: 0, readable: 0 });
      }),
      { numRuns: 60 },
    );
  });
});

wrapping('what does not fit', () => {
  test('text beyond the window is cut off', () => {
    established({ receiveBuffer: 1000 })
      .inject('. 1:1501 ack 1')
      .within(40, '. 1:1 ack 1001 win 0')
      .read(1000)
      .expect('. 1:1 ack 1001 win 1000')
      .inject('. 1001:1501 ack 1')
      .within(40, '. 1:1 ack 1501')
      .read(500)
      .expect('. 1:1 ack 1501 win 1000');
  });

  test('also out of order', () => {
    established({ receiveBuffer: 1000 })
      .inject('. 901:1201 ack 1')
      .expect('. 1:1 ack 1')
      .inject('. 1:901 ack 1')
      .expect('. 1:1 ack 1001')
      .read(1000)
      .sent();
  });

  test('a FIN behind text that was cut off does not count', () => {
    established({ receiveBuffer: 1000 })
      .inject('F. 1:1501 ack 1')
      .within(40, '. 1:1 ack 1001')
      .read(1000)
      .expect('. 1:1 ack 1001')
      .inject('F. 1001:1501 ack 1')
      .expect('. 1:1 ack 1502')
      .read(500)
      .sent();
  });

  test('more holes than are kept: the text behind them is dropped, and taken when it comes again', () => {
    established({ holes: 2, sack: true })
      .inject('. 101:201 ack 1')
      .expect('. 1:1 ack 1 <sack 101:201>')
      .inject('. 301:401 ack 1')
      .expect('. 1:1 ack 1 <sack 301:401 101:201>')
      .inject('. 501:601 ack 1')
      .sent();
    const script = established({ holes: 1 }).inject('. 101:201 ack 1').expect('. 1:1 ack 1');
    script.inject('. 301:401 ack 1').sent();
    script
      .inject('. 1:101 ack 1')
      .expect('. 1:1 ack 201')
      .inject('. 201:401 ack 1')
      .within(40, '. 1:1 ack 401')
      .read(400);
  });
});

wrapping("the host's memory", () => {
  test('text for which there is no memory is dropped, and taken when there is some again', () => {
    const script = established({ memory: 4096, receiveBuffer: 65_535 })
      .inject('. 1:4097 ack 1')
      .within(40, '. 1:1 ack 4097');
    script.inject('. 4097:5097 ack 1').after(500).sent();
    expect(script.memory().refused).toBe(1);
    script.read(4096).sent();
    script.inject('. 4097:5097 ack 1').within(40, '. 1:1 ack 5097').read(1000);
  });

  test('a writer for whom there is no memory is refused, and served with what there is', () => {
    established({ memory: 4096, win: 0 }).offer(10_000, 4096).offer(1, 0);
  });

  test('everything goes back: when the text is acknowledged and read, and when the connection is deleted', () => {
    const script = established().write(5000);
    script.sent();
    script.inject('. 1:1 ack 5001').inject('P. 1:101 ack 5001').within(40, '. 5001:5001 ack 101').read(100);
    expect(script.memory().used).toBe(0);
    const other = established({ win: 0 }).write(5000).inject('. 101:201 ack 1').expect('. 1:1 ack 1');
    expect(other.memory().used).toBeGreaterThan(0);
    expect(other.delete().memory().used).toBe(0);
  });
});
