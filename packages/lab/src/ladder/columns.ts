/** Columns: how the ladder's width is shared among times, notes and lines. */

export interface Columns {
  /** Width of the column of times; 0: there is none. */
  readonly time: number;
  readonly lanes: number;
  /** Width for notes outside of the outer lines; 0: there is none. */
  readonly notes: number;
  /** Where the line of a host is. */
  lane(host: number): number;
  /** The room between two lines that are next to each other. */
  readonly between: number;
}

/** The longest label of a handshake: notes may have what it leaves. */
const LABEL = 250;

/** Between the lines of many hosts. */
const LEAST = 150;

/** The least width for so many lines; 0: any will do. */
export function widthFor(lanes: number): number {
  return lanes > 3 ? (lanes - 1) * LEAST + 264 : 0;
}

export function columnsOf(width: number, lanes: number): Columns {
  const isNarrow = width < 460;
  const time = isNarrow ? 0 : 56;
  const notes = isNarrow ? 14 : Math.min(Math.max((width - time - LABEL * Math.max(lanes - 1, 1)) / 2, 104), 190);
  const left = time + notes;
  const right = Math.max(width - notes, left + 120);
  const between = lanes > 1 ? (right - left) / (lanes - 1) : right - left;
  return { time, lanes, notes: isNarrow ? 0 : notes, between, lane: (host) => left + host * between };
}
