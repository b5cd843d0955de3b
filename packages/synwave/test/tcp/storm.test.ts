/** Segments and calls at random: whatever comes, moves are legal, octets are right, and no window shrinks. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { State } from '../../src/tcp/state.ts';
import { closed, established, type Options, type Script, wrapping } from './harness.ts';

/** Numbers near the edges where something may go wrong. */
const near: fc.Arbitrary<number> = fc.oneof(
  fc.constant(0),
  fc.constant(0),
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -2000, max: 6000 }),
  fc.constantFrom(-70_000, 9_999, 10_000, 10_001, 70_000),
);

type Event =
  | {
      what: 'segment';
      flags: string;
      from: number;
      length: number;
      ack: number;
      win: number;
      old: boolean;
      ecn: number;
      block: [number, number];
    }
  | { what: 'write' | 'read' | 'wait'; n: number }
  | { what: 'too big'; from: number; n: number }
  | { what: 'route'; n: number }
  | { what: 'close' };

const events: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      what: fc.constant('segment' as const),
      flags: fc.constantFrom(
        '.',
        '.',
        '.',
        '.',
        'P.',
        'P.',
        'F.',
        'U.',
        'S',
        'S.',
        'R',
        'P',
        'FSRPU.',
        'FS.',
        '.E',
        'P.W',
        'S.E',
      ),
      from: near,
      length: fc.constantFrom(0, 0, 0, 1, 10, 500, 1000, 3000),
      ack: near,
      win: fc.constantFrom(0, 1, 500, 4000, 65_535),
      old: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      ecn: fc.integer({ min: 0, max: 3 }),
      block: fc.tuple(near, near),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constantFrom('write' as const, 'read' as const),
      n: fc.integer({ min: 1, max: 5000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('wait' as const),
      n: fc.constantFrom(1, 30, 50, 300, 1000, 5000, 70_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('too big' as const), from: near, n: fc.integer({ min: 0, max: 1500 }) }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('route' as const), n: fc.integer({ min: 0, max: 3000 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('close' as const) }) },
);

/** One event, with numbers relative to where the connection stands, so that much of it is acceptable. */
function play(script: Script, event: Event): void {
  const { snd, rcv, state, options } = script.info();
  switch (event.what) {
    case 'segment': {
      const at = script.receives?.nxt ?? 0;
      const from = at + event.from;
      const una = (snd.una - snd.iss) | 0;
      const { flags } = event;
      let line = `${flags} ${from}:${from + event.length}`;
      if (flags.includes('.')) line += ` ack ${una + Math.trunc(event.ack / 2)}`;
      line += ` win ${event.win}`;
      if (flags.includes('U')) line += ` urg ${event.length}`;
      if (event.old && options.timestamps) line += ' <TS val 1 ecr 0>';
      else if (options.sack && (flags === '.' || flags === '.E'))
        line += ` <sack ${una + event.block[0]}:${una + event.block[1]}>`;
      script.inject(line, event.ecn);
      break;
    }
    case 'too big':
      // At the first segment in flight, one of those behind it, or anywhere.
      script.tooBig(((snd.una - snd.iss) | 0) + Math.max(0, event.from), event.n, null);
      break;
    case 'route':
      script.pathChanges(event.n);
      break;
    case 'write':
      if ((state === 'ESTABLISHED' || state === 'CLOSE-WAIT') && snd.buffer - snd.flight - snd.unsent >= event.n)
        script.writeUnlessClosing(event.n);
      break;
    case 'read':
      if (rcv.readable > 0) script.read(Math.min(event.n, rcv.readable));
      break;
    case 'wait':
      script.after(event.n);
      break;
    case 'close':
      if (state === 'ESTABLISHED') script.close();
      break;
  }
  script.sent();
}

const settings: fc.Arbitrary<Options> = fc.record({
  receiveBuffer: fc.constantFrom(1000, 10_000, 65_535),
  sack: fc.boolean(),
  timestamps: fc.boolean(),
  windowScale: fc.boolean(),
  noDelay: fc.boolean(),
  keepAlive: fc.boolean(),
  congestion: fc.constantFrom('reno' as const, 'cubic' as const),
  mss: fc.constantFrom(1000, 2500),
  together: fc.constantFrom(1, 10),
  pathMss: fc.constantFrom(600, 1000, 2500),
  mtuProbing: fc.constantFrom('off' as const, 'black-hole' as const, 'on' as const),
});

/** Established, with ECN or without. */
function open(options: Options, ecn: boolean): Script {
  if (!ecn) return established(options);
  const script = closed({ ...options, ecn: 'request' })
    .connect()
    .expect('SEW 0:0');
  return script.after(100).inject(`S.E 0:0 ack 1 ${script.peerOptions}`).expect('. 1:1 ack 1');
}

wrapping('a storm', () => {
  test('the engine stands', () => {
    fc.assert(
      fc.property(settings, fc.boolean(), fc.array(events, { maxLength: 60 }), (options, ecn, list) => {
        const script = open(options, ecn);
        for (const event of list) {
          play(script, event);
          if (script.current === State.Closed || script.current === State.Listen) break;
          const { snd, rcv, congestion } = script.info();
          expect(congestion.cwnd).toBeGreaterThanOrEqual(snd.mss);
          expect((snd.nxt - snd.una) | 0).toBeGreaterThanOrEqual(0);
          expect(rcv.readable + rcv.ahead).toBeLessThanOrEqual(rcv.buffer);
        }
        expect(script.delete().memory().used).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
