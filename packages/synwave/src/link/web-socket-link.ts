/** WebSocketLink: packets over a WebSocket, one in each binary message; the end that calls, in a page and in Node.js alike. */
import type { Mac } from '../base/mac.ts';
import { LinkError } from './link-error.ts';
import { MESSAGE_MTU, MessageLink } from './message-link.ts';
import { type After, Redial } from './redial.ts';

/** What both ends call what they speak, and how a token is handed over: nothing secret stands in the URL. */
export const SUBPROTOCOL = 'synwave.packets';
export const TOKEN_PREFIX = 'synwave.token.';

/** A WebSocket, as far as it is used here: a page's, or that of the package `ws`. */
export interface Socket {
  binaryType: string;
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: ((event: object) => void) | null;
  send(data: Uint8Array): void;
  close(): void;
}

export interface WebSocketLinkOptions {
  /** `ws://127.0.0.1:7800` or `wss://...`. */
  readonly url: string;
  /** Shown to the server: letters, digits, `-`, `_` and `.`. */
  readonly token?: string | undefined;
  /** The largest IP packet; 1500 unless given, as a relay has it. */
  readonly mtu?: number | undefined;
  /** The link carries Ethernet frames, and this is the address of our end. */
  readonly mac?: Mac | undefined;
  /** Octets that may wait to leave; what is sent beyond that is dropped and counted. 1 MiB unless given. */
  readonly bound?: number | undefined;
  /** Whether the server is called again when the connection is lost: true unless given. */
  readonly reconnect?: boolean | undefined;
  /** Told when the connection is there again, and when it is lost. */
  readonly onChange?: ((connected: boolean) => void) | undefined;
}

/** What the platform gives. */
export interface WebSocketPlatform {
  /** Begins to connect. Throws SyntaxError for a URL that is none. */
  open(url: string, protocols: string[]): Socket;
  readonly after: After;
}

export class WebSocketLink extends MessageLink {
  private readonly options: WebSocketLinkOptions;
  private readonly platform: WebSocketPlatform;
  private readonly redial: Redial;
  private socket: Socket | null = null;

  /** For `dialWebSocket`, which answers it when the connection is there. */
  constructor(options: WebSocketLinkOptions, platform: WebSocketPlatform) {
    const { url, mtu = MESSAGE_MTU, mac, bound } = options;
    super({ name: `ws ${url}`, mtu, mac, bound });
    this.options = options;
    this.platform = platform;
    this.redial = new Redial(platform.after, () => this.dial(() => undefined));
  }

  override close(): void {
    this.redial.stop();
    super.close();
    this.socket?.close();
  }

  /** `done` is called once: with null when the connection is there, or with why it is not. */
  dial(done: (error: LinkError | null) => void): void {
    const { url, token, reconnect = true, onChange } = this.options;
    const protocols = token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, TOKEN_PREFIX + token];
    const socket = this.platform.open(url, protocols);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    let opened = false;
    let why = '';
    const channel = {
      send: (packet: Uint8Array) => socket.send(packet.slice()), // not every WebSocket takes a copy
      get buffered() {
        return socket.bufferedAmount;
      },
      close: () => socket.close(),
    };
    socket.onopen = () => {
      opened = true;
      if (!this.join(channel)) return;
      this.redial.answered();
      done(null);
      onChange?.(true);
    };
    socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) this.arrives(new Uint8Array(data));
      else this.counters.malformed++; // text: nothing of ours
    };
    // A page is not told what is wrong; a close follows in any case.
    socket.onerror = (event) => {
      why = (event as { readonly message?: string }).message ?? '';
    };
    socket.onclose = ({ reason }) => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.leave();
      if (!opened) done(refused(url, reason || why));
      else onChange?.(false);
      if (!this.isClosed && reconnect && (opened || this.counters.connects > 0)) this.redial.missed();
    };
  }
}

/** Connects, and answers the link. Rejects with LinkError when the first call fails: nobody there, a wrong token ... */
export function dialWebSocket(options: WebSocketLinkOptions, platform: WebSocketPlatform): Promise<WebSocketLink> {
  const { url, token } = options;
  if (token !== undefined && !/^[\w.-]{1,200}$/.test(token)) {
    throw new LinkError('EINVAL', 'a token has letters, digits, - _ and . alone, 200 at most');
  }
  const link = new WebSocketLink(options, platform);
  return new Promise((resolve, reject) => {
    try {
      link.dial((error) => {
        if (error === null) resolve(link);
        else reject(error);
      });
    } catch (error) {
      reject(
        error instanceof LinkError ? error : new LinkError('EINVAL', `${url} is no URL of a WebSocket: ws://HOST:PORT`),
      );
    }
  });
}

function refused(url: string, why: string): LinkError {
  if (/\b401\b/.test(why)) return new LinkError('EACCES', `${url} refuses us: the token is wrong, or missing`);
  if (/\b403\b/.test(why)) return new LinkError('EACCES', `${url} refuses pages of this origin`);
  if (/\b503\b/.test(why)) return new LinkError('EBUSY', `${url} has all the callers that it takes`);
  const said = why === '' ? '' : ` (${why})`;
  return new LinkError('ECONNREFUSED', `no relay answers at ${url}${said}: synwave relay starts one`);
}
