import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { add, diff, seq } from '../../src/base/seq.ts';
import { TextError } from '../../src/wire/scanner.ts';
import { ACK, FIN, PSH, Segment, SYN, URG } from '../../src/wire/segment.ts';
import { parseShort, shortText } from '../../src/wire/short.ts';
import * as arbitrary from './arbitrary.ts';

const nothing = { ack: null, win: null, urg: null, options: null };
const noOptions = { mss: null, wscale: null, sackOk: false, ts: null, sack: [] };

describe('parseShort', () => {
  test.each<[string, object]>([
    ['. 1:1 ack 1', { ...nothing, flags: ACK, seq: 1, end: 1, ack: 1 }],
    ['P. 1:1001(1000) ack 1 win 500', { ...nothing, flags: PSH | ACK, seq: 1, end: 1001, ack: 1, win: 500 }],
    ['S 0:0', { ...nothing, flags: SYN, seq: 0, end: 0 }],
    ['none -5:-2', { ...nothing, flags: 0, seq: -5, end: -2 }],
    ['.FU 1:2(1) ack -1 urg 3', { ...nothing, flags: FIN | ACK | URG, seq: 1, end: 2, ack: -1, urg: 3 }],
    ['S 0:0 <>', { ...nothing, flags: SYN, seq: 0, end: 0, options: noOptions }],
    [
      'S 0:0 win 9 <mss 1000,sackOK,TS val 4294967295 ecr 0,nop,wscale 7,eol>',
      {
        ...nothing,
        flags: SYN,
        seq: 0,
        end: 0,
        win: 9,
        options: { ...noOptions, mss: 1000, sackOk: true, wscale: 7, ts: { val: 4294967295, ecr: 0 } },
      },
    ],
    [
      '. 1:1 ack 1 <nop,nop,sack 11:21 31:41>',
      {
        ...nothing,
        flags: ACK,
        seq: 1,
        end: 1,
        ack: 1,
        options: {
          ...noOptions,
          sack: [
            [11, 21],
            [31, 41],
          ],
        },
      },
    ],
  ])('%s', (line, expected) => {
    expect(parseShort(line)).toEqual(expected);
  });

  test.each<[string, RegExp]>([
    // the mark stands before the column that the error names
    ['¦', /expected flags/],
    ['S¦X 0:0', /no flag is called X/],
    ['S¦', /expected " "/],
    ['S 0¦', /expected ":"/],
    ['S ¦a:0', /a sequence number, a number/],
    ['. 5:¦4', /before the beginning/],
    ['. 1:11(¦9) ack 1', /1:11 are 10 octets/],
    ['. 1:1 win 5¦ ack 1', /in this order/],
    ['. 1:1 ack 1 win ¦65536', /beyond its field/],
    ['. 1:1 ack 1 <¦mss>', /expected mss/],
    ['. 1:1 ack 1 <sack¦>', /one to four blocks/],
    ['. 1:1 ack 1 <nop¦', /expected ","/],
    ['. 1:1 ack 1¦ ', /in this order/],
  ])('%s is refused', (marked, message) => {
    const line = marked.replace('¦', '');
    expect(() => parseShort(line)).toThrow(message);
    expect(() => parseShort(line)).toThrow(expect.objectContaining({ column: marked.indexOf('¦') + 1 }));
  });

  test('any text is read or refused with a TextError', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `. 1:1 ${rest}`),
        ),
        (line) => {
          try {
            expect(parseShort(line).end).toBeTypeOf('number');
          } catch (error) {
            expect(error).toBeInstanceOf(TextError);
          }
        },
      ),
    );
  });
});

describe('shortText', () => {
  test('reads as a packet script does', () => {
    const seg = Object.assign(new Segment(), {
      flags: PSH | ACK,
      seq: seq(-1),
      ack: seq(5000),
      wnd: 500,
      textLen: 1000,
    });
    expect(shortText(seg, seq(-2), seq(4999))).toBe('P. 1:1001(1000) ack 1 win 500');
    Object.assign(seg, { flags: SYN, textLen: 0, mss: 1000, sackOk: true, wscale: 7, hasTs: true, tsVal: seq(-1) });
    expect(shortText(seg, seq(-1), seq(0))).toBe('S 0:0 win 500 <mss 1000,sackOK,TS val 4294967295 ecr 0,wscale 7>');
  });

  test('what it says is what parseShort reads', () => {
    fc.assert(
      fc.property(
        arbitrary.segments,
        arbitrary.word,
        arbitrary.word,
        fc.nat({ max: 1460 }),
        (seg, seqBase, ackBase, textLen) => {
          seg.textLen = textLen;
          const short = parseShort(shortText(seg, seq(seqBase), seq(ackBase)));
          expect(short.flags).toBe(seg.flags);
          expect(add(seq(seqBase), short.seq)).toBe(seg.seq);
          expect(short.end - short.seq).toBe(textLen);
          expect(short.ack).toBe(seg.flags & ACK ? diff(seg.ack, seq(ackBase)) : null);
          expect(short.win).toBe(seg.wnd);
          expect(short.urg).toBe(seg.flags & URG ? seg.up : null);
          const { options } = short;
          expect(options?.mss ?? -1).toBe(seg.mss);
          expect(options?.wscale ?? -1).toBe(seg.wscale);
          expect(options?.sackOk ?? false).toBe(seg.sackOk);
          expect(options?.ts ?? null).toEqual(seg.hasTs ? { val: seg.tsVal >>> 0, ecr: seg.tsEcr >>> 0 } : null);
          expect((options?.sack ?? []).map(([left, right]) => [(left + ackBase) | 0, (right + ackBase) | 0])).toEqual(
            Array.from({ length: seg.sackCount }, (_, i) => [seg.sackLeft[i], seg.sackRight[i]]),
          );
        },
      ),
    );
  });
});
