/** docs/recipes/http2.md: http2, many streams on one connection. */
import { once } from 'node:events';
import http2 from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { describe, expect } from 'vitest';
import { body, close, listen, tested } from './places.ts';

describe('50 requests at one time on one connection, then a large body both ways', () => {
  tested(async ({ client, server, size }) => {
    const web = http2.createServer();
    web.on('stream', (stream, headers) => {
      stream.respond({ ':status': 200, 'x-path': headers[':path'] });
      stream.pipe(stream);
    });
    const sessions: http2.ServerHttp2Session[] = [];
    web.on('session', (session) => sessions.push(session));
    const listening = await listen(server, 80, (socket) => web.emit('connection', socket));
    const session = http2.connect('http://server', { createConnection: () => client.connect(80, 'server') });

    const ask = async (path: string, content: Buffer): Promise<readonly [unknown, Buffer]> => {
      const request = session.request({ ':path': path, ':method': 'POST' });
      const answered = once(request, 'response') as Promise<[http2.IncomingHttpHeaders]>;
      request.end(content);
      const [[headers], echoed] = await Promise.all([answered, buffer(request)]);
      return [headers['x-path'], echoed];
    };

    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(`/${i}`, Buffer.from(`body ${i}`))));
    expect(answers.map(([path, echoed]) => [path, String(echoed)])).toEqual(
      Array.from({ length: 50 }, (_, i) => [`/${i}`, `body ${i}`]),
    );
    const content = body(size);
    const [, echoed] = await ask('/large', content);
    expect(echoed.equals(content)).toBe(true);
    expect(sessions.length).toBe(1);
    session.close();
    await close(listening);
  });
});
