/** What a case of the differential suite is made of: a name, the items it covers, and what it does with a `net`. */
import type nodeNet from 'node:net';
import type { Item } from './items.ts';
import type { Stage } from './stage.ts';

/** The module that a case is given: the real one, or ours. */
export type Net = typeof nodeNet;

export interface Case {
  readonly name: string;
  readonly covers: readonly Item[];
  /** Does something with `net` and writes down what it sees; what it opened, the stage takes away. */
  readonly run: (net: Net, on: Stage) => void | Promise<void>;
  /** Set where the case touches what all cases of the process share (defaults of the module, channels). */
  readonly alone?: boolean;
  /** The major version of Node.js from which the real one does otherwise, where ours keeps to what Node.js 20 does. */
  readonly until?: number;
}

/** A list of cases, checked as it is written. */
export function cases(...list: readonly (Case | readonly Case[])[]): readonly Case[] {
  return list.flat();
}
