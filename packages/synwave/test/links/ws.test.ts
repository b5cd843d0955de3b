/** synwave/ws beyond what every link does: who is let in, what is too long, slow readers, calling again. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Frame } from '../../src/base/frame.ts';
import {
  type MessageLink,
  type PacketServer,
  type PacketServerOptions,
  packetServer,
  type Refusal,
  type WebSocketLink,
  type WebSocketLinkOptions,
  wsLink,
} from '../../src/node/ws/index.ts';
import { octets } from '../world/data.ts';

const TOKEN = 'a-token.of_ours';
const SPOKEN = 'synwave.packets';

let server: PacketServer;
let callers: MessageLink[];
let left: MessageLink[];
let refusals: Refusal['reason'][];
let links: WebSocketLink[];

async function serve(options: Partial<PacketServerOptions> = {}): Promise<void> {
  // Callers of one test may leave when the next has begun.
  const [joined, gone, refused] = [[] as MessageLink[], [] as MessageLink[], [] as Refusal['reason'][]];
  [callers, left, refusals] = [joined, gone, refused];
  server = await packetServer({
    token: TOKEN,
    onJoin: (link) => joined.push(link),
    onLeave: (link) => gone.push(link),
    onRefusal: ({ reason }) => refused.push(reason),
    ...options,
  });
}

async function call(options: Partial<WebSocketLinkOptions> = {}): Promise<WebSocketLink> {
  const link = await wsLink({ url: server.url, token: TOKEN, ...options });
  links.push(link);
  return link;
}

/** As a browser or any other program would; resolves to `open` or to the HTTP status. */
async function raw(protocols: string[], origin?: string): Promise<WebSocket | number> {
  const socket = new WebSocket(server.url, protocols, origin === undefined ? {} : { origin });
  return new Promise((resolve) => {
    socket.on('open', () => resolve(socket));
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', () => undefined);
  });
}

beforeEach(() => {
  links = [];
});

afterEach(async () => {
  for (const link of links) link.close();
  await server.close();
});

describe('who is let in', () => {
  const shown = [SPOKEN, `synwave.token.${TOKEN}`];
  const page = 'https://page.example';

  test.each<[string, string[], string | undefined, readonly string[], number | null, Refusal['reason'] | null]>([
    ['a program with the token', shown, undefined, [], null, null],
    ['no token', [SPOKEN], undefined, [], 401, 'token'],
    ['the beginning of the token', [SPOKEN, 'synwave.token.a-token'], undefined, [], 401, 'token'],
    ['the token and more', [SPOKEN, `synwave.token.${TOKEN}x`], undefined, [], 401, 'token'],
    ['something else is spoken', [`synwave.token.${TOKEN}`], undefined, [], 400, 'protocol'],
    ['a page of an unknown origin, with the token', shown, page, [], 403, 'origin'],
    ['a page of another origin than the one known', shown, 'https://page.example:444', [page], 403, 'origin'],
    ['a page that has no origin to tell', shown, 'null', [page], 403, 'origin'],
    ['a page of a known origin', shown, page, [page], null, null],
    ['a page of a known origin, without the token', [SPOKEN], page, [page], 401, 'token'],
    ['any page, where that is asked for', shown, page, ['*'], null, null],
  ])('%s', async (_name, protocols, origin, origins, status, reason) => {
    await serve({ origins });
    const answer = await raw(protocols, origin);
    if (typeof answer !== 'number') answer.terminate();
    expect(typeof answer === 'number' ? answer : null).toBe(status);
    expect(refusals).toEqual(reason === null ? [] : [reason]);
    expect(callers).toHaveLength(status === null ? 1 : 0);
  });

  test('no more than there is room for; who leaves makes room', async () => {
    await serve({ most: 1 });
    const first = await call();
    expect(await raw(shown)).toBe(503);
    await expect(call()).rejects.toThrow(`${server.url} has all the callers that it takes`);
    first.close();
    await expect.poll(() => left.length).toBe(1);
    await call();
    expect(refusals).toEqual(['full', 'full']);
  });

  test('the caller is told what is wrong', async () => {
    await serve();
    await expect(wsLink({ url: server.url, token: 'wrong' })).rejects.toThrow(
      `${server.url} refuses us: the token is wrong, or missing`,
    );
    await expect(wsLink({ url: server.url, token: 'a b' })).rejects.toThrow('a token has letters, digits, - _ and .');
    await expect(wsLink({ url: 'nonsense' })).rejects.toThrow('nonsense is no URL of a WebSocket: ws://HOST:PORT');
    const { port } = server;
    await server.close();
    await expect(wsLink({ url: `ws://127.0.0.1:${port}` })).rejects.toThrow(
      /^no relay answers at ws:\/\/127\.0\.0\.1:\d+ \(.*ECONNREFUSED.*\): synwave relay starts one$/,
    );
    await expect(packetServer({ host: '192.0.2.1', token: null, onJoin: () => undefined })).rejects.toThrow(
      /^cannot listen on 192\.0\.2\.1 port 0 \(EADDRNOTAVAIL\)/,
    );
  });

  test('whoever asks by plain HTTP is told what this is', async () => {
    await serve();
    const response = await fetch(server.url.replace('ws:', 'http:'));
    expect([response.status, await response.text()]).toEqual([426, 'packets over a WebSocket are served here\n']);
  });
});

