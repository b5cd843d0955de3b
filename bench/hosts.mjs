/** Our hosts and the kernel's sockets, as every measurement sets them up. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { pipe } from 'synwave';
import { createHost, NodeLoop } from 'synwave/node';

export const LOOPBACK = '127.0.0.1';
/** Where the second of two hosts is. */
export const FAR = '10.0.0.2';

/** One host, with a loop of its own that goes with it. */
export function loneHost() {
  return createHost({ name: 'lone', loop: new NodeLoop() });
}

/**
 * Two hosts joined by a pipe.
 * @param {import('synwave').PipeOptions} options
 */
export function joinedHosts(options) {
  const loop = new NodeLoop();
  const near = createHost({ name: 'near', loop });
  const far = createHost({ name: 'far', loop });
  const [a, b] = pipe(options);
  near.attach(a, ['10.0.0.1/24']);
  far.attach(b, [`${FAR}/24`]);
  return { near, far };
}

/**
 * A server of the kernel's on the loopback.
 * @param {(socket: net.Socket) => void} onConnection
 * @returns {Promise<{ server: net.Server, port: number }>}
 */
export async function kernelServer(onConnection) {
  const server = net.createServer(onConnection);
  server.listen({ port: 0, host: LOOPBACK, backlog: 1024 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('bench: the server has no port');
  return { server, port: address.port };
}

/**
 * How many of `wanted` connections, both ends in this process, the kernel's limit on open files allows.
 * @param {number} wanted
 * @returns {number}
 */
export function kernelAllows(wanted) {
  const spare = 200; // for what the program itself has open
  return Math.min(wanted, Math.floor((openFiles() - spare) / 2));
}

/** Node.js raises its limit to the hard one as it starts. */
function openFiles() {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return line === null ? Number.POSITIVE_INFINITY : Number(line[1]);
  } catch {
    return Number.POSITIVE_INFINITY; // not a Linux: the connections themselves will tell
  }
}
