/** Notes beside the lines: states, what the programs call and what is answered, timers that go off. */
import type { JSX } from 'preact';
import { runLabels } from '../state/derived.ts';
import { position, recording } from '../state/run.ts';
import { callText, hostTitle, resultText, sentenceOf } from '../text/narrate.ts';
import { stateColour, stateShape, stateText } from '../text/states.ts';
import { text } from '../text/texts.ts';
import type { Columns } from './columns.ts';
import type { Layout, Note, Row } from './layout.ts';

const NOTE = 18;
/** Between a line and its notes: room for three bars of calls that wait. */
const APART = 26;
const SLOT = 6;
const CHARACTER = 6.7;

export function Notes({ row, columns }: { readonly row: Row; readonly columns: Columns }): JSX.Element {
  const room = columns.notes - APART - 4;
  return (
    <g>
      {row.notes.map((note, i) => {
        const isLeft = note.lane === 0;
        const x = columns.lane(note.lane) + (isLeft ? -APART : APART);
        const above = row.notes.slice(0, i).filter(({ lane }) => lane === note.lane).length;
        const y = row.y + 4 + above * NOTE;
        // oxlint-disable-next-line react/no-array-index-key
        return <NoteText key={i} note={note} x={x} y={y} isLeft={isLeft} room={room} />;
      })}
    </g>
  );
}

interface Placed {
  readonly note: Note;
  readonly x: number;
  readonly y: number;
  readonly isLeft: boolean;
  readonly room: number;
}

function NoteText({ note, x, y, isLeft, room }: Placed): JSX.Element {
  const { said, brief, name, colour } = wordsOf(note);
  const most = Math.max(6, Math.floor(room / CHARACTER));
  const short = width(said) <= most ? said : cut(brief ?? said, most);
  return (
    <text
      class={`note ${name}`}
      x={x}
      y={y}
      text-anchor={isLeft ? 'end' : 'start'}
      style={colour === null ? undefined : { fill: colour }}
    >
      {short}
      <title>{titleOf(note)}</title>
    </text>
  );
}

interface Said {
  readonly said: string;
  /** Where there is no room for all of it. */
  readonly brief?: string;
  readonly name: string;
  readonly colour: string | null;
}

function wordsOf(note: Note): Said {
  const t = text.value;
  switch (note.type) {
    case 'state':
      return {
        said: `${stateShape(note.to)} ${stateText(note.to)}`,
        name: 'state',
        colour: `color-mix(in oklab, ${stateColour(note.to)} 72%, var(--ink))`,
      };
    case 'call': {
      const { call, result } = note;
      // What a write answers stands in it already.
      const answer = result === null || (!result.failed && call.call === 'write') ? '' : resultText(result);
      return {
        said: `${callText(call)}${answer === '' ? '' : ` = ${answer}`}`,
        ...(answer === '' ? {} : { brief: `${call.call} = ${answer}` }),
        name: result?.failed === true ? 'bad' : 'call',
        colour: null,
      };
    }
    case 'return': {
      const answer = resultText(note.result);
      return {
        said: `${note.result.call}()${answer === '' ? ' ✓' : ` = ${answer}`}`,
        ...(answer === '' ? {} : { brief: `= ${answer}` }),
        name: note.result.failed ? 'bad' : 'call',
        colour: null,
      };
    }
    case 'fired':
      return {
        said: `◷ ${t.fired[note.timer as keyof typeof t.fired]}`,
        brief: `◷ ${note.timer === 'finWait2' ? 'FIN-WAIT-2' : t.fired[note.timer as keyof typeof t.fired]}`,
        name: 'fired',
        colour: null,
      };
    case 'tcb':
      return { said: note.what === 'created' ? t.tcbCreated : t.tcbDeleted, name: 'tcb', colour: null };
    case 'drop':
      return { said: `✕ ${t.dropped}: ${note.reason}`, brief: `✕ ${note.reason}`, name: 'bad', colour: null };
    case 'host':
      return { said: t.hostMoves[note.what as keyof typeof t.hostMoves], name: 'bad', colour: null };
    default:
      return { said: t.cableMoves[note.what as keyof typeof t.cableMoves], name: 'bad', colour: null };
  }
}

/** The whole of it, where a note had to be cut. */
function titleOf(note: Note): string {
  const run = recording.value;
  if (run === null) return '';
  if (note.type === 'call') {
    const result = note.result === null ? '' : ` = ${note.result.result}`;
    return `${sentenceOf(note.call, run, runLabels.value)}${result} — ${note.call.socket}: ${note.call.detail}`;
  }
  if (note.type === 'return') return sentenceOf(note.result, run, runLabels.value);
  return wordsOf(note).said;
}

/** A bar for each call that has not returned yet: there the program waits. */
export function Waits({
  columns,
  laid,
  at,
  from,
  to,
  bottom,
}: {
  readonly columns: Columns;
  readonly laid: Layout;
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly bottom: number;
}): JSX.Element {
  const run = recording.value;
  const seen = laid.waits.filter(({ begin, y1, y2 }) => begin <= at && y2 >= from && y1 <= to);
  return (
    <g>
      {seen.map(({ host, call, end, y1, y2, slot }) => {
        const side = host === 0 ? -1 : 1;
        const x = columns.lane(host) + side * (9 + slot * SLOT);
        const isOpen = end === null || end > position.value;
        return (
          <line
            key={call.number}
            class={isOpen ? 'wait open' : 'wait'}
            x1={x}
            x2={x}
            y1={y1}
            y2={Math.min(isOpen ? bottom : y2, bottom)}
          >
            <title>{run === null ? '' : text.value.blocksMore(callText(call), hostTitle(run, call.host))}</title>
          </line>
        );
      })}
    </g>
  );
}

/** In columns of a text of one width: Chinese characters take two. */
function width(said: string): number {
  let columns = 0;
  for (const character of said) columns += character > '\u2e7f' ? 2 : 1;
  return columns;
}

/** As much of a text as there is room for, in columns: Chinese characters take two. */
function cut(said: string, most: number): string {
  let columns = 0;
  let kept = '';
  for (const character of said) {
    columns += character > '\u2e7f' ? 2 : 1;
    if (columns > most) return `${kept.slice(0, -1)}…`;
    kept += character;
  }
  return said;
}
