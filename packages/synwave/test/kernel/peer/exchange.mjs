/**
 * A peer that is the kernel's, in a namespace of its own: `serve ADDRESS SIZE KEY` prints its port and waits for one
 * connection, `call ADDRESS PORT SIZE KEY` opens one. Either sends SIZE octets and a FIN, and prints the digest of what came.
 */
import { createHash } from 'node:crypto';
import net from 'node:net';

const [act, address = '', ...rest] = process.argv.slice(2);
const port = act === 'call' ? Number(rest.shift()) : 0;
const [size = 0, key = 0] = rest.map(Number);

/** @param {string | number | undefined} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/** As test/world/data.ts has it. */
function octets() {
  const bytes = new Uint8Array(size);
  let x = (key * 2654435761 + 1) | 0;
  for (let i = 0; i < size; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) | 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

/** @param {net.Socket} socket */
function exchange(socket) {
  const hash = createHash('sha256');
  socket.end(octets());
  socket.on('data', (chunk) => hash.update(chunk));
  socket.on('end', () => say(hash.digest('hex')));
  socket.on('error', (error) => say(/** @type {NodeJS.ErrnoException} */ (error).code));
}

if (act === 'call') exchange(net.connect({ host: address, port, allowHalfOpen: true }));
else {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    server.close();
    exchange(socket);
  });
  server.listen(0, address, () => {
    const own = server.address();
    if (own !== null && typeof own === 'object') say(own.port);
  });
}
