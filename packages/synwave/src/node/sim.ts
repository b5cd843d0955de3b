/** synwave/sim in Node.js: worlds that take over the timers of their programs, and wait for Node's threads. */
import type { World } from '../sim/world.ts';
import { exactWorld, type NodeWorldOptions } from './surroundings.ts';

export * from '../sim/index.ts';
export { RefusedError } from './strict.ts';
export type { NodeWorldOptions } from './surroundings.ts';

/** The seed that `SYNWAVE_SEED` names, to have one run again; undefined: none. */
function seedFromOutside(): number | string | undefined {
  const { SYNWAVE_SEED: text } = process.env;
  if (text === undefined || text === '') return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Makes a world: empty, at its beginning. The environment variable SYNWAVE_SEED stands above the seed that is given. */
export function world(options: NodeWorldOptions = {}): World {
  const seed = seedFromOutside();
  return exactWorld(seed === undefined ? options : { ...options, seed });
}
