/**
 * world-segments: segments that a simulated pair of hosts with sockets at both ends carries in a second of real time.
 * world-crowd-N: what one connection costs in a world of N hosts with ten each, all through one router: opened, a message
 * there and back, closed. The cost must not grow with N as a search would.
 */
import { SECOND } from 'synwave';
import { world } from 'synwave/sim';
import { check, repeated, result } from './measure.mjs';
import { CHUNK, Sink, Source } from './payload.mjs';

/** Octets of one transfer. */
const OCTETS = 100_000_000;
/** One way, in microseconds; and bits per second. */
const DELAY = 1000;
const RATE = 1e9;
/** Connections that each host opens. */
const EACH = 10;
const PORT = 7;
const MESSAGE = new TextEncoder().encode('a message there and back');

export async function worldSegments() {
  return [result('world-segments', await repeated(transfer), 'segments/s')];
}

async function transfer() {
  const w = world({ seed: 1, limit: { time: 3600 * SECOND } });
  const [near, far] = [w.host('near'), w.host('far')];
  w.cable(near, far, { delay: DELAY, rate: RATE });
  const source = new Source();
  const sink = new Sink();
  const into = new Uint8Array(CHUNK);
  far.listen({ port: PORT }).onConnection = (socket) => {
    socket.handler = {
      readable() {
        for (let n = socket.tryRead(into); n > 0; n = socket.tryRead(into)) sink.take(into, n);
      },
      ended: () => socket.close(),
    };
  };
  const writer = near.connect({ address: far.address, port: PORT });
  const write = () => {
    while (source.taken < OCTETS) {
      const n = writer.tryWrite(source.buffer, source.at, Math.min(CHUNK - source.at, OCTETS - source.taken));
      if (n <= 0) return;
      source.take(n);
    }
    writer.end();
  };
  writer.handler = { connected: write, writable: write };
  const start = process.hrtime.bigint();
  await w.run(() => writer.closed);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  sink.finish(source);
  check(sink.count === OCTETS, `${sink.count} octets arrived, not ${OCTETS}`);
  return (near.counters().segmentsOut + far.counters().segmentsOut) / seconds;
}

/** @param {number} hosts */
export function worldCrowd(hosts) {
  return async () => [result(`world-crowd-${hosts}`, await repeated(() => crowd(hosts)), 'us/connection')];
}

/** @param {number} count Hosts, beside the router. */
async function crowd(count) {
  const w = world({ seed: 1 });
  const router = w.host('router');
  router.forward();
  const hosts = Array.from({ length: count }, (_, i) => {
    const host = w.host(`host ${i}`);
    w.cable(host, router, { delay: DELAY });
    host.route('0.0.0.0/0', `10.${i >> 8}.${i & 0xff}.2`);
    host.listen({ port: PORT }).onConnection = (socket) => {
      const buffer = new Uint8Array(MESSAGE.length);
      socket.handler = {
        readable() {
          for (let n = socket.tryRead(buffer); n > 0; n = socket.tryRead(buffer)) socket.tryWrite(buffer, 0, n);
        },
        ended: () => socket.close(),
      };
    };
    return host;
  });
  let over = 0;
  const start = process.hrtime.bigint();
  for (const [i, host] of hosts.entries()) {
    for (let n = 1; n <= EACH; n++) {
      const peer = hosts[(i + n * 7) % count];
      check(peer !== undefined && peer !== host, 'a host of its own');
      const socket = host.connect({ address: /** @type {typeof host} */ (peer).address, port: PORT });
      const buffer = new Uint8Array(MESSAGE.length);
      let read = 0;
      socket.handler = {
        connected: () => void socket.tryWrite(MESSAGE),
        readable() {
          for (let got = socket.tryRead(buffer); got > 0; got = socket.tryRead(buffer)) read += got;
          if (read === MESSAGE.length) socket.end();
        },
        closed: (error) => {
          check(error === null && read === MESSAGE.length, `a connection ended with ${error} after ${read} octets`);
          over++;
        },
      };
    }
  }
  await w.runFor(5 * SECOND);
  const microseconds = Number(process.hrtime.bigint() - start) / 1e3;
  check(over === count * EACH, `${over} of ${count * EACH} connections came to their end`);
  return microseconds / (count * EACH);
}
