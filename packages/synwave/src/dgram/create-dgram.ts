/** createDgram: the object that `require('node:dgram')` would give, over a host of ours. */
import { type HostTable, type Lookup, tableLookup } from '../net/lookup.ts';
import type { Platform } from '../net/platform.ts';
import { Turns } from '../net/turns.ts';
import { Validator } from '../net/validate.ts';
import type { Host } from '../socket/host.ts';
import { type DgramSocket, type SocketConstructor, socketConstructor } from './socket.ts';

export interface DgramOptions {
  /** Addresses by name, before whatever the host knows itself. */
  readonly hosts?: HostTable;
  /** Asked for every name, instead of the table and the host; as dns.lookup. */
  readonly lookup?: Lookup;
}

/** The surface of node:dgram, as far as this room can name it; `synwave/dgram` gives it Node's own types. */
export interface Dgram {
  createSocket(type: unknown, listener?: unknown): DgramSocket;
  Socket: SocketConstructor;
}

/** Makes one for `host`. Each has a constructor of its own. */
export function createDgram(host: Host, platform: Platform, options: DgramOptions = {}): Dgram {
  const check = new Validator(platform);
  const lookup = options.lookup ?? tableLookup(host, platform, check, options.hosts ?? {});
  host.driver.loopTurns?.((done) => platform.loopTurn(done));
  const Socket = socketConstructor({ host, platform, check, turns: new Turns(host.driver), lookup });
  return { createSocket: (type, listener) => new Socket(type, listener), Socket };
}
