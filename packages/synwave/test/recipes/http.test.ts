/** docs/recipes/http.md: http, client and server. */
import { once } from 'node:events';
import http from 'node:http';
import nodeNet, { type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import net, { type SynwaveNet } from '../../src/node/net.ts';
import { body, close, listen, type Place, tested } from './places.ts';

/** An echo over http, and an agent that reaches it. */
async function echo({ client, server }: Place, options: http.AgentOptions = {}) {
  const web = http.createServer((request, response) => {
    response.setHeader('x-path', request.url ?? '');
    request.pipe(response);
  });
  const listening = await listen(server, 80, (socket) => web.emit('connection', socket));
  const agent = new http.Agent(options);
  Object.assign(agent, { createConnection: client.createConnection });
  const ask = async (path: string, content: Buffer): Promise<[http.ClientRequest, http.IncomingMessage, Buffer]> => {
    const request = http.request({ host: 'server', path, agent, method: 'POST' });
    request.end(content);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    return [request, response, await buffer(response)];
  };
  const end = async (): Promise<void> => {
    agent.destroy();
    await close(listening);
  };
  return { ask, end };
}

describe('keep-alive: one connection carries request after request, bodies both ways', () => {
  tested(async (place) => {
    const { ask, end } = await echo(place, { keepAlive: true });
    for (const reused of [false, true, true]) {
      const content = body(place.size);
      const [request, response, echoed] = await ask('/body', content);
      expect(response.statusCode).toBe(200);
      expect(response.headers['x-path']).toBe('/body');
      expect(echoed.equals(content)).toBe(true);
      expect(request.reusedSocket).toBe(reused);
      await setImmediate(); // the agent takes the socket back
    }
    await end();
  });
});

describe('100 requests at one time, each on a connection of its own', () => {
  tested(async (place) => {
    const { ask, end } = await echo(place);
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const [request, response, echoed] = await ask(`/${i}`, Buffer.from(`body ${i}`));
        return [request.socket?.localPort, response.headers['x-path'], String(echoed)] as const;
      }),
    );
    expect(answers.map(([, path, echoed]) => [path, echoed])).toEqual(
      Array.from({ length: 100 }, (_, i) => [`/${i}`, `body ${i}`]),
    );
    expect(new Set(answers.map(([port]) => port)).size).toBe(100);
    await end();
  });
});

describe('an answer that nobody has asked for, on a connection that is kept', () => {
  /** The answers to two requests: the first is followed by a second that is nobody's, the others are not. */
  async function answers({ client, server }: Pick<Place, 'client' | 'server'>): Promise<string[]> {
    let rest = 0;
    const answer = (text: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
    const listening = server.createServer((socket) => {
      socket.on('error', () => undefined); // a client that resets
      socket.on('data', (chunk) => {
        const path = /^GET (\S+)/.exec(String(chunk))?.[1];
        if (path === undefined) return;
        socket.write(answer(path));
        if (rest++ === 0) void setTimeout(20).then(() => socket.write(answer('poison')));
      });
    });
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    const agent = new http.Agent({ keepAlive: true });
    Object.assign(agent, { createConnection: client.createConnection });
    const got: string[] = [];
    for (const path of ['/one', '/two']) {
      const request = http.get({ host: '127.0.0.1', port, path, agent });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      got.push(`${String(await buffer(response))}, ${request.reusedSocket ? 'kept' : 'new'}`);
      await setTimeout(60);
    }
    agent.destroy();
    await close(listening);
    return got;
  }

  test('is dealt with as over node:net', async () => {
    const kernel = nodeNet as unknown as SynwaveNet;
    expect(await answers({ client: net, server: net })).toEqual(await answers({ client: kernel, server: kernel }));
  });
});
