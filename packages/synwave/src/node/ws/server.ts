/** A server of packets: each WebSocket that connects is a link of its own, if its token and its origin are right. */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Mac } from '../../base/mac.ts';
import { LinkError } from '../../link/link-error.ts';
import { MESSAGE_MTU, MessageLink } from '../../link/message-link.ts';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../link/web-socket-link.ts';
import { wsModule } from './module.ts';

/** Why a caller was turned away. */
export interface Refusal {
  readonly reason: 'token' | 'origin' | 'protocol' | 'full';
  readonly address: string;
  /** Empty: it named none, as programs other than browsers do. */
  readonly origin: string;
}

export interface PacketServerOptions {
  /** 127.0.0.1 unless given, so that nobody outside the machine has a say. */
  readonly host?: string;
  /** 0, the default: any that is free. */
  readonly port?: number;
  /** What callers have to show; null: nothing, whoever reaches the port is in. */
  readonly token: string | null;
  /** Pages of these origins may call (`https://example.org`); of others none may, unless `*` is among them. */
  readonly origins?: readonly string[];
  /** The largest IP packet; 1500 unless given. */
  readonly mtu?: number;
  /** The links carry Ethernet frames, and this is the address of our end. */
  readonly mac?: Mac;
  /** Octets that may wait for one caller; 1 MiB unless given. */
  readonly bound?: number;
  /** Callers at one time; 64 unless given. */
  readonly most?: number;
  /** A caller is in; it is gone when `onLeave` is called with the same link. */
  readonly onJoin: (link: MessageLink, address: string) => void;
  readonly onLeave?: (link: MessageLink) => void;
  readonly onRefusal?: (refusal: Refusal) => void;
}

export interface PacketServer {
  readonly url: string;
  readonly port: number;
  /** Callers that are in. */
  readonly links: ReadonlySet<MessageLink>;
  /** Resolves when all are gone and nobody listens. */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const MOST = 64;
/** Milliseconds between questions whether a caller is still there; who has not answered the last is not. */
const LOOK = 15_000;

/** Listens. Rejects with LinkError when the port cannot be had, or the package `ws` is missing. */
export async function packetServer(options: PacketServerOptions): Promise<PacketServer> {
  const { host = LOOPBACK, port = 0 } = options;
  const { WebSocketServer } = wsModule();
  const links = new Set<MessageLink>();
  const most = options.mtu ?? MESSAGE_MTU;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: most + 64,
    handleProtocols: () => SUBPROTOCOL,
  });
  const http = createServer((_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain' }).end('packets over a WebSocket are served here\n');
  });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const reason = links.size >= (options.most ?? MOST) ? 'full' : faultOf(request, options);
    if (reason !== null) {
      refuse(socket, reason);
      options.onRefusal?.({ reason, address: addressOf(request), origin: request.headers.origin ?? '' });
      return;
    }
    sockets.handleUpgrade(request, socket, head, (open) => join(open, addressOf(request), options, links));
  });
  await listening(http, host, port);
  const own = http.address() as AddressInfo;
  const shown = own.family === 'IPv6' ? `[${own.address}]` : own.address;
  return {
    url: `ws://${shown}:${own.port}`,
    port: own.port,
    links,
    async close() {
      for (const link of links) link.close();
      http.close();
      http.closeAllConnections();
      for (const socket of sockets.clients) socket.terminate();
      if (http.listening) await once(http, 'close');
    },
  };
}

async function listening(http: Server, host: string, port: number): Promise<void> {
  http.listen(port, host);
  try {
    await once(http, 'listening');
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another process listens there' : message;
    throw new LinkError(code, `cannot listen on ${host} port ${port} (${code}): ${why}`);
  }
}

/** A WebSocket becomes a link. */
function join(socket: WebSocket, address: string, options: PacketServerOptions, links: Set<MessageLink>): void {
  const { mtu = MESSAGE_MTU, mac, bound } = options;
  const link = new MessageLink({ name: `ws ${address}`, mtu, mac, bound });
  socket.binaryType = 'nodebuffer';
  let answered = true;
  const look = setInterval(() => {
    if (!answered) socket.terminate();
    answered = false;
    socket.ping();
  }, LOOK).unref();
  socket.on('pong', () => {
    answered = true;
  });
  socket.on('message', (data, isBinary) => {
    if (isBinary && Buffer.isBuffer(data)) link.arrives(data);
    else link.counters.malformed++;
  });
  // What is too long closes the connection with 1009, and is an error first.
  socket.on('error', () => link.counters.malformed++);
  socket.on('close', () => {
    clearInterval(look);
    link.close();
    if (links.delete(link)) options.onLeave?.(link);
  });
  links.add(link);
  link.join({
    send: (packet) => socket.send(packet.slice(), { binary: true }),
    get buffered() {
      return socket.bufferedAmount;
    },
    close: () => socket.close(1001),
  });
  options.onJoin(link, address);
}

function faultOf(request: IncomingMessage, { token, origins = [] }: PacketServerOptions): Refusal['reason'] | null {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const { origin } = request.headers;
  // Only browsers send it, and they never leave it out: a page of somebody else's must not get at this machine.
  if (origin !== undefined && !origins.includes(origin) && !origins.includes('*')) return 'origin';
  if (!offered.includes(SUBPROTOCOL)) return 'protocol';
  const shown = offered.find((name) => name.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length) ?? '';
  return token === null || same(shown, token) ? null : 'token';
}

/** Takes as long for a token that is nearly right as for any other. */
function same(shown: string, token: string): boolean {
  const mine = Buffer.from(token);
  const theirs = Buffer.alloc(mine.length);
  theirs.write(shown);
  return timingSafeEqual(mine, theirs) && Buffer.byteLength(shown) === mine.length;
}

const STATUS: Readonly<Record<Refusal['reason'], string>> = {
  token: '401 Unauthorized',
  origin: '403 Forbidden',
  protocol: '400 Bad Request',
  full: '503 Service Unavailable',
};

function refuse(socket: Duplex, reason: Refusal['reason']): void {
  socket.end(`HTTP/1.1 ${STATUS[reason]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function addressOf(request: IncomingMessage): string {
  const { remoteAddress = '', remotePort = 0 } = request.socket;
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
