/** Many open connections at once, ours and the kernel's, all echoing: what `many` and `idle` share. */
import net from 'node:net';
import { kernelServer, LOOPBACK, loneHost } from './hosts.mjs';
import { check, pending } from './measure.mjs';

/** How many are opened at a time. */
const OPENING = 128;

/** @typedef {(i: number, bytes: Uint8Array) => void} Back The i-th connection has had an answer. */

/**
 * Open connections whose far ends echo.
 * @typedef {object} Crowd
 * @property {number} size
 * @property {(i: number, octet: Uint8Array) => void} send One octet on the i-th.
 * @property {(back: Back) => void} onEcho Who hears of each octet that comes back.
 * @property {() => void} end
 */

/**
 * @param {number} size
 * @returns {Promise<Crowd>}
 */
export async function ourCrowd(size) {
  const host = loneHost();
  const listener = host.listen({ port: 0, address: LOOPBACK });
  const octet = new Uint8Array(1);
  listener.onConnection = (socket) => {
    socket.handler = new OurEcho(socket, octet);
  };
  /** @type {{ back: Back }} */
  const hears = { back: () => undefined };
  /** @type {import('synwave').TcpSocket[]} */
  const clients = [];
  while (clients.length < size) {
    const some = Array.from({ length: Math.min(OPENING, size - clients.length) }, () =>
      host.connect({ address: LOOPBACK, port: listener.port }),
    );
    await Promise.all(some.map((client) => client.opened));
    for (const client of some) {
      client.handler = new OurClient(client, octet, clients.length, hears);
      clients.push(client);
    }
  }
  return {
    size,
    send: (i, bytes) => check(clients[i]?.tryWrite(bytes) === 1, 'a connection takes nothing'),
    onEcho(back) {
      hears.back = back;
    },
    end: () => host.crash(),
  };
}

/** The far end of one of ours: what comes goes back. */
class OurEcho {
  #socket;
  #octet;

  /**
   * @param {import('synwave').TcpSocket} socket
   * @param {Uint8Array} octet
   */
  constructor(socket, octet) {
    this.#socket = socket;
    this.#octet = octet;
  }

  readable() {
    if (this.#socket.tryRead(this.#octet) === 1) this.#socket.tryWrite(this.#octet);
  }
}

class OurClient {
  #socket;
  #octet;
  #i;
  #hears;

  /**
   * @param {import('synwave').TcpSocket} socket
   * @param {Uint8Array} octet
   * @param {number} i
   * @param {{ back: Back }} hears
   */
  constructor(socket, octet, i, hears) {
    this.#socket = socket;
    this.#octet = octet;
    this.#i = i;
    this.#hears = hears;
  }

  readable() {
    if (this.#socket.tryRead(this.#octet) === 1) this.#hears.back(this.#i, this.#octet);
  }
}

/**
 * @param {number} size
 * @returns {Promise<Crowd>}
 */
export async function kernelCrowd(size) {
  /** @type {{ back: Back }} */
  const hears = { back: () => undefined };
  let accepted = 0;
  /** @type {() => void} */
  let onAccepted = () => undefined;
  const { server, port } = await kernelServer((socket) => {
    socket.on('data', echo);
    accepted++;
    onAccepted();
  });
  /** @type {net.Socket[]} */
  const clients = [];
  while (clients.length < size) {
    const some = Array.from({ length: Math.min(OPENING, size - clients.length) }, () =>
      net.connect({ port, host: LOOPBACK }),
    );
    // The far ends as well, or else the queue of those that wait to be accepted overflows, and a SYN is lost for a second.
    const far = new Promise((resolve) => {
      onAccepted = () => {
        if (accepted === clients.length + some.length) resolve(undefined);
      };
    });
    await Promise.all([far, ...some.map(connected)]);
    for (const client of some) {
      const i = clients.length;
      client.on('data', (bytes) => hears.back(i, bytes));
      clients.push(client);
    }
  }
  return {
    size,
    send: (i, bytes) => void clients[i]?.write(bytes),
    onEcho(back) {
      hears.back = back;
    },
    end() {
      for (const client of clients) client.destroy();
      server.close();
    },
  };
}

/**
 * @this {net.Socket}
 * @param {Uint8Array} bytes
 */
function echo(bytes) {
  this.write(bytes);
}

/** @param {net.Socket} socket */
function connected(socket) {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
}

/**
 * Every connection echoes in its turn, `parallel` of them at a time, until `enough(echoes, milliseconds)`.
 * Answers echoes in a second.
 * @param {Crowd} crowd
 * @param {number} parallel
 * @param {(echoes: number, milliseconds: number) => boolean} enough
 * @returns {Promise<number>}
 */
export async function echoInTurn(crowd, parallel, enough) {
  /** @type {ReturnType<typeof pending<number>>} */
  const over = pending();
  const lanes = Math.min(parallel, crowd.size);
  const start = performance.now();
  let sent = 0;
  let came = 0;
  let stopped = false;
  /** What each connection carried last. */
  const last = new Uint8Array(crowd.size);
  const go = (/** @type {number} */ i) => {
    last[i] = sent++;
    crowd.send(i, last.slice(i, i + 1));
  };
  crowd.onEcho((i, bytes) => {
    if (bytes.length !== 1 || bytes[0] !== last[i]) over.failed(new Error('bench: the echo is not what was sent'));
    came++;
    const elapsed = performance.now() - start;
    stopped ||= enough(sent, elapsed);
    // Each lane has connections of its own, so that none has two octets under way.
    if (!stopped) go(i + lanes < crowd.size ? i + lanes : i % lanes);
    else if (came === sent) over.done((came * 1000) / elapsed);
  });
  for (let i = 0; i < lanes; i++) go(i);
  return over.promise;
}
