/** Every arrow of the state diagram (RFC 9293 figure 5 and §3.10), taken by each of the events that lead along it. */
import { describe, expect, test } from 'vitest';
import { SECOND } from '../../src/base/time.ts';
import { isLegalMove, moves, State, stateNames } from '../../src/tcp/state.ts';
import { noteWanted } from './coverage.ts';
import {
  accepted,
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  listening,
  type Script,
  synReceived,
  synReceivedActive,
  synSent,
  timeWait,
  wrapping,
} from './harness.ts';

const { Closed, Listen, SynSent, SynReceived, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait } =
  State;

/** No retransmission is left to try: the first expiry of the timer ends the connection. */
const impatient = { r2: 0 };

type Way = readonly [from: State, to: State, event: string, take: () => Script];

// biome-ignore format: a table
const ways: readonly Way[] = [
  [Closed, Listen, 'passive OPEN', () => listening()],
  [Closed, SynSent, 'active OPEN', () => synSent()],
  [Listen, Closed, 'CLOSE', () => listening().close()],
  [Listen, SynReceived, 'SYN arrives', () => synReceived()],
  [Listen, SynSent, 'the passive OPEN becomes an active one', () => synReceived().inject('R 1:1').connect().expect('S 0:0')],
  [SynSent, Closed, 'CLOSE', () => synSent().close()],
  [SynSent, Closed, 'ABORT', () => synSent().abort().quiet()],
  [SynSent, Closed, 'RST arrives', () => synSent().inject('R. 0:0 ack 1')],
  [SynSent, Closed, 'R2', () => synSent({ r2Syn: SECOND }).after(1000)],
  [SynSent, Closed, 'user timeout', () => synSent({ userTimeout: SECOND / 2 }).after(500)],
  [SynSent, SynReceived, 'SYN arrives', () => synReceivedActive()],
  [SynSent, Established, 'SYN,ACK arrives', () => established()],
  [SynReceived, Established, 'ACK of SYN arrives', () => accepted()],
  [SynReceived, Established, 'SYN,ACK arrives', () => synReceivedActive().inject('S. 0:0 ack 1')],
  [SynReceived, FinWait1, 'CLOSE', () => synReceived().close().expect('F. 1:1 ack 1')],
  [SynReceived, Listen, 'RST arrives', () => synReceived().inject('R 1:1')],
  [SynReceived, Listen, 'SYN arrives', () => synReceived().inject('S 5:5')],
  [SynReceived, Closed, 'RST arrives', () => synReceivedActive().inject('R 1:1')],
  [SynReceived, Closed, 'ABORT', () => synReceived().abort().expect('R. 1:1 ack 1')],
  [SynReceived, Closed, 'R2', () => synReceived({ r2Syn: SECOND }).after(1000)],
  [Established, FinWait1, 'CLOSE', () => finWait1()],
  [Established, CloseWait, 'FIN arrives', () => closeWait()],
  [Established, Closed, 'RST arrives', () => established().inject('R 1:1')],
  [Established, Closed, 'ABORT', () => established().abort().expect('R. 1:1 ack 1')],
  [Established, Closed, 'R2', () => established(impatient).write(9).expect('P. 1:10 ack 1').after(1000)],
  [Established, Closed, 'user timeout', () => established({ userTimeout: SECOND / 2 }).write(9).expect('P. 1:10 ack 1').after(500)],
  [FinWait1, FinWait2, 'ACK of FIN arrives', () => finWait2()],
  [FinWait1, Closing, 'FIN arrives', () => closing()],
  [FinWait1, TimeWait, 'FIN and ACK of FIN arrive', () => finWait1().inject('F. 1:1 ack 2').expect('. 2:2 ack 2')],
  [FinWait1, Closed, 'RST arrives', () => finWait1().inject('R 1:1')],
  [FinWait1, Closed, 'ABORT', () => finWait1().abort().expect('R. 2:2 ack 1')],
  [FinWait1, Closed, 'R2', () => finWait1(impatient).after(1000)],
  [FinWait2, TimeWait, 'FIN arrives', () => timeWait()],
  [FinWait2, Closed, 'RST arrives', () => finWait2().inject('R 1:1')],
  [FinWait2, Closed, 'ABORT', () => finWait2().abort().expect('R. 2:2 ack 1')],
  [FinWait2, Closed, 'nobody waits any more', () => finWait2().letGo().after(60_000)],
  [CloseWait, LastAck, 'CLOSE', () => lastAck()],
  [CloseWait, Closed, 'RST arrives', () => closeWait().inject('R 2:2')],
  [CloseWait, Closed, 'ABORT', () => closeWait().abort().expect('R. 1:1 ack 2')],
  [CloseWait, Closed, 'R2', () => closeWait(impatient).write(9).expect('P. 1:10 ack 2').after(1000)],
  [Closing, TimeWait, 'ACK of FIN arrives', () => closing().inject('. 2:2 ack 2')],
  [Closing, Closed, 'RST arrives', () => closing().inject('R 2:2')],
  [Closing, Closed, 'ABORT', () => closing().abort().quiet()],
  [Closing, Closed, 'R2', () => closing(impatient).after(1000)],
  [LastAck, Closed, 'ACK of FIN arrives', () => lastAck().inject('. 2:2 ack 2')],
  [LastAck, Closed, 'RST arrives', () => lastAck().inject('R 2:2')],
  [LastAck, Closed, 'ABORT', () => lastAck().abort().quiet()],
  [LastAck, Closed, 'R2', () => lastAck(impatient).after(1000)],
  [TimeWait, Closed, '2MSL', () => timeWait().after(240_000)],
  [TimeWait, Closed, 'RST arrives', () => timeWait().inject('R 2:2')],
  [TimeWait, Closed, 'ABORT', () => timeWait().abort().quiet()],
  [TimeWait, SynReceived, 'newer SYN arrives',
    () => accepted().close().expect('F. 1:1 ack 1').inject('F. 1:1 ack 2').expect('. 2:2 ack 2').inject('S 9:9').expect('S. 0:0 ack 10')],
];

const titled = ways.map(
  ([from, to, event, take]) => [`${stateNames[from]} -> ${stateNames[to]}: ${event}`, from, to, take] as const,
);

wrapping('the arrows of the state diagram', () => {
  test.each(titled)('%s', (_title, from, to, take) => {
    take().took(from, to).state(to);
  });
});

describe('the table of moves', () => {
  test('each arrow in it has a way here, and each way here is in it', () => {
    const names = (list: Iterable<readonly [State, State, ...unknown[]]>): string[] =>
      [...new Set([...list].map(([from, to]) => `${stateNames[from]} -> ${stateNames[to]}`))].toSorted();
    expect(names(ways)).toEqual(names(moves));
    noteWanted();
  });

  test('a move is legal exactly if it is in the table', () => {
    for (const from of Object.values(State))
      for (const to of Object.values(State))
        expect([from, to, isLegalMove(from, to)]).toEqual([from, to, moves.some(([a, b]) => a === from && b === to)]);
  });

  test('no arrow leads from a state to itself, and CLOSED is left by OPEN only', () => {
    expect(moves.filter(([from, to]) => from === to)).toEqual([]);
    expect(moves.filter(([from]) => from === Closed).map(([, to]) => to)).toEqual([Listen, SynSent]);
  });
});
