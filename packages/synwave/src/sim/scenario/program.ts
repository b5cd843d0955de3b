/** Scenario files whose network is built by a program: the program, a seed, and what befalls packets. The page does not run them. */

import type { MatchFault } from '../fault-group.ts';
import { parseFault } from '../fault-text.ts';
import { parseMatch } from '../match.ts';
import { checkedId } from './parse.ts';
import { Reader } from './reader.ts';
import type { Words } from './words.ts';

/** Where a program is: a module, by a path from the file's own, and which of its exports. */
export interface ProgramRef {
  readonly module: string;
  readonly name: string;
}

export interface ProgramScenario {
  readonly id: string;
  readonly title: Words;
  readonly summary: Words;
  readonly seed: number | string;
  readonly program: ProgramRef;
  /** Nothing but these befalls packets: chance is switched off. */
  readonly faults: readonly MatchFault[];
}

/** Whether the value of a JSON file is a scenario that is run by a program. */
export function hasProgram(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'program' in value;
}

/** Reads one from the value of its JSON file. Throws ScenarioError, which names the place in the file. */
export function parseProgramScenario(value: unknown): ProgramScenario {
  const reader = new Reader(value, '');
  const scenario = {
    id: checkedId(reader),
    title: reader.words('title'),
    summary: reader.words('summary'),
    seed: reader.seed('seed', 1),
    program: parseProgramRef(reader.text('program')),
    faults: reader.list('faults').map((each) => {
      const fault = { match: each.made('match', parseMatch), do: each.made('do', parseFault) };
      each.end();
      return fault;
    }),
  };
  reader.end();
  return scenario;
}

/** `./client.mjs`, which is its default export, or `./client.mjs#name`. */
export function parseProgramRef(text: string): ProgramRef {
  const at = text.lastIndexOf('#');
  return at < 0
    ? { module: text, name: 'default' }
    : { module: text.slice(0, at), name: text.slice(at + 1) || 'default' };
}
