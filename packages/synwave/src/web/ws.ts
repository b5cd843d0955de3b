/** synwave/ws in a page or a worker: packets over the platform's own WebSocket, the calling end. */
import { dialWebSocket, type Socket, type WebSocketLink, type WebSocketLinkOptions } from '../link/web-socket-link.ts';

export { LinkError } from '../link/link-error.ts';
export type { MessageCounters } from '../link/message-link.ts';
export type { WebSocketLink, WebSocketLinkOptions };

/**
 * Connects to a server of packets, and calls it again whenever the connection is lost, until the link is closed. Rejects
 * with LinkError when the first call fails; a page is not told why.
 */
export async function wsLink(options: WebSocketLinkOptions): Promise<WebSocketLink> {
  return dialWebSocket(options, {
    open: (url, protocols) => new WebSocket(url, protocols) as unknown as Socket,
    after: (act, wait) => {
      const timer = setTimeout(act, wait);
      return () => clearTimeout(timer);
    },
  });
}
