/** connect-echo-close: whole connections in a second: three-way handshake, one octet there and back, both FINs. */
import net from 'node:net';
import { kernelServer, LOOPBACK, loneHost } from './hosts.mjs';
import { check, inTurn, pending, result } from './measure.mjs';

const MILLISECONDS = 500;
const PARALLEL = 32;

/** The server closes first, so that TIME-WAIT keeps its port and none of the clients'. */
export async function connectEchoClose() {
  const { ours, theirs } = await inTurn(
    async () => [await oursOnce()],
    async () => [await theirsOnce()],
  );
  const [value = 0] = ours;
  const [other = 0] = theirs;
  return [result('connect-echo-close', value, 'connections/s', { name: 'node:net', value: other })];
}

/** @returns {Promise<number>} */
async function oursOnce() {
  const host = loneHost();
  const listener = host.listen({ port: 0, address: LOOPBACK });
  const crowd = new Crowd(() => one());
  listener.onConnection = (socket) => {
    const octet = new Uint8Array(1);
    socket.handler = {
      readable() {
        if (socket.tryRead(octet) !== 1) return;
        socket.tryWrite(octet);
        socket.end();
      },
      closed: crowd.over.failed,
    };
  };
  const one = () => {
    const sent = crowd.begin();
    const octet = Uint8Array.of(sent);
    let came = 0;
    const socket = host.connect({ address: LOOPBACK, port: listener.port });
    socket.handler = {
      connected: () => socket.tryWrite(octet),
      readable() {
        octet[0] = ~sent;
        came += Math.max(0, socket.tryRead(octet));
      },
      ended: () => socket.close(),
      closed(error) {
        crowd.over.failed(error);
        crowd.finish(came === 1 && octet[0] === sent);
      },
    };
  };
  for (let i = 0; i < PARALLEL; i++) one();
  const rate = await crowd.over.promise;
  host.crash();
  return rate;
}

/** @returns {Promise<number>} */
async function theirsOnce() {
  const crowd = new Crowd(() => one());
  const { server, port } = await kernelServer((socket) => {
    socket.on('data', (bytes) => socket.end(bytes));
    socket.on('error', crowd.over.failed);
  });
  const one = () => {
    const sent = crowd.begin();
    let came = 0;
    let right = false;
    const socket = net.connect({ port, host: LOOPBACK });
    socket.on('connect', () => socket.write(Uint8Array.of(sent)));
    socket.on('data', (bytes) => {
      came += bytes.length;
      right = bytes[0] === sent;
    });
    socket.on('error', crowd.over.failed);
    socket.on('close', () => crowd.finish(came === 1 && right));
  };
  for (let i = 0; i < PARALLEL; i++) one();
  const rate = await crowd.over.promise;
  server.close();
  return rate;
}

/** Keeps `PARALLEL` connections going until the time is over, then waits for the last. */
class Crowd {
  /** Connections in a second. @type {ReturnType<typeof pending<number>>} */
  over = pending();
  #next;
  #start = performance.now();
  #opened = 0;
  #closed = 0;

  /** @param {() => void} next Opens one more. */
  constructor(next) {
    this.#next = next;
  }

  /** One begins; answers the octet that it is to carry. */
  begin() {
    return ++this.#opened & 0xff;
  }

  /**
   * One is over.
   * @param {boolean} right Whether its octet came back.
   */
  finish(right) {
    check(right, 'the echo is not what was sent');
    this.#closed++;
    check(this.#closed <= this.#opened, 'a connection closed twice');
    const elapsed = performance.now() - this.#start;
    if (elapsed < MILLISECONDS) this.#next();
    else if (this.#closed === this.#opened) this.over.done((this.#closed * 1000) / elapsed);
  }
}
