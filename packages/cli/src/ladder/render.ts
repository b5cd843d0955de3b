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
  /** Adds a line with the options below each arrow that has some. */
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
    return [head, ...rows.flatMap((row) => this.row(row))];
  }

  private row(row: Row): string[] {
    const { look, signs } = this;
    switch (row.kind) {
      case 'title':
        return ['', look.paint('title', row.text)];
      case 'event':
        return [
          this.line(row.time, row.client, look.paint('note', center(this.fit(row.note), this.middle)), row.server),
        ];
      case 'fold': {
        const note = center(this.fit(`${signs.dots} ${row.text} ${signs.dots}`), this.middle);
        return [this.line(row.time, null, look.paint('note', note), null)];
      }
      case 'arrow':
        return [this.line(row.time, row.client, this.arrow(row), row.server), ...this.options(row)];
    }
  }

  private line(time: Micros, client: Cell | null, middle: string, server: Cell | null): string {
    const stamp = time === this.shown ? '' : timeText(time);
    this.shown = time;
    const left = padStart(stamp, TIME) + ' '.repeat(MARGIN) + this.cell(client, SIDE) + ' '.repeat(LEFT_GAP);
    const line = left + middle + ' '.repeat(RIGHT_GAP) + this.cell(server, 0);
    return line.trimEnd();
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
    // Two pieces of line, two blanks, a piece of line and a head around it.
    const room = middle - 6;
    const label = widthOf(long) <= room ? long : cut(short, room, signs.cut);
    const lost = step.dropped !== null;
    const reach = lost ? Math.max(widthOf(label) + 6, Math.floor(middle * LOST_AT)) : middle;
    const shaft = line.repeat(reach - widthOf(label) - 5);
    const tip = lost ? signs.cross : forward ? signs.right : signs.left;
    const arrow = forward
      ? padEnd(`${line}${line} ${label} ${shaft}${tip}`, middle)
      : padStart(`${tip}${shaft} ${label} ${line}${line}`, middle);
    return lost ? look.paint('lost', arrow) : arrow;
  }

  /** The options of a segment, on lines of their own, none wider than the arrows. */
  private options({ step, time }: ArrowRow): string[] {
    if (!this.look.verbose || step.options === '') return [];
    const lines: string[] = [];
    let line = '';
    for (const option of step.options.split(',')) {
      if (line !== '' && widthOf(line) + 1 + widthOf(option) > this.middle - 6) {
        lines.push(`${line},`);
        line = option;
      } else line = line === '' ? option : `${line},${option}`;
    }
    const indent = ' '.repeat(3);
    return [...lines, line].map((each) => this.line(time, null, this.look.paint('note', indent + each), null));
  }

  private fit(text: string): string {
    return cut(text, this.middle, this.signs.cut);
  }
}

/** `20.000 ms` below a second, `240.061 s` from there on. */
function timeText(time: Micros): string {
  const [unit, name] = time < SECOND ? [MILLISECOND, 'ms'] : [SECOND, 's'];
  return `${(time / unit).toFixed(3)} ${name}`;
}
