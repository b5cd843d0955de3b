/** idle-bytes: what an idle connection costs, both ends, each side in a fresh process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { kernelAllows } from './hosts.mjs';
import { result } from './measure.mjs';

const CONNECTIONS = 10_000;
const child = fileURLToPath(new URL('idle-child.mjs', import.meta.url));
const run = promisify(execFile);

/**
 * `idle-bytes` is V8's heap and what it holds outside of it (`heapUsed` + `external`), for both alike. What libuv takes
 * for a socket of `node:net` is in the resident set only, which is why that is another row; the kernel's own memory is in none.
 */
export async function idle() {
  const sockets = kernelAllows(CONNECTIONS);
  const ours = await grown('ours', CONNECTIONS);
  const theirs = await grown('node:net', sockets);
  const beside = sockets === CONNECTIONS ? 'node:net' : `node:net with ${sockets}`;
  return [
    result('idle-bytes', ours.heap, 'bytes/connection', { name: `${beside}, without libuv`, value: theirs.heap }),
    result('idle-rss', ours.rss, 'bytes/connection', { name: `${beside}, without the kernel`, value: theirs.rss }),
  ];
}

/**
 * @param {'ours' | 'node:net'} whose
 * @param {number} connections
 * @returns {Promise<{ heap: number, rss: number }>}
 */
async function grown(whose, connections) {
  const { stdout } = await run(process.execPath, ['--expose-gc', child, whose, String(connections)]);
  return JSON.parse(stdout);
}
