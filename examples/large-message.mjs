/**
 * A message that is larger than one read. TCP carries a stream of octets: one write may come in many reads, and many writes
 * in one. So the message says how long it is, and the reader goes on until it has that many octets. The loop of many
 * tutorials, one recv(1024) for one message, gets its beginning only. Here 1 MiB goes from one socket to another.
 *
 *   node examples/large-message.mjs
 *
 * 一条比一次读取更大的消息。TCP 传送的是字节流：一次写可能要多次读，多次写也可能一次读到。所以消息前面写明长度，读的一方读满
 * 为止。许多教程用一次 recv(1024) 收一条消息，只能得到开头。这里把 1 MiB 从一个套接字传到另一个。
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'synwave/net';

/** @param {Buffer} octets */
const hashOf = (octets) => createHash('sha256').update(octets).digest('hex').slice(0, 16);

const server = createServer(async (socket) => {
  /** @type {Buffer[]} */
  const chunks = [];
  let received = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let reads = 0;
  for await (const chunk of socket) {
    reads++;
    chunks.push(chunk);
    received += chunk.length;
    // The length itself may come in pieces: four octets are awaited like all others.
    if (wanted === Number.POSITIVE_INFINITY && received >= 4) wanted = 4 + Buffer.concat(chunks).readUInt32BE();
    if (received >= wanted) break;
  }
  const message = Buffer.concat(chunks).subarray(4, wanted);
  process.stdout.write(
    `the first read brought ${chunks[0]?.length} octets, all ${reads} together ${message.length + 4}\n`,
  );
  process.stdout.write(`received: ${message.length} octets, SHA-256 ${hashOf(message)}\n`);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const { port } = /** @type {{ port: number }} */ (server.address());
const message = Buffer.alloc(1024 * 1024, 'synwave waves hello. ');
const length = Buffer.alloc(4);
length.writeUInt32BE(message.length);

const socket = connect(port, '127.0.0.1');
socket.write(length);
socket.end(message);
process.stdout.write(`sent:     ${message.length} octets, SHA-256 ${hashOf(message)}\n`);
await once(socket, 'close');
server.close();