describe('what is carried', () => {
  test('too long a message ends the connection, text is no packet, the others go on', async () => {
    await serve({ mtu: 1500 });
    const other = await call();
    const socket = (await raw([SPOKEN, `synwave.token.${TOKEN}`])) as WebSocket;
    socket.send('text');
    socket.send(new Uint8Array(1500 + 65));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1009);
    await expect.poll(() => left.length).toBe(1);
    expect(callers[1]?.counters).toMatchObject({ received: 0, malformed: 2 });
    expect([other.connected, server.links.size]).toEqual([true, 1]);
  });

  test('for a caller that does not read, no more than `bound` waits; the rest is dropped and counted', async () => {
    await serve({ bound: 30_000 });
    const socket = (await raw([SPOKEN, `synwave.token.${TOKEN}`])) as WebSocket;
    socket.pause();
    const [caller] = callers;
    for (let i = 0; i < 4000; i++) {
      caller?.send(Frame.from(octets(1500, 1)));
      if (i % 100 === 0) await new Promise(setImmediate);
    }
    expect(caller?.counters.crowded).toBeGreaterThan(0);
    expect((caller?.counters.sent ?? 0) + (caller?.counters.crowded ?? 0)).toBe(4000);
    socket.terminate();
  });
});

describe('when the connection is lost', () => {
  test('it is called again until somebody is there; closed, it is not', async () => {
    await serve();
    const changes: boolean[] = [];
    const link = await call({ onChange: (connected) => changes.push(connected) });
    const { port } = server;
    await server.close();
    await expect.poll(() => link.connected).toBe(false);
    link.send(Frame.from(octets(60, 1)));
    expect(link.counters.dropped).toBe(1);
    await serve({ port });
    await expect.poll(() => link.connected, { timeout: 5000 }).toBe(true);
    const heard: Uint8Array[] = [];
    link.attach({ frameArrives: (frame) => heard.push(frame.copy()), framesWait: () => undefined });
    callers[0]?.send(Frame.from(octets(60, 2)));
    await expect.poll(() => heard).toEqual([octets(60, 2)]);
    expect(changes).toEqual([true, false, true]);
    link.close();
    await expect.poll(() => left.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(callers).toHaveLength(1);
  }, 10_000);

  test('a server that says nothing is none', async () => {
    await serve();
    const mute = createServer((socket) => socket.destroy());
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as { port: number };
    await expect(wsLink({ url: `ws://127.0.0.1:${port}` })).rejects.toThrow(/^no relay answers at /);
    mute.close();
  });
});
