/** Scenario files: those that come with synwave, by their names, and any other by its path. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { parseScenario, type Scenario, ScenarioError } from 'synwave/sim';
import { systemReason, UserError } from '../errors.ts';
import { nearest } from '../nearest.ts';

/** A scenario, and which variant of it is asked for; null: none. */
export interface Chosen {
  readonly scenario: Scenario;
  readonly variant: string | null;
}

/** `id`, `id:variant`, a number of the list, or the path of a `.json` file. Throws UserError. */
export function choose(name: string): Chosen {
  const [head = '', variant = null] = name.endsWith('.json') ? [name] : name.split(':');
  const scenario = head.endsWith('.json') ? readScenario(head) : named(head);
  const known = scenario.variants.map(({ id }) => id);
  if (variant === null || known.includes(variant)) return { scenario, variant };
  const there = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  throw new UserError(`scenario ${scenario.id} has no variant ${variant}; ${there}`);
}

/** All that come with synwave, in the order of their numbers. */
export function allScenarios(): Scenario[] {
  return scenarioNames()
    .map((id) => readScenario(join(folder(), `${id}.json`)))
    .sort((a, b) => (a.number ?? Number.POSITIVE_INFINITY) - (b.number ?? Number.POSITIVE_INFINITY));
}

function named(name: string): Scenario {
  const names = scenarioNames();
  if (names.includes(name)) return readScenario(join(folder(), `${name}.json`));
  const numbered = /^\d+$/.test(name) ? allScenarios().find(({ number }) => number === Number(name)) : undefined;
  if (numbered !== undefined) return numbered;
  const near = nearest(name, names);
  const hint = near === null ? 'synwave run --list names them' : `is ${near} meant?`;
  throw new UserError(`there is no scenario ${name}; ${hint}`);
}

function scenarioNames(): string[] {
  return readdirSync(folder())
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'));
}

/** Where the package has them. */
function folder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('synwave/package.json')), 'scenarios');
}

function readScenario(path: string): Scenario {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${systemReason(error)}`);
  }
  try {
    return parseScenario(JSON.parse(text));
  } catch (error) {
    if (error instanceof ScenarioError || error instanceof SyntaxError) {
      throw new UserError(`${path}: ${error.message}`);
    }
    throw error;
  }
}
