/** listen: sockets that come in, one by one, to whoever asks for the next. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { Host } from '../socket/host.ts';
import type { TcpListener } from '../socket/tcp-listener.ts';
import { socketError } from './errors.ts';
import { defaultHost } from './host.ts';
import { knownAddresses, unknownName } from './names.ts';
import { makeSocket, type Socket, type StreamOptions } from './socket.ts';

/** The options of streams hold for the sockets that come in. */
export interface ListenOptions extends StreamOptions {
  /** Where to listen; by default on the host of this page or process that reaches itself alone. */
  readonly host?: Host;
  /** 0 or left out: one that is free. */
  readonly port?: number;
  /** An address of the host, or a name for one. Left out: all of them, of both families. */
  readonly hostname?: string;
  /** Connections that may wait for somebody to ask for them; 511 by default. */
  readonly backlog?: number;
}

/** An open port: `for await (const socket of listener)`. Who asks for no more leaves the rest in the backlog. */
export class Listener implements AsyncIterable<Socket> {
  readonly port: number;
  /** `::` for all addresses of both families. */
  readonly address: string;
  private readonly host: Host;
  private readonly listener: TcpListener;
  private readonly options: StreamOptions;

  /** For `listen`. */
  constructor(host: Host, listener: TcpListener, options: StreamOptions) {
    this.host = host;
    this.listener = listener;
    this.options = options;
    this.port = listener.port;
    this.address = listener.address;
  }

  /** The sockets that come in, until `close`. To leave the loop does not close: it can be taken up again. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Socket, void, void> {
    for await (const tcp of this.listener) {
      const { socket, line } = makeSocket(this.host, this.options);
      line.open(tcp);
      yield socket;
    }
  }

  /** No more connections: those that nobody has asked for are reset, the others go on. */
  close(): Promise<void> {
    this.listener.close();
    return Promise.resolve();
  }

  /** As `close`: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Opens a port. It listens when this answers. Throws a TypeError "SocketError: ..." when it cannot, with the SynwaveError
 * as its `cause`: EADDRINUSE, EADDRNOTAVAIL, EINVAL, EHOSTUNREACH for a name that the host does not know.
 */
export function listen(options: ListenOptions = {}): Listener {
  const { host = defaultHost(), port = 0, hostname, backlog, ...rest } = options;
  makeSocket(host, rest); // so that bad options are refused here, not with the first connection
  try {
    const address = hostname === undefined ? undefined : knownAddresses(host, hostname)[0];
    if (hostname !== undefined && address === undefined) throw unknownName(hostname);
    const listener = host.listen({
      port,
      ...(address === undefined ? {} : { address }),
      ...(backlog === undefined ? {} : { backlog }),
    });
    return new Listener(host, listener, rest);
  } catch (error) {
    throw socketError(error);
  }
}
