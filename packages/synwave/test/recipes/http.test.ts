/** docs/recipes/http.md: http, client and server. */
import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { describe, expect } from 'vitest';
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
