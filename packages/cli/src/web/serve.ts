/** HTTP on sockets of ours: Node's own server, handed each connection. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answer, type Site } from './site.ts';

export interface WebServer {
  take(socket: Socket): void;
  /** Connections end with the answer that they are in the middle of. */
  close(): void;
}

/** `log` gets a line for each answer. */
export function webServer(site: Site, log: (line: string) => void): WebServer {
  const idle = new Set<Socket>();
  let closing = false;
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket, method, url } = request;
    idle.delete(socket);
    if (closing) response.setHeader('connection', 'close');
    response.on('close', () => {
      log(`${socket.remoteAddress} ${method} ${url} ${response.statusCode}`);
      if (closing) socket.end();
      else if (!socket.destroyed) idle.add(socket);
    });
    void answer(site, request, response);
  };
  const server = createServer(serve);
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  return {
    take(socket) {
      idle.add(socket);
      socket.on('close', () => idle.delete(socket));
      server.emit('connection', socket);
    },
    close() {
      closing = true;
      for (const socket of idle) socket.end();
    },
  };
}
