/** Row: one line of a ladder, or a few: the columns of the hosts, and what stands between them. */
import type { Micros } from 'synwave';
import type { Label } from 'synwave/sim';

/** What stands beside the arrows: a state, something that befalls a TCB or a host, or what befell a segment. */
export interface Cell {
  readonly tone: 'state' | 'tcb' | 'lost' | 'mark' | 'call';
  readonly text: string;
}

/** A packet on its way from the column of one host to that of another. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly label: Label;
  /** Octets of text. */
  readonly octets: number;
  /** Whether it neither begins nor ends anything: many of those may become one row. */
  readonly quiet: boolean;
  readonly lost: boolean;
  /** Below the arrow, where everything is asked for: `win 65535  mss 1460,sackOK`. */
  readonly detail: string;
}

interface Timed {
  readonly time: Micros;
  /** One for each host; null where there is nothing to say. */
  readonly cells: readonly (Cell | null)[];
}

interface TitleRow {
  readonly kind: 'title';
  readonly text: string;
}

/** Something at the hosts; `note` stands between them. */
export interface EventRow extends Timed {
  readonly kind: 'event';
  readonly note: string;
}

export interface ArrowRow extends Timed {
  readonly kind: 'arrow';
  readonly arrow: Arrow;
}

/** Many segments in one row. */
export interface FoldRow {
  readonly kind: 'fold';
  readonly time: Micros;
  readonly text: string;
}

/** Words below what they are about, each a paragraph of its own. */
interface WordsRow {
  readonly kind: 'words';
  readonly paragraphs: readonly string[];
}

export type Row = TitleRow | EventRow | ArrowRow | FoldRow | WordsRow;

/** The cells of a row in which one host alone has something to say. */
export function cellsAt(hosts: number, at: number, cell: Cell | null): (Cell | null)[] {
  return Array.from({ length: hosts }, (_, i) => (i === at ? cell : null));
}
