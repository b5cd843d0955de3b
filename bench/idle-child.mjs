/** For idle.mjs, with --expose-gc: opens connections, lets each echo once, and prints by how much memory has grown. */
import { setTimeout as sleep } from 'node:timers/promises';
import { echoInTurn, kernelCrowd, ourCrowd } from './crowd.mjs';

const [whose, count] = process.argv.slice(2);
const size = Number(count);
const open = whose === 'ours' ? ourCrowd : kernelCrowd;

// What is loaded and compiled with the first connections is not the connections' cost.
const first = await open(100);
await echoInTurn(first, 32, (echoes) => echoes >= 200);
first.end();
const before = await memory();
const crowd = await open(size);
await echoInTurn(crowd, 32, (echoes) => echoes >= size);
const after = await memory();
const each = (/** @type {'heap' | 'rss'} */ what) => Math.round((after[what] - before[what]) / size);
process.stdout.write(JSON.stringify({ heap: each('heap'), rss: each('rss') }));
crowd.end();
process.exit();

async function memory() {
  for (let i = 0; i < 3; i++) {
    await sleep(50); // delayed ACKs go out, what is closed is let go
    globalThis.gc?.();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}
