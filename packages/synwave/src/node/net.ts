/** synwave/net: what `require('node:net')` gives, over hosts of ours: by default over one that lives in this process. */
import nodeNet, { type Server as NodeServer, type Socket as NodeSocket, type ServerOpts } from 'node:net';
import { createNet as createNeutralNet, type NetOptions } from '../net/create-net.ts';
import type { PolicedServer, Policy, PolicyOptions } from '../net/policy.ts';
import type { Host } from '../socket/host.ts';
import { createHost } from './index.ts';
import { platform } from './platform.ts';

export type { NetOptions } from '../net/create-net.ts';
export type { HostTable, Lookup, LookupAddress, LookupCallback, LookupOptions } from '../net/lookup.ts';
export type {
  PolicedServer,
  PolicedSocket,
  Policy,
  PolicyOptions,
  Refusal,
  RefusalReason,
} from '../net/policy.ts';

/** What a server of ours is made with. */
export interface ServerOptions extends ServerOpts {
  /** Which connections it takes, and for how long it keeps a silent one; all and for ever unless given. */
  readonly policy?: PolicyOptions;
}

/** The surface of `node:net`, and what ours has beyond it. */
export interface SynwaveNet extends NodeNet {
  createServer: {
    (connectionListener?: (socket: NodeSocket) => void): NodeServer;
    (options?: ServerOptions, connectionListener?: (socket: NodeSocket) => void): NodeServer;
  };
  /** Puts a policy between a server, ours or Node's, and its connections. */
  policy: (server: PolicedServer, options: PolicyOptions) => Policy;
  /** The same surface over another host. */
  createNet: (host: Host, options?: NetOptions) => SynwaveNet;
}

type NodeNet = typeof nodeNet;

/** Address tools have nothing to do with a stack: they are Node's own. */
export const BlockList: NodeNet['BlockList'] = nodeNet.BlockList;
export const SocketAddress: NodeNet['SocketAddress'] = nodeNet.SocketAddress;
export const isIP: NodeNet['isIP'] = nodeNet.isIP;
export const isIPv4: NodeNet['isIPv4'] = nodeNet.isIPv4;
export const isIPv6: NodeNet['isIPv6'] = nodeNet.isIPv6;

/**
 * The surface of `node:net` bound to `host`: its servers listen there, its sockets connect from there. An ordinary object
 * that may be changed, with constructors of its own.
 */
export function createNet(host: Host, options: NetOptions = {}): SynwaveNet {
  const made = createNeutralNet(host, platform, options);
  return Object.assign(made, { createNet }) as unknown as SynwaveNet;
}

/** Bound to a host of its own, with nothing but a loopback: 127.0.0.0/8 and ::1, `localhost` for both. */
const net: SynwaveNet = createNet(createHost({ name: 'localhost' }));

export const connect: SynwaveNet['connect'] = net.connect;
export const createConnection: SynwaveNet['createConnection'] = net.createConnection;
export const createServer: SynwaveNet['createServer'] = net.createServer;
export const getDefaultAutoSelectFamily: SynwaveNet['getDefaultAutoSelectFamily'] = net.getDefaultAutoSelectFamily;
export const setDefaultAutoSelectFamily: SynwaveNet['setDefaultAutoSelectFamily'] = net.setDefaultAutoSelectFamily;
export const getDefaultAutoSelectFamilyAttemptTimeout: SynwaveNet['getDefaultAutoSelectFamilyAttemptTimeout'] =
  net.getDefaultAutoSelectFamilyAttemptTimeout;
export const setDefaultAutoSelectFamilyAttemptTimeout: SynwaveNet['setDefaultAutoSelectFamilyAttemptTimeout'] =
  net.setDefaultAutoSelectFamilyAttemptTimeout;
export const policy: SynwaveNet['policy'] = net.policy;
export const Server: SynwaveNet['Server'] = net.Server;
export const Socket: SynwaveNet['Socket'] = net.Socket;
export const Stream: unknown = (net as unknown as { Stream: unknown }).Stream;

export default net;
export { net as 'module.exports' };
