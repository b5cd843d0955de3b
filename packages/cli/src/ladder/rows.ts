/** Rows: the steps of a run as rows of a ladder: what happens at one time on one side shares a row, long stretches are folded. */
import type { Micros } from 'synwave';
import { SECOND } from 'synwave';
import type { SegmentStep, Side, Step } from '../handshake/recording.ts';
import type { Text } from '../text/text.ts';

/** What stands beside the arrows: a state, something that befalls a TCB, or what befell a segment. */
export interface Cell {
  readonly tone: 'state' | 'tcb' | 'lost' | 'mark';
  readonly text: string;
}

interface Timed {
  readonly time: Micros;
  readonly client: Cell | null;
  readonly server: Cell | null;
}

interface TitleRow {
  readonly kind: 'title';
  readonly text: string;
}

/** Something at the sides; `note` stands between them. */
interface EventRow extends Timed {
  readonly kind: 'event';
  readonly note: string;
}

export interface ArrowRow extends Timed {
  readonly kind: 'arrow';
  readonly step: SegmentStep;
}

/** Many segments in one row. */
interface FoldRow {
  readonly kind: 'fold';
  readonly time: Micros;
  readonly text: string;
}

export type Row = TitleRow | EventRow | ArrowRow | FoldRow;

export interface RowOptions {
  readonly text: Text;
  /** Twice the maximum segment lifetime. */
  readonly msl2: Micros;
  /** Whether long stretches of data become one row. */
  readonly fold: boolean;
}

/** Fewer rows than this are not worth folding. */
const WORTH_FOLDING = 3;

/** The rows, from both sides' first states on. */
export function rowsOf(steps: readonly Step[], options: RowOptions): Row[] {
  const { text, msl2, fold } = options;
  const state = (name: string): Cell => ({ tone: 'state', text: name });
  const rows: Row[] = [
    { kind: 'title', text: text.opening },
    { kind: 'event', time: 0, client: state('CLOSED'), server: state('LISTEN'), note: '' },
  ];
  let part = 'opening' as 'opening' | 'data' | 'closing';
  const begin = (next: 'data' | 'closing'): void => {
    part = next;
    rows.push({ kind: 'title', text: text[next] });
  };
  /** When each side came to TIME-WAIT. */
  const waits: Partial<Record<Side, Micros>> = {};

  for (const step of steps) {
    if (step.kind === 'segment') {
      if (part === 'opening' && step.len > 0) begin('data');
      const last = rows.at(-1);
      const joined = last?.kind === 'event' && isStateOf(last, step.from, step.time) ? last : null;
      if (joined !== null) rows.pop();
      rows.push(arrowRow(step, joined, text));
      continue;
    }
    const { time, side } = step;
    if (step.kind === 'tcb') {
      const word = step.what === 'created' ? text.tcbCreated : text.tcbDeleted;
      rows.push(eventRow(time, side, { tone: 'tcb', text: word }));
      continue;
    }
    if (part !== 'closing' && step.state === 'FIN-WAIT-1') begin('closing');
    if (step.state === 'TIME-WAIT') waits[side] = time;
    const last = rows.at(-1);
    const cell = state(step.state);
    if (last?.kind === 'arrow' && last.step.from === side && last.time === time && last[side] === null) {
      rows[rows.length - 1] = { ...last, [side]: cell };
      continue;
    }
    const over = step.state === 'CLOSED' && time - (waits[side] ?? time) >= msl2;
    const note = step.state === 'FIN-WAIT-2' ? text.halfClosed : over ? text.waited(`${msl2 / SECOND} s`) : '';
    rows.push(eventRow(time, side, cell, note));
  }
  return fold ? folded(rows, text) : rows;
}

function eventRow(time: Micros, side: Side, cell: Cell, note = ''): EventRow {
  return { kind: 'event', time, client: null, server: null, [side]: cell, note };
}

/** Whether the row says nothing but that `side` entered a state at `time`: an arrow may start there. */
function isStateOf(row: EventRow, side: Side, time: Micros): boolean {
  const other = side === 'client' ? row.server : row.client;
  return row.time === time && row[side]?.tone === 'state' && other === null && row.note === '';
}

/** The sender's side tells its state, or why it sends again; the receiver's what befell the segment. */
function arrowRow(step: SegmentStep, joined: EventRow | null, text: Text): ArrowRow {
  const { from, time, again, dropped, twice, late } = step;
  const { marks } = text;
  const to = from === 'client' ? 'server' : 'client';
  const sender: Cell | null = joined?.[from] ?? (again === null ? null : { tone: 'mark', text: marks[again] });
  const fate = dropped ?? (twice ? 'twice' : late ? 'late' : null);
  const receiver: Cell | null = fate === null ? null : { tone: dropped === null ? 'mark' : 'lost', text: marks[fate] };
  return { kind: 'arrow', time, client: null, server: null, [from]: sender, [to]: receiver, step };
}

/** Stretches of segments that nothing befell become one row each; the first and the last segment of all stay. */
function folded(rows: readonly Row[], text: Text): Row[] {
  const isQuiet = (row: Row): row is ArrowRow =>
    row.kind === 'arrow' &&
    row.client === null &&
    row.server === null &&
    !['SYN', 'FIN', 'RST'].some((flag) => row.step.flags.some((each) => each === flag));
  const first = rows.findIndex((row) => row.kind === 'title' && row.text === text.data) + 1;
  const closing = rows.findIndex((row) => row.kind === 'title' && row.text === text.closing);
  const end = closing < 0 ? rows.length : closing;
  if (first === 0) return [...rows];
  const result: Row[] = rows.slice(0, first + 1);
  let stretch: ArrowRow[] = [];
  const flush = (): void => {
    if (stretch.length < WORTH_FOLDING) result.push(...stretch);
    else result.push(foldRow(stretch, text));
    stretch = [];
  };
  for (const row of rows.slice(first + 1, end - 1)) {
    if (isQuiet(row)) stretch.push(row);
    else {
      flush();
      result.push(row);
    }
  }
  flush();
  if (end - 1 > first) result.push(...rows.slice(end - 1, end));
  return [...result, ...rows.slice(end)];
}

function foldRow(stretch: readonly ArrowRow[], text: Text): FoldRow {
  const data = stretch.filter(({ step }) => step.len > 0);
  const octets = data.reduce((sum, { step }) => sum + step.len, 0);
  return {
    kind: 'fold',
    time: (stretch[0] as ArrowRow).time,
    text: text.folded(data.length, octets, stretch.length - data.length),
  };
}
