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
  const { begun, over, count } = crowd(() => one());
  listener.onConnection = (socket) => {
    const octet = new Uint8Array(1);
    socket.handler = {
      readable() {
        if (socket.tryRead(octet) !== 1) return;
        socket.tryWrite(octet);
        socket.end();
      },
      closed: over.failed,
    };
  };
  const one = () => {
    const sent = begun();
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
        over.failed(error);
        count(came === 1 && octet[0] === sent);
      },
    };
  };
  for (let i = 0; i < PARALLEL; i++) one();
  const rate = await over.promise;
  host.crash();
  return rate;
}

/** @returns {Promise<number>} */
async function theirsOnce() {
  const { begun, over, count } = crowd(() => one());
  const { server, port } = await kernelServer((socket) => {
    socket.on('data', (bytes) => socket.end(bytes));
    socket.on('error', over.failed);
  });
  const one = () => {
    const sent = begun();
    let came = 0;
    let right = false;
    const socket = net.connect({ port, host: LOOPBACK });
    socket.on('connect', () => socket.write(Uint8Array.of(sent)));
    socket.on('data', (bytes) => {
      came += bytes.length;
      right = bytes[0] === sent;
    });
    socket.on('error', over.failed);
    socket.on('close', () => count(came === 1 && right));
  };
  for (let i = 0; i < PARALLEL; i++) one();
  const rate = await over.promise;
  server.close();
  return rate;
}

/**
 * Keeps `PARALLEL` connections going until the time is over, then waits for the last.
 * @param {() => void} next Opens one more.
 */
function crowd(next) {
  /** @type {ReturnType<typeof pending<number>>} */
  const over = pending();
  const start = performance.now();
  let opened = 0;
  let closed = 0;
  return {
    over,
    /** One begins; answers the octet that it is to carry. */
    begun: () => ++opened & 0xff,
    /** One is over. */
    count(/** @type {boolean} */ right) {
      if (!right) over.failed(new Error('bench: the echo is not what was sent'));
      closed++;
      const elapsed = performance.now() - start;
      if (elapsed < MILLISECONDS) next();
      else if (closed === opened) over.done((closed * 1000) / elapsed);
      check(closed <= opened, 'a connection closed twice');
    },
  };
}
