/** docs/recipes/ws.md: WebSockets, client and server. */
import { once } from 'node:events';
import http from 'node:http';
import { describe, expect } from 'vitest';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { body, close, listen, tested } from './places.ts';

const MESSAGES = 10_000;

describe('10,000 messages come back in their order; a large one as it was', () => {
  tested(async ({ client, server, size }) => {
    const web = http.createServer();
    const sockets = new WebSocketServer({ server: web });
    sockets.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const listening = await listen(server, 80, (socket) => web.emit('connection', socket));
    const socket = new WebSocket('ws://server/', { createConnection: client.createConnection });
    await once(socket, 'open');

    let next = 0;
    const all = new Promise<void>((resolve) => {
      const take = (data: RawData): void => {
        expect((data as Buffer).toString()).toBe(`message ${next}`);
        if (++next < MESSAGES) return;
        socket.off('message', take);
        resolve();
      };
      socket.on('message', take);
    });
    for (let i = 0; i < MESSAGES; i++) socket.send(`message ${i}`);
    await all;

    const content = body(size);
    socket.send(content);
    const [echoed] = (await once(socket, 'message')) as [Buffer];
    expect(echoed.equals(content)).toBe(true);

    socket.close(1000, 'enough');
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, String(reason)]).toEqual([1000, 'enough']);
    await close(listening);
  });
});
