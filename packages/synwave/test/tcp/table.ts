/** The tables of RFC 9293 §3.10.7: what each kind of segment brings about in a state, one row for each. */
import { describe, test } from 'vitest';
import { type State, stateNames } from '../../src/tcp/state.ts';
import { ACK, FIN, PSH, RST, SYN, URG } from '../../src/wire/segment.ts';
import { parseShort } from '../../src/wire/short.ts';
import { type Kind, kinds, noteCell } from './coverage.ts';
import { accepted, established, type Options, type Script, wrapping } from './harness.ts';

/** What arrives; what goes out within half a second, null for nothing (MUST-40 bounds delayed ACKs); the state then. */
export type Row = readonly [kind: Kind, arrives: string, answer: string | null, after: State];

/** How a table's state is reached, and how it stands then. */
export interface Given {
  /** What the describe says besides the state. */
  readonly how: string;
  readonly state: State;
  /** The state, with settings that some kinds of segment need. */
  readonly reach: (options: Options) => Script;
  /** The buffer that the unread 500 octets, and the FIN if it was taken, fill. */
  readonly full?: number;
  /** Kinds that cannot arrive there. */
  readonly without?: readonly Kind[];
}

/** All rows of a state; a kind may have several, and none may be missing. */
export function table(given: Given, rows: readonly Row[]): void {
  wrapping(`a segment arrives in ${stateNames[given.state]}, ${given.how}`, () => {
    describe.each(kinds.filter((kind) => given.without?.includes(kind) !== true))('%s', (kind) => {
      const mine = rows.filter((row) => row[0] === kind);
      if (mine.length === 0) throw new Error(`${stateNames[given.state]} has no row for ${kind}`);
      test.each(mine)('%s: %s is answered by %s', (_kind, arrives, answer, after) => {
        const script = given.reach(settings(kind, given.full ?? 0)).state(given.state);
        checkKind(kind, arrives, script);
        noteCell(given.state, kind);
        script.inject(arrives).within(500, ...(answer === null ? [] : [answer]));
        script.state(after);
      });
    });
  });
}

/** What a kind needs: timestamps in force, or a window that 500 octets have closed; a window of 10000 by default. */
function settings(kind: Kind, full: number): Options {
  if (kind === 'text, window closed') return { receiveBuffer: full };
  return { receiveBuffer: 10_000, timestamps: kind.includes('timestamp') };
}

/**
 * ESTABLISHED with some history. The peer's octets up to 501 are here, read unless they fill the buffer; ours up to 501
 * are acknowledged, those up to 1001 in flight. The window reaches from 501 to 10001.
 */
export function exchanged(options: Options): Script {
  return exchange(established(options), options);
}

/** The same after a passive OPEN: the listener stays behind it. */
export function exchangedPassive(options: Options): Script {
  return exchange(accepted(options), options);
}

function exchange(script: Script, options: Options): Script {
  script.inject('. 1:501 ack 1');
  if ((options.receiveBuffer ?? 0) > 1000) script.read(500);
  return script
    .write(500)
    .expect('P. 1:501 ack 501')
    .inject('. 501:501 ack 501')
    .write(500)
    .expect('P. 501:1001 ack 501');
}

/** A row that stands under the wrong kind would cover a cell that it does not test. */
function checkKind(kind: Kind, line: string, script: Script): void {
  const { flags, seq, end, ack } = parseShort(line);
  const control = (flags & ~(PSH | ACK)) | (ack === null ? 0 : ACK);
  const loose = kind === 'no ACK' ? ack === null && (flags & (SYN | RST)) === 0 : kind.startsWith('timestamp');
  const len = end - seq + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
  const flagsOf = (): number => {
    if (kind.startsWith('RST')) return kind.startsWith('RST,ACK') ? RST | ACK : RST;
    if (kind.startsWith('SYN')) return kind.startsWith('SYN,ACK') ? SYN | ACK : SYN;
    if (kind.startsWith('FIN')) return FIN | ACK;
    return kind === 'URG' ? URG | ACK : ACK;
  };
  const wrong = (why: string): Error => new Error(`${line} is no '${kind}': ${why}`);
  if (!loose && control !== flagsOf()) throw wrong('the control bits');
  if (kind.startsWith('text') && end === seq) throw wrong('the text');
  const { receives } = script;
  if (receives === null) return;
  const { nxt, wnd } = receives;
  const right = nxt + wnd;
  const last = Math.max(seq, seq + len - 1);
  const inside = last >= nxt && seq < right;
  const holds: Partial<Record<Kind, boolean>> = {
    'RST at RCV.NXT': seq === nxt,
    'RST,ACK at RCV.NXT': seq === nxt,
    'RST in the window': inside && seq !== nxt,
    'RST,ACK in the window': inside && seq !== nxt,
    'RST outside the window': !inside,
    'RST,ACK outside the window': !inside,
    'SYN in the window': inside,
    'SYN left of the window': last < nxt,
    'SYN right of the window': seq >= right,
    'no ACK': inside,
    'text in order': seq === nxt && inside,
    'text out of order': seq > nxt && inside,
    'text left of the window': last < nxt,
    'text across the left edge': seq < nxt && inside,
    'text right of the window': seq >= right,
    'text, window closed': wnd === 0 && seq === nxt,
    FIN: seq === nxt,
    'FIN out of order': seq > nxt && inside,
    'FIN left of the window': last < nxt,
  };
  if (holds[kind] === false) throw wrong(`RCV.NXT is ${nxt}, the window reaches to ${right}`);
}
