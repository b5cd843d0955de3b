/** synwave/sim in Node.js: worlds that take over the timers of their programs, and wait for Node's threads. */
import { type Internet, type InternetOptions, internetIn } from '../sim/internet.ts';
import type { NodeHost } from './node-host.ts';
import { NodeWorld } from './node-world.ts';
import type { NodeWorldOptions } from './surroundings.ts';

export * from '../sim/index.ts';
export type { HostHttp } from './http.ts';
export { NodeHost } from './node-host.ts';
export { NodeWorld } from './node-world.ts';
export { RefusedError } from './strict.ts';
export type { NodeWorldOptions } from './surroundings.ts';

/** The seed that `SYNWAVE_SEED` names, to have one run again; undefined: none. */
function seedFromOutside(): number | string | undefined {
  const { SYNWAVE_SEED: text } = process.env;
  if (text === undefined || text === '') return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Makes a world: empty, at its beginning. The environment variable SYNWAVE_SEED stands above the seed that is given. */
export function world(options: NodeWorldOptions = {}): NodeWorld {
  const seed = seedFromOutside();
  return new NodeWorld(seed === undefined ? options : { ...options, seed });
}

/** The small internet of `synwave/sim`, in such a world. Throws RangeError for impairments that make no sense. */
export function internet(options: InternetOptions & NodeWorldOptions = {}): Internet<NodeWorld, NodeHost> {
  const { long, ...about } = options;
  return internetIn(world(about), (w, name) => w.host(name), long);
}
