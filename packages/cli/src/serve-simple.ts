/** Servers of one sentence: RFC 863, discard; RFC 864, the character generator. */
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';

/** Takes everything, and says nothing. */
export function discard(socket: Socket): void {
  socket.on('end', () => socket.end()).resume();
}

const FIRST = 0x20;
const COUNT = 95;
const WIDTH = 72;

/** RFC 864's pattern: lines of 72 of the 95 printable characters, each begins with the next one. All 95 lines. */
export const PATTERN: Buffer = Buffer.concat(
  Array.from({ length: COUNT }, (_, line) =>
    Buffer.from([...Array.from({ length: WIDTH }, (_each, i) => FIRST + ((line + i) % COUNT)), 13, 10]),
  ),
);

/** Sends characters until the client has had enough; what the client sends is thrown away. */
export function generate(socket: Socket): void {
  const chunk = Buffer.concat(Array.from({ length: 8 }, () => PATTERN));
  const characters = new Readable({ highWaterMark: chunk.length, read: () => void characters.push(chunk) });
  characters.pipe(socket);
  socket.on('end', () => {
    characters.unpipe(socket);
    socket.end();
  });
  socket.on('close', () => characters.destroy());
  socket.resume();
}
