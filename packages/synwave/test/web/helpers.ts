/** What the tests of web sockets share. */
import type { SynwaveError } from '../../src/base/errors.ts';
import { type ConnectOptions, createWeb, type ListenOptions, type Socket } from '../../src/web/index.ts';
import type { Two } from '../sim/helpers.ts';

/** A connection between the two hosts of a world: the client's socket and the server's. */
export async function sockets(
  { client, server }: Two,
  mine: Omit<ConnectOptions, 'host'> = {},
  theirs: Omit<ListenOptions, 'host'> = {},
): Promise<[Socket, Socket]> {
  const listener = createWeb(server).listen({ port: 80, ...theirs });
  const socket = createWeb(client).connect({ hostname: server.name, port: 80 }, mine);
  const { value } = await listener[Symbol.asyncIterator]().next();
  await socket.opened;
  await listener.close();
  if (value === undefined) throw new Error('the listener is closed');
  return [socket, value];
}

/** Reads a stream to its end. */
export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function text(octets: Uint8Array): string {
  return new TextDecoder().decode(octets);
}

export function octetsOf(words: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(words);
}

/** What a promise rejects with, as `code: message`; for errors without a code in their cause, the message alone. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof TypeError)) return `not a TypeError: ${String(error)}`;
    const cause = error.cause as SynwaveError | undefined;
    return cause?.code === undefined ? error.message : `${cause.code}: ${error.message}`;
  }
  return 'it did not reject';
}
