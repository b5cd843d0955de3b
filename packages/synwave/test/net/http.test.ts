/** Node's own http, https, http2 and tls, unmodified, over sockets of ours in one process. */
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import * as net from '../../src/node/net.ts';
import { certificate } from './certificate.ts';

const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** A server of ours that hands its connections to one of Node's. Answers its port. */
async function front(server: NodeJS.EventEmitter): Promise<number> {
  const listening = net.createServer((socket) => server.emit('connection', socket)).listen(0, '127.0.0.1');
  open.push(listening);
  await once(listening, 'listening');
  return (listening.address() as AddressInfo).port;
}

function agentOf(port: number, options: http.AgentOptions = {}): http.Agent {
  return Object.assign(new http.Agent(options), { createConnection: () => net.createConnection(port, '127.0.0.1') });
}

/** Sends a request, and answers what came back and whether its connection had been used before. */
async function ask(agent: http.Agent, body: string | Buffer): Promise<{ answer: string; reused: boolean }> {
  const request = http.request({ agent, method: 'POST', host: 'synwave.test' });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return { answer: await text(response), reused: request.reusedSocket };
}

describe('http', () => {
  const counting = (): http.Server =>
    http.createServer((request, response) => {
      let count = 0;
      request.on('data', (chunk: Buffer) => {
        count += chunk.length;
      });
      request.on('end', () => response.end(String(count)));
    });

  test('a connection is kept alive and used again', async () => {
    const agent = agentOf(await front(counting()), { keepAlive: true });
    expect(await ask(agent, 'one')).toEqual({ answer: '3', reused: false });
    await new Promise(setImmediate);
    expect(await ask(agent, 'four')).toEqual({ answer: '4', reused: true });
    agent.destroy();
  });

  test('100 requests at once', async () => {
    const agent = agentOf(await front(counting()));
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => ask(agent, 'x'.repeat(i * 100))));
    expect(answers.map(({ answer }) => Number(answer))).toEqual(Array.from({ length: 100 }, (_, i) => i * 100));
  });

  test('a body of 50 MiB, both ways', async () => {
    const size = 50 * 1024 * 1024;
    const echo = http.createServer((request, response) => request.pipe(response));
    const request = http.request({ agent: agentOf(await front(echo)), method: 'POST', host: 'synwave.test' });
    request.end(Buffer.alloc(size, 'synwave'));
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let count = 0;
    let wrong = 0;
    for await (const chunk of response) {
      const octets = chunk as Buffer;
      const expected = 'synwave'.charCodeAt(count % 7);
      if (octets[0] !== expected) wrong++;
      count += octets.length;
    }
    expect({ count, wrong }).toEqual({ count: size, wrong: 0 });
  });

  test('a server that times out a silent request answers 408 and closes', async () => {
    const server = http.createServer();
    server.setTimeout(30, (socket: Socket) => socket.end('HTTP/1.1 408 Request Timeout\r\n\r\n'));
    const socket = net.connect(await front(server), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\n');
    expect(await text(socket)).toBe('HTTP/1.1 408 Request Timeout\r\n\r\n');
  });

  test('Server may be inherited from as http does it: called on an object, not constructed', async () => {
    function Counter(this: Server, listener: (socket: Socket) => void): void {
      (net.Server as unknown as { call(self: Server, listener: object): void }).call(this, { allowHalfOpen: true });
      this.on('connection', listener);
    }
    Object.setPrototypeOf(Counter.prototype, net.Server.prototype);
    const server = new (Counter as unknown as new (listener: (socket: Socket) => void) => Server)((s) => s.end('ok'));
    open.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    expect(server).toBeInstanceOf(net.Server);
    expect(await text(net.connect((server.address() as AddressInfo).port, '127.0.0.1').end())).toBe('ok');
  });
});

describe('tls', () => {
  test('https, with the certificates of both sides', async () => {
    const { key, cert } = certificate();
    const options = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: true };
    const server = https.createServer(options, (request, response) => {
      response.end(`${String((request.socket as tls.TLSSocket).authorized)} ${request.httpVersion}`);
    });
    const port = await front(server);
    const connect = (): tls.TLSSocket =>
      tls.connect({ socket: net.connect(port, '127.0.0.1'), key, cert, ca: cert, servername: 'synwave.test' });
    const agent = Object.assign(new https.Agent(), { createConnection: connect });
    const request = https.request({ host: 'synwave.test', agent });
    request.end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(await text(response)).toBe('true 1.1');
    expect((response.socket as tls.TLSSocket).getProtocol()).toBe('TLSv1.3');
  });
});

describe('http2', () => {
  test('many streams over one connection', async () => {
    const server = http2.createServer((request, response) => {
      response.end(`you asked for ${request.url}`);
    });
    const port = await front(server);
    const session = http2.connect('http://synwave.test', { createConnection: () => net.connect(port, '127.0.0.1') });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => text(session.request({ ':path': `/${i}` }))),
    );
    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => `you asked for /${i}`));
    session.close();
    await once(session, 'close');
  });
});
