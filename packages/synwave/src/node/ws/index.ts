/** synwave/ws: packets over a WebSocket, both ends; in a page it is the calling end alone, by the page's own WebSocket. */
import {
  dialWebSocket,
  type Socket,
  type WebSocketLink,
  type WebSocketLinkOptions,
} from '../../link/web-socket-link.ts';
import { wsModule } from './module.ts';

export { LinkError } from '../../link/link-error.ts';
export type { MessageCounters, MessageLink } from '../../link/message-link.ts';
export { type PacketServer, type PacketServerOptions, packetServer, type Refusal } from './server.ts';
export type { WebSocketLink, WebSocketLinkOptions };

/**
 * Connects to a server of packets, and calls it again whenever the connection is lost, until the link is closed. It
 * keeps no process alive. Rejects with LinkError when the first call fails, or the package `ws` is missing.
 */
export async function wsLink(options: WebSocketLinkOptions): Promise<WebSocketLink> {
  return dialWebSocket(options, { open, after });
}

function open(url: string, protocols: string[]): Socket {
  const { WebSocket } = wsModule();
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false, handshakeTimeout: 10_000 });
  socket.on('upgrade', (response) => response.socket.unref());
  return socket as unknown as Socket;
}

function after(act: () => void, wait: number): () => void {
  const timer = setTimeout(act, wait).unref();
  return () => clearTimeout(timer);
}
