/** bulk-1500, bulk-65535: one direction, as fast as it goes, writer and reader in one process. */
import net from 'node:net';
import { onTheWire } from 'synwave';
import { FAR, joinedHosts, kernelServer, LOOPBACK } from './hosts.mjs';
import { inTurn, pending, result } from './measure.mjs';
import { CHUNK, Sink, Source } from './payload.mjs';

/** How long the writer writes. */
const MILLISECONDS = 350;

/** Segments of an Ethernet, every checksum filled in and verified. */
export async function bulk1500() {
  return [await bulk('bulk-1500', { mtu: 1500, offloads: onTheWire })];
}

/** The largest packets, without checksums, as the kernel's loopback has them. */
export async function bulk65535() {
  return [await bulk('bulk-65535', { mtu: 65_535 })];
}

/**
 * @param {string} name
 * @param {import('synwave').PipeOptions} options
 */
async function bulk(name, options) {
  const { ours, theirs } = await inTurn(
    async () => [await oursOnce(options)],
    async () => [await theirsOnce()],
  );
  const [value = 0] = ours;
  const [other = 0] = theirs;
  return result(name, value, 'Gbit/s', { name: 'node:net', value: other });
}

/**
 * @param {import('synwave').PipeOptions} options
 * @returns {Promise<number>}
 */
async function oursOnce(options) {
  const { near, far } = joinedHosts(options);
  const listener = far.listen({ port: 0 });
  const source = new Source();
  const sink = new Sink();
  const end = pending();
  listener.onConnection = (socket) => {
    const into = new Uint8Array(CHUNK);
    socket.handler = {
      readable() {
        for (let n = socket.tryRead(into); n > 0; n = socket.tryRead(into)) sink.take(into, n);
      },
      ended: () => end.done(performance.now()),
      closed: end.failed,
    };
  };
  const writer = near.connect({ address: FAR, port: listener.port });
  await writer.opened;
  const start = performance.now();
  const write = () => {
    for (;;) {
      if (performance.now() - start > MILLISECONDS) {
        writer.end();
        return;
      }
      const n = writer.tryWrite(source.buffer, source.at);
      if (n < 0) throw new Error('bench: the writer was refused');
      source.take(n);
      if (source.at !== 0 || n === 0) return; // `writable` follows
    }
  };
  writer.handler = { writable: write, closed: end.failed };
  write();
  const stop = await end.promise;
  sink.finish(source);
  near.crash();
  far.crash();
  return gigabits(sink.count, stop - start);
}

/** @returns {Promise<number>} */
async function theirsOnce() {
  const source = new Source();
  const sink = new Sink();
  const end = pending();
  const { server, port } = await kernelServer((socket) => {
    socket.on('data', (bytes) => sink.take(bytes, bytes.length));
    socket.on('end', () => end.done(performance.now()));
    socket.on('error', end.failed);
  });
  const writer = net.connect({ port, host: LOOPBACK });
  await new Promise((resolve) => writer.once('connect', resolve));
  const start = performance.now();
  const write = () => {
    for (;;) {
      if (performance.now() - start > MILLISECONDS) {
        writer.end();
        return;
      }
      const { buffer } = source;
      source.take(CHUNK);
      if (!writer.write(buffer)) return; // `drain` follows
    }
  };
  writer.on('drain', write);
  writer.on('error', end.failed);
  write();
  const stop = await end.promise;
  sink.finish(source);
  server.close();
  return gigabits(sink.count, stop - start);
}

/**
 * @param {number} octets
 * @param {number} milliseconds
 */
function gigabits(octets, milliseconds) {
  return (octets * 8) / milliseconds / 1e6;
}
