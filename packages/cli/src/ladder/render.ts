/** The renderer: rows as lines of a given width, one column for each host, time runs down. */
import { MILLISECOND, type Micros, SECOND } from 'synwave';
import { center, cut, padEnd, padStart, widthOf, wrapped } from './columns.ts';
import { type Arrow, type ArrowRow, type Cell, cellsAt, type Row } from './row.ts';

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
  private readonly look: Look;
  private readonly signs: Signs;
  private readonly hosts: number;
  /** Columns between two hosts that stand next to each other. */
  private readonly lane: number;
  private shown: Micros | null = null;
  /** Whether some label of a segment with text is too long for its arrow: those are all short then. */
  private short = false;

  /** For a ladder of so many hosts. */
  constructor(look: Look, hosts: number) {
    this.look = look;
    this.hosts = hosts;
    this.signs = look.ascii ? plain : drawn;
    const lanes = look.width - TIME - MARGIN - hosts * SIDE - (hosts - 1) * (LEFT_GAP + RIGHT_GAP);
    this.lane = Math.floor(lanes / (hosts - 1));
  }

  /** All lines: who is who, then row by row. `time` is the word above the column of times. */
  lines(rows: readonly Row[], time: string, names: readonly string[]): string[] {
    const isWide = (row: Row): boolean =>
      row.kind === 'arrow' && row.arrow.octets > 0 && widthOf(row.arrow.label.long) > this.room(row.arrow) - TIGHT;
    this.short = rows.some(isWide);
    return [this.head(time, names), ...rows.flatMap((row) => this.row(row))];
  }

  /** Each name above its column; the last one ends where the lines end. */
  private head(time: string, names: readonly string[]): string {
    let head = padStart(time, TIME) + ' '.repeat(MARGIN);
    for (const [i, name] of names.entries()) {
      const last = i === names.length - 1;
      const at = last ? this.look.width - widthOf(name) : TIME + MARGIN + i * this.stride;
      head = padEnd(head, Math.max(at, widthOf(head) + (i === 0 ? 0 : 1))) + name;
    }
    return head;
  }

  private row(row: Row): string[] {
    const { look, signs } = this;
    switch (row.kind) {
      case 'title':
        return ['', look.paint('title', row.text)];
      case 'event': {
        const note = row.note === '' ? null : { from: 0, to: this.hosts - 1, text: this.note(row.note) };
        return [this.line(row.time, row.cells, note)];
      }
      case 'fold': {
        const note = center(`${signs.dots} ${row.text} ${signs.dots}`, look.width - TIME - MARGIN);
        return [this.stamp(row.time) + look.paint('note', note.trimEnd())];
      }
      case 'words':
        return this.words(row.paragraphs);
      default: {
        const { from, to } = row.arrow;
        const text = this.arrow(row.arrow);
        return [this.line(row.time, row.cells, { from, to, text }), ...this.detail(row)];
      }
    }
  }

  /** Columns from one host's to the next one's. */
  private get stride(): number {
    return SIDE + LEFT_GAP + this.lane + RIGHT_GAP;
  }

  /** Columns that an arrow has: the lane, and what lies on its way if it passes a host. */
  private room({ from, to }: { readonly from: number; readonly to: number }): number {
    const passed = Math.abs(from - to) - 1;
    return this.lane + passed * this.stride;
  }

  /** `between`: what stands in the lanes from one host to another. */
  private line(
    time: Micros,
    cells: readonly (Cell | null)[],
    between: { readonly from: number; readonly to: number; readonly text: string } | null,
  ): string {
    const first = between === null ? -1 : Math.min(between.from, between.to);
    const last = between === null ? -1 : Math.max(between.from, between.to);
    let line = this.stamp(time);
    for (let i = 0; i < this.hosts; i++) {
      const covered = i > first && i < last;
      if (covered) continue;
      line += this.cell(cells[i] ?? null, i === this.hosts - 1 ? 0 : SIDE);
      if (i === this.hosts - 1) break;
      const text = i === first && between !== null ? between.text : ' '.repeat(this.lane);
      line += ' '.repeat(LEFT_GAP) + text + ' '.repeat(RIGHT_GAP);
    }
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
  private arrow(arrow: Arrow): string {
    const { signs, look } = this;
    const { line } = signs;
    const forward = arrow.from < arrow.to;
    const { long, short } = arrow.label;
    const whole = this.room(arrow);
    const room = whole - TIGHT;
    const isShort = arrow.octets > 0 ? this.short : widthOf(long) > room;
    const label = cut(isShort ? short : long, room, signs.cut);
    const { lost } = arrow;
    const tip = lost ? signs.cross : forward ? signs.right : signs.left;
    const length = lost ? Math.min(whole, Math.max(widthOf(label) + 6, Math.floor(whole * LOST_AT))) : whole;
    // A blank on both sides of the label, and the tip: the rest is line, two pieces of it in front where there is room.
    const rest = length - widthOf(label) - 3;
    const tail = line.repeat(Math.min(2, rest));
    const shaft = line.repeat(rest - tail.length);
    const drawing = forward
      ? padEnd(`${tail} ${label} ${shaft}${tip}`, whole)
      : padStart(`${tip}${shaft} ${label} ${tail}`, whole);
    return lost ? look.paint('lost', drawing) : drawing;
  }

  /** Window and options of a segment, on lines of their own, none wider than the arrows. */
  private detail({ arrow, time }: ArrowRow): string[] {
    if (!this.look.verbose) return [];
    const room = this.room(arrow);
    const indent = ' '.repeat(3);
    const lines: string[] = [];
    let line = '';
    for (const word of arrow.detail.split(',')) {
      if (line !== '' && widthOf(`${indent}${line},${word},`) > room) {
        lines.push(`${line},`);
        line = word;
      } else line = line === '' ? word : `${line},${word}`;
    }
    const cells = cellsAt(this.hosts, 0, null);
    return [...lines, line].map((each) => {
      const text = this.look.paint('note', padEnd(cut(indent + each, room, this.signs.cut), room));
      return this.line(time, cells, { from: arrow.from, to: arrow.to, text });
    });
  }

  /** Words in the middle between the first host and the last. */
  private note(note: string): string {
    const room = this.room({ from: 0, to: this.hosts - 1 });
    return this.look.paint('note', center(cut(note, room, this.signs.cut), room));
  }

  /** Paragraphs, as wide as the ladder, behind the column of times. */
  private words(paragraphs: readonly string[]): string[] {
    const width = this.look.width - TIME - MARGIN - 2;
    const indent = ' '.repeat(TIME + MARGIN);
    return paragraphs.flatMap((paragraph) =>
      wrapped(paragraph, width).map((line, i) => `${indent}${i === 0 ? '' : '  '}${this.look.paint('note', line)}`),
    );
  }
}

/** `20.000 ms` below a second, `240.061 s` from there on. */
function timeText(time: Micros): string {
  const [unit, name] = time < SECOND ? [MILLISECOND, 'ms'] : [SECOND, 's'];
  return `${(time / unit).toFixed(3)} ${name}`;
}
