/** echo-p50, echo-p99: one octet there and back, again and again, on one connection that does not delay. */
import net from 'node:net';
import { kernelServer, LOOPBACK, loneHost } from './hosts.mjs';
import { check, inTurn, pending, quantile, result } from './measure.mjs';

const MILLISECONDS = 300;
/** Round trips before the clock counts. */
const WARM = 1000;

export async function echo() {
  const { ours, theirs } = await inTurn(oursOnce, theirsOnce);
  return ['echo-p50', 'echo-p99'].map((name, i) =>
    result(name, ours[i] ?? 0, 'µs', { name: 'node:net', value: theirs[i] ?? 0 }),
  );
}

/** @returns {Promise<number[]>} */
async function oursOnce() {
  const host = loneHost();
  const listener = host.listen({ port: 0, address: LOOPBACK });
  listener.onConnection = (socket) => {
    const octet = new Uint8Array(1);
    socket.setNoDelay();
    socket.handler = {
      readable() {
        if (socket.tryRead(octet) === 1) socket.tryWrite(octet);
      },
    };
  };
  const client = host.connect({ address: LOOPBACK, port: listener.port });
  await client.opened;
  client.setNoDelay();
  const trips = new Trips((octet) => client.tryWrite(octet));
  const octet = new Uint8Array(1);
  client.handler = {
    readable() {
      if (client.tryRead(octet) === 1) trips.back(octet);
    },
    closed: trips.over.failed,
  };
  const times = await trips.run();
  host.crash();
  return times;
}

/** @returns {Promise<number[]>} */
async function theirsOnce() {
  const { server, port } = await kernelServer((socket) => {
    socket.setNoDelay();
    socket.on('data', (bytes) => socket.write(bytes));
  });
  const client = net.connect({ port, host: LOOPBACK, noDelay: true });
  await new Promise((resolve) => client.once('connect', resolve));
  const trips = new Trips((octet) => client.write(octet));
  client.on('data', (bytes) => trips.back(bytes));
  client.on('error', trips.over.failed);
  const times = await trips.run();
  client.destroy();
  server.close();
  return times;
}

/** Round trips, one after another, with the time of each. */
class Trips {
  /** @type {ReturnType<typeof pending<number[]>>} */
  over = pending();
  #octet = new Uint8Array(1);
  #send;
  #count = 0;
  #begin = 0;
  #sentAt = 0;
  /** @type {number[]} */
  #times = [];

  /** @param {(octet: Uint8Array) => unknown} send */
  constructor(send) {
    this.#send = send;
  }

  /** Answers p50 and p99 in microseconds. */
  run() {
    this.#begin = performance.now();
    this.#go();
    return this.over.promise;
  }

  /** @param {Uint8Array} octet */
  back(octet) {
    const now = performance.now();
    check(octet[0] === this.#octet[0] && octet.length === 1, 'the echo is not what was sent');
    if (++this.#count > WARM) this.#times.push((now - this.#sentAt) * 1000);
    else this.#begin = now;
    if (now - this.#begin < MILLISECONDS) this.#go();
    else this.#finish();
  }

  #go() {
    this.#octet[0] = this.#count;
    this.#sentAt = performance.now();
    this.#send(this.#octet);
  }

  #finish() {
    const sorted = Float64Array.from(this.#times).sort();
    this.over.done([quantile(sorted, 0.5), quantile(sorted, 0.99)]);
  }
}
