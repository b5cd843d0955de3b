/** One thread of an exploration: makes the runs that it is told to make. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Failed, type Found, Search, type SearchOptions } from '../sim/explore/search.ts';
import { loadSubject } from './load-subject.ts';
import { exactWorld } from './node-world.ts';
import { trap } from './trap.ts';

/** What a thread is given. */
export interface WorkerData {
  readonly url: string;
  readonly name: string;
  readonly options: SearchOptions;
}

/** What it is told to do. */
export type Order =
  | { readonly type: 'run'; readonly run: number }
  | { readonly type: 'shrink'; readonly failed: Failed };

/** What it says. `alive`: while it shrinks, after each run. */
export type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'unusable'; readonly message: string }
  | { readonly type: 'alive' }
  | { readonly type: 'ran'; readonly run: number; readonly failed: Failed | null }
  | { readonly type: 'shrunk'; readonly found: Found; readonly capture: Uint8Array | null };

const port = parentPort;
if (port === null) throw new Error('explore-worker runs as a thread of an exploration');
const say = (answer: Answer): void => port.postMessage(answer);

async function begin(): Promise<Search<unknown>> {
  const { url, name, options } = workerData as WorkerData;
  return new Search(await loadSubject(url, name), {
    ...options,
    trap,
    make: (about) => {
      say({ type: 'alive' });
      return exactWorld(about);
    },
  });
}

async function obey(search: Search<unknown>, order: Order): Promise<void> {
  if (order.type === 'run') {
    say({ type: 'ran', run: order.run, failed: await search.run(order.run) });
    return;
  }
  const found = await search.shrink(order.failed);
  const { smallest } = found;
  const capture = smallest === null ? null : await search.capture({ ...found, smallest });
  say({ type: 'shrunk', found, capture });
}

try {
  const search = await begin();
  port.on('message', (order: Order) => void obey(search, order));
  say({ type: 'ready' });
} catch (error) {
  say({ type: 'unusable', message: error instanceof Error ? error.message : String(error) });
  port.close();
}
