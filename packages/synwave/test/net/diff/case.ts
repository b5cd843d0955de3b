/** What a case of the differential suite is made of: a name, the items it covers, and what it does with a `net`. */
import type nodeNet from 'node:net';
import type { Family } from '../../../src/base/address.ts';
import type { Item } from './items.ts';
import type { Stage } from './stage.ts';

/** The module that a case is given: the real one, or ours. */
export type Net = typeof nodeNet;

export interface Case {
  readonly name: string;
  readonly covers: readonly Item[];
  /**
   * Set where the case is about families itself, or about no address: it is run once, and names its addresses. All others
   * are run over each family, on the stage's `host`; the suite fails one that is marked wrong.
   */
  readonly once?: boolean;
  /** Set where a case needs ::1, whatever family it is run over. */
  readonly six?: boolean;
  /** Does something with `net` and writes down what it sees; what it opened, the stage takes away. */
  readonly run: (net: Net, on: Stage) => void | Promise<void>;
  /** Set where the case touches what all cases of the process share (defaults of the module, channels). */
  readonly alone?: boolean;
  /** The major version of Node.js from which the real one does otherwise, where ours keeps to what Node.js 20 does. */
  readonly until?: number;
}

/** A case as it is run: over a family, or by itself. */
export interface Run {
  readonly name: string;
  readonly one: Case;
  /** Null: the case is run once. */
  readonly family: Family | null;
}

/** Each case over both families, or once. */
export function runs(list: readonly Case[]): readonly Run[] {
  return list.flatMap((one): Run[] => {
    if (one.once === true) return [{ name: one.name, one, family: null }];
    return ([4, 6] as const).map((family) => ({ name: `${one.name} [IPv${family}]`, one, family }));
  });
}

/** A list of cases, checked as it is written. */
export function cases(...list: readonly (Case | readonly Case[])[]): readonly Case[] {
  return list.flat();
}

/** The same for cases that are all run once. */
export function onceEach(...list: readonly (Case | readonly Case[])[]): readonly Case[] {
  return list.flat().map((one) => ({ ...one, once: true }));
}

/** The same for cases that are all about both families. */
export function ofBoth(...list: readonly (Case | readonly Case[])[]): readonly Case[] {
  return list.flat().map((one) => ({ ...one, once: true, six: true }));
}
