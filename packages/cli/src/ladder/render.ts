/** The renderer: rows as lines of a given width, client on the left, server on the right, time runs down. */
import { MILLISECOND, type Micros, SECOND } from 'synwave';
import type { Text } from '../text/text.ts';
import { center, cut, padEnd, padStart, widthOf } from './columns.ts';
import type { Labels } from './labels.ts';
import type { ArrowRow, Cell, Row } from './rows.ts';

/** What a piece of the ladder is, for colours. */
export type Tone = Cell['tone'] | 'title' | 'note';

export interface Look {
  /** Columns. */
  readonly width: number;
  /** Nothing but ASCII for lines and signs. */
  readonly ascii: boolean;
  /** Adds window and options below each arrow. */
  readonly verbose: boolean;
  /** Colours a piece of text, or leaves it. Called when its width is settled. */
  readonly paint: (tone: Tone, text: string) => string;
}

/** `999.999 ms`; SYN-RECEIVED, and the gaps between columns. */
const TIME = 10;
const SIDE = 12;
const MARGIN = 2;
const LEFT_GAP = 1;
const RIGHT_GAP = 2;

/** What an arrow needs beside its label: a piece of line, two blanks, a tip. */
const TIGHT = 4;

/** Where the cross of a lost segment stands, from the sender, unless its label reaches farther. */
const LOST_AT = 0.75;

interface Signs {
  readonly line: string;
  readonly right: string;
  readonly left: string;
  readonly cross: string;
  readonly dots: string;
  readonly cut: string;
}

const drawn: Signs = { line: '─', right: '▶', left: '◀', cross: '✕', dots: '⋯', cut: '…' };
const plain: Signs = { line: '-', right: '>', left: '<', cross: 'X', dots: '...', cut: '~' };

export class Renderer {
  private readonly text: Text;
  private readonly labels: Labels;
  private readonly look: Look;
  private readonly signs: Signs;
  /** Columns between the sides. */
  private readonly middle: number;
  private shown: Micros | null = null;
  /** Whether some label of a segment with text is too long for its arrow: those are all short then. */
  private short = false;

  constructor(text: Text, labels: Labels, look: Look) {
    this.text = text;
    this.labels = labels;
    this.look = look;
    this.signs = look.ascii ? plain : drawn;
    this.middle = look.width - TIME - MARGIN - SIDE - LEFT_GAP - RIGHT_GAP - SIDE;
  }

  /** All lines: who is who, then row by row. */
  lines(rows: readonly Row[], names: { readonly client: string; readonly server: string }): string[] {
    const { text, look } = this;
    const server = `${text.server} ${names.server}`;
    const left = look.width - TIME - MARGIN - widthOf(server);
    const head =
      padStart(text.time, TIME) + ' '.repeat(MARGIN) + padEnd(`${text.client} ${names.client}`, left) + server;
    const isWide = (row: Row): boolean =>
      row.kind === 'arrow' && row.step.len > 0 && widthOf(this.labels.of(row.step).long) > this.middle - TIGHT;
    this.short = rows.some(isWide);
    return [head, ...rows.flatMap((row) => this.row(row))];
  }

  private row(row: Row): string[] {
    const { look, signs } = this;
    switch (row.kind) {
      case 'title':
        return ['', look.paint('title', row.text)];
      case 'event':
        return [this.line(row.time, row.client, this.note(row.note), row.server)];
      case 'fold': {
        const note = center(`${signs.dots} ${row.text} ${signs.dots}`, look.width - TIME - MARGIN);
        return [this.stamp(row.time) + look.paint('note', note.trimEnd())];
      }
      default:
        return [this.line(row.time, row.client, this.arrow(row), row.server), ...this.options(row)];
    }
  }

  private line(time: Micros, client: Cell | null, middle: string, server: Cell | null): string {
    const left = this.stamp(time) + this.cell(client, SIDE) + ' '.repeat(LEFT_GAP);
    const line = left + middle + ' '.repeat(RIGHT_GAP) + this.cell(server, 0);
    return line.trimEnd();
  }

  /** The time, unless it is that of the row above. */
  private stamp(time: Micros): string {
    const stamp = time === this.shown ? '' : timeText(time);
    this.shown = time;
    return padStart(stamp, TIME) + ' '.repeat(MARGIN);
  }

  private cell(cell: Cell | null, width: number): string {
    return cell === null ? ' '.repeat(width) : this.look.paint(cell.tone, padEnd(cell.text, width));
  }

  /** The label stands at the sender's end; what is lost gets a cross, and does not reach the other side. */
  private arrow({ step }: ArrowRow): string {
    const { signs, middle, look } = this;
    const { line } = signs;
    const forward = step.from === 'client';
    const { long, short } = this.labels.of(step);
    const room = middle - TIGHT;
    const isShort = step.len > 0 ? this.short : widthOf(long) > room;
    const label = cut(isShort ? short : long, room, signs.cut);
    const lost = step.dropped !== null;
    const tip = lost ? signs.cross : forward ? signs.right : signs.left;
    const length = lost ? Math.min(middle, Math.max(widthOf(label) + 6, Math.floor(middle * LOST_AT))) : middle;
    // A blank on both sides of the label, and the tip: the rest is line, two pieces of it in front where there is room.
    const rest = length - widthOf(label) - 3;
    const tail = line.repeat(Math.min(2, rest));
    const shaft = line.repeat(rest - tail.length);
    const arrow = forward
      ? padEnd(`${tail} ${label} ${shaft}${tip}`, middle)
      : padStart(`${tip}${shaft} ${label} ${tail}`, middle);
    return lost ? look.paint('lost', arrow) : arrow;
  }

  /** Window and options of a segment, on lines of their own, none wider than the arrows. */
  private options({ step, time }: ArrowRow): string[] {
    if (!this.look.verbose) return [];
    const indent = ' '.repeat(3);
    const lines: string[] = [];
    let line = '';
    for (const word of `win ${step.win}  ${step.options}`.trimEnd().split(',')) {
      if (line !== '' && widthOf(`${indent}${line},${word},`) > this.middle) {
        lines.push(`${line},`);
        line = word;
      } else line = line === '' ? word : `${line},${word}`;
    }
    return [...lines, line].map((each) => {
      const shown = cut(indent + each, this.middle, this.signs.cut);
      return this.line(time, null, this.look.paint('note', shown), null);
    });
  }

  /** Words in the middle between the sides. */
  private note(note: string): string {
    const words = center(cut(note, this.middle, this.signs.cut), this.middle);
    return note === '' ? words : this.look.paint('note', words);
  }
}

/** `20.000 ms` below a second, `240.061 s` from there on. */
function timeText(time: Micros): string {
  const [unit, name] = time < SECOND ? [MILLISECOND, 'ms'] : [SECOND, 's'];
  return `${(time / unit).toFixed(3)} ${name}`;
}
