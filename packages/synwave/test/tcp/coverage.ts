/** What the tests of the engine cover, told to the reporter of `npm run states` through the test that runs. */
import { TestRunner } from 'vitest';
import { moves, type State, stateNames } from '../../src/tcp/state.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** Cells of the table of states and kinds of segments, as `state|kind`. */
    cells?: string[];
    /** Arrows of the state diagram, as `from|to`. */
    arrows?: string[];
    /** All that there is to cover; one test tells it. */
    wanted?: typeof wanted;
  }
}

/** Every kind of segment that RFC 9293 §3.10.7 and what grew around it tell apart. */
export const kinds = [
  'RST at RCV.NXT',
  'RST,ACK at RCV.NXT',
  'RST in the window',
  'RST,ACK in the window',
  'RST outside the window',
  'RST,ACK outside the window',
  'SYN in the window',
  'SYN left of the window',
  'SYN right of the window',
  'SYN, later timestamp',
  'SYN, earlier timestamp',
  'SYN,ACK, good ACK',
  'SYN,ACK, bad ACK',
  'ACK',
  'ACK old',
  'ACK older than any window',
  'ACK of the unsent',
  'no ACK',
  'text in order',
  'text out of order',
  'text left of the window',
  'text across the left edge',
  'text right of the window',
  'text, window closed',
  'FIN',
  'FIN out of order',
  'FIN left of the window',
  'FIN, ACK of all',
  'URG',
  'timestamp from the past',
  'timestamp missing',
] as const;

export type Kind = (typeof kinds)[number];

/** The test that runs covers this cell. */
export function noteCell(state: State, kind: Kind): void {
  note('cells', `${stateNames[state]}|${kind}`);
}

/** The test that runs takes this arrow. */
export function noteMove(from: State, to: State): void {
  note('arrows', `${stateNames[from]}|${stateNames[to]}`);
}

function note(list: 'cells' | 'arrows', what: string): void {
  const meta = TestRunner.getCurrentTest()?.meta;
  if (meta === undefined) return;
  const noted = (meta[list] ??= []);
  if (!noted.includes(what)) noted.push(what);
}

/** The test that runs tells the reporter what there is to cover. */
export function noteWanted(): void {
  const meta = TestRunner.getCurrentTest()?.meta;
  if (meta !== undefined) meta.wanted = wanted;
}

/** Everything that there is to cover, in the order to print. */
const wanted: {
  readonly states: readonly string[];
  readonly kinds: readonly string[];
  readonly arrows: readonly string[];
} = {
  states: stateNames,
  kinds,
  arrows: moves.map(([from, to]) => `${stateNames[from]}|${stateNames[to]}`),
};
