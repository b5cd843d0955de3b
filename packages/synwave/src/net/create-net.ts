/** createNet: the object that `require('node:net')` would give, over a host of ours. */
import type { Host } from '../socket/host.ts';
import { SHORTEST_ATTEMPT } from './dial.ts';
import { type HostTable, type Lookup, tableLookup } from './lookup.ts';
import type { NetSocket, SocketConstructor } from './net-socket.ts';
import { type Normalized, normalize } from './options.ts';
import type { Platform } from './platform.ts';
import { type PolicedServer, Policy, type PolicyOptions } from './policy.ts';
import type { Realm } from './realm.ts';
import { type NetServer, type ServerConstructor, serverConstructor } from './server.ts';
import { connectSocket, socketConstructor } from './socket.ts';
import { Turns } from './turns.ts';
import { Validator } from './validate.ts';

export interface NetOptions {
  /** Addresses by name, before whatever the host knows itself. */
  readonly hosts?: HostTable;
  /** Asked for every name, instead of the table and the host; as dns.lookup. */
  readonly lookup?: Lookup;
}

/** The surface of node:net, as far as this room can name it; `synwave/net` gives it Node's own types. */
export interface Net {
  Socket: SocketConstructor;
  Stream: SocketConstructor;
  Server: ServerConstructor;
  createServer(options?: unknown, listener?: unknown): NetServer;
  connect(...args: unknown[]): NetSocket;
  createConnection(...args: unknown[]): NetSocket;
  BlockList: unknown;
  SocketAddress: unknown;
  isIP(text: string): number;
  isIPv4(text: string): boolean;
  isIPv6(text: string): boolean;
  getDefaultAutoSelectFamily(): boolean;
  setDefaultAutoSelectFamily(value: unknown): void;
  getDefaultAutoSelectFamilyAttemptTimeout(): number;
  setDefaultAutoSelectFamilyAttemptTimeout(value: unknown): void;
  /** Puts a policy between a server, of any `net`, and its connections. Times are those of this `net`'s host. */
  policy(server: PolicedServer, options: PolicyOptions): Policy;
  _normalizeArgs(args: readonly unknown[]): Normalized;
}

/** Milliseconds that an attempt has before the next address is tried, unless told otherwise. */
const ATTEMPT_TIMEOUT = 250;

/** Makes one for `host`. Each has constructors and defaults of its own. */
export function createNet(host: Host, platform: Platform, options: NetOptions = {}): Net {
  const check = new Validator(platform);
  const realm: Realm = {
    host,
    platform,
    check,
    turns: new Turns(host.driver),
    lookup: options.lookup ?? tableLookup(host, platform, check, options.hosts ?? {}),
    autoSelect: { family: true, timeout: ATTEMPT_TIMEOUT },
  };
  host.driver.loopTurns?.((done) => platform.loopTurn(done));
  const Socket = socketConstructor(realm);
  const Server = serverConstructor(realm, Socket);

  function connect(...args: unknown[]): NetSocket {
    return connectSocket(realm, Socket, args);
  }

  return {
    policy: (server, given) => new Policy(server, given, host.driver),
    _normalizeArgs: normalize,
    ...platform.tools,
    connect,
    createConnection: connect,
    createServer(given?: unknown, listener?: unknown): NetServer {
      return new Server(given, listener);
    },
    Server,
    Socket,
    Stream: Socket,
    getDefaultAutoSelectFamily: () => realm.autoSelect.family,
    setDefaultAutoSelectFamily(value: unknown): void {
      realm.autoSelect.family = check.boolean(value, 'value');
    },
    getDefaultAutoSelectFamilyAttemptTimeout: () => realm.autoSelect.timeout,
    setDefaultAutoSelectFamilyAttemptTimeout(value: unknown): void {
      realm.autoSelect.timeout = Math.max(check.int32(value, 'value', 1), SHORTEST_ATTEMPT);
    },
  };
}
