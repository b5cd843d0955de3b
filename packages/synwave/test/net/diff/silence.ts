/** A place that never answers, for each side: attempts to connect there neither succeed nor fail. */
import { once } from 'node:events';
import nodeNet from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { inProcess, type Link } from '../../../src/link/link.ts';
import { createHost } from '../../../src/node/index.ts';
import { createNet } from '../../../src/node/net.ts';
import type { Net } from './case.ts';

export interface Silence {
  /** The module to connect with. */
  readonly net: Net;
  readonly address: string;
  readonly port: number;
  readonly end: () => void;
}

/** Listens with the shortest queue, then holds its thread: nobody is accepted any more. */
const DEAF = `
const { parentPort, workerData: host } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: 0, host, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000));
});`;

/** How long the kernel may take to answer over loopback, in milliseconds: after that it is silent. */
const PATIENCE = 60;

/** The kernel drops a SYN for a listener whose queue is full, so the queue of a deaf one is filled. */
export async function kernelSilence(host: string): Promise<Silence> {
  const worker = new Worker(DEAF, { eval: true, workerData: host });
  const [port] = (await once(worker, 'message')) as [number];
  const waiting: nodeNet.Socket[] = [];
  for (let answered = true; answered && waiting.length < 8; ) {
    const socket = nodeNet.connect(port, host).on('error', () => {});
    waiting.push(socket);
    answered = await Promise.race([once(socket, 'connect').then(() => true), sleep(PATIENCE, false)]);
  }
  const end = (): void => {
    for (const socket of waiting) socket.destroy();
    void worker.terminate();
  };
  return { net: nodeNet, address: host, port, end };
}

/** A link that takes everything and delivers nothing. */
const hole: Link = { name: 'hole', mtu: 1500, offloads: inProcess, send: (frame) => frame.release(), attach: () => {} };

/** A host of ours with a link into nowhere (addresses of RFC 5737 §3 and RFC 3849). */
export function ourSilence(host: string): Promise<Silence> {
  const ours = createHost();
  ours.attach(hole, ['198.51.100.1/24', '2001:db8::1/64']);
  const address = host === '::1' ? '2001:db8::2' : '198.51.100.2';
  return Promise.resolve({ net: createNet(ours), address, port: 50_000, end: () => {} });
}
