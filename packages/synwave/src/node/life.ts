/** Life: from one boot of a host to its next crash; programs that began in it, and all that they arm, belong to it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { SimHost } from '../sim/host.ts';

export interface Life {
  readonly host: SimHost;
  over: boolean;
}

/** That of the program which runs now; undefined: it belongs to no host. */
export const lives: AsyncLocalStorage<Life> = new AsyncLocalStorage<Life>();
