/** synwave/web: sockets with web streams, after WinterTC's Sockets API, in pages, workers and wherever there are streams. */
import type { Host } from '../socket/host.ts';
import { type ConnectOptions, connect } from './connect.ts';
import { type Listener, type ListenOptions, listen } from './listen.ts';
import type { SocketAddress } from './names.ts';
import type { Socket } from './socket.ts';

export { createHost, type WebHostOptions } from './host.ts';
export { WebLoop } from './loop.ts';
export type { Lookup } from './names.ts';
export type { SocketInfo, StreamOptions } from './socket.ts';
export type { Octets } from './write-side.ts';
export { type ConnectOptions, connect, type Listener, type ListenOptions, listen, type Socket, type SocketAddress };

/** `connect` and `listen` of one host. */
export interface Web {
  connect(address: string | SocketAddress, options?: Omit<ConnectOptions, 'host'>): Socket;
  listen(options?: Omit<ListenOptions, 'host'>): Listener;
}

/** Binds both to `host`, which may be of any stack or world. */
export function createWeb(host: Host): Web {
  return {
    connect: (address, options) => connect(address, { ...options, host }),
    listen: (options) => listen({ ...options, host }),
  };
}
