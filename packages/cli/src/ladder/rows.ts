/** Rows: the steps of a run as rows of a ladder: what happens at one time on one side shares a row, long stretches are folded. */
import type { Micros } from 'synwave';
import { SECOND } from 'synwave';
import type { Label } from 'synwave/sim';
import type { SegmentStep, Side, Step } from '../handshake/recording.ts';
import type { Text } from '../text/text.ts';
import { type ArrowRow, type Cell, cellsAt, type EventRow, type FoldRow, type Row } from './row.ts';

export interface RowOptions {
  readonly text: Text;
  readonly labelOf: (step: SegmentStep) => Label;
  /** Twice the maximum segment lifetime. */
  readonly msl2: Micros;
  /** Whether long stretches of data become one row. */
  readonly fold: boolean;
}

/** Where each side stands. */
const columns: Readonly<Record<Side, 0 | 1>> = { client: 0, server: 1 };

/** Fewer rows than this are not worth folding. */
const WORTH_FOLDING = 3;

/** The rows, from both sides' first states on. */
export function rowsOf(steps: readonly Step[], options: RowOptions): Row[] {
  const { text, labelOf, msl2, fold } = options;
  const state = (name: string): Cell => ({ tone: 'state', text: name });
  const rows: Row[] = [
    { kind: 'title', text: text.opening },
    { kind: 'event', time: 0, cells: [state('CLOSED'), state('LISTEN')], note: '' },
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
      rows.push(arrowRow(step, joined, labelOf(step), text));
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
    const at = columns[side];
    if (last?.kind === 'arrow' && last.arrow.from === at && last.time === time && last.cells[at] === null) {
      rows[rows.length - 1] = { ...last, cells: last.cells.map((each, i) => (i === at ? cell : each)) };
      continue;
    }
    const over = step.state === 'CLOSED' && time - (waits[side] ?? time) >= msl2;
    const note = step.state === 'FIN-WAIT-2' ? text.halfClosed : over ? text.waited(`${msl2 / SECOND} s`) : '';
    rows.push(eventRow(time, side, cell, note));
  }
  return fold ? folded(rows, text) : rows;
}

function eventRow(time: Micros, side: Side, cell: Cell, note = ''): EventRow {
  return { kind: 'event', time, cells: cellsAt(2, columns[side], cell), note };
}

/** Whether the row says nothing but that `side` entered a state at `time`: an arrow may start there. */
function isStateOf(row: EventRow, side: Side, time: Micros): boolean {
  const at = columns[side];
  return row.time === time && row.cells[at]?.tone === 'state' && row.cells[1 - at] === null && row.note === '';
}

/** The sender's side tells its state, or why it sends again; the receiver's what befell the segment. */
function arrowRow(step: SegmentStep, joined: EventRow | null, label: Label, text: Text): ArrowRow {
  const { time, again, dropped, twice, late, len, win, options } = step;
  const { marks } = text;
  const from = columns[step.from];
  const sender: Cell | null = joined?.cells[from] ?? (again === null ? null : { tone: 'mark', text: marks[again] });
  const fate = dropped ?? (twice ? 'twice' : late ? 'late' : null);
  const receiver: Cell | null = fate === null ? null : { tone: dropped === null ? 'mark' : 'lost', text: marks[fate] };
  const quiet = !['SYN', 'FIN', 'RST'].some((flag) => step.flags.some((each) => each === flag));
  const detail = `win ${win}  ${options}`.trimEnd();
  const arrow = { from, to: 1 - from, label, octets: len, quiet, lost: dropped !== null, detail };
  return { kind: 'arrow', time, cells: from === 0 ? [sender, receiver] : [receiver, sender], arrow };
}

/** Stretches of segments that nothing befell become one row each; the first and the last segment of all stay. */
function folded(rows: readonly Row[], text: Text): Row[] {
  const isQuiet = (row: Row): row is ArrowRow =>
    row.kind === 'arrow' && row.arrow.quiet && row.cells.every((cell) => cell === null);
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
  const data = stretch.filter(({ arrow }) => arrow.octets > 0);
  const octets = data.reduce((sum, { arrow }) => sum + arrow.octets, 0);
  return {
    kind: 'fold',
    time: (stretch[0] as ArrowRow).time,
    text: text.folded(data.length, octets, stretch.length - data.length),
  };
}
