/** synwave/net: what `require('node:net')` gives, over hosts of ours: by default over one that lives in this process. */
import { Buffer } from 'node:buffer';
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import nodeNet from 'node:net';
import { Duplex, getDefaultHighWaterMark } from 'node:stream';
import { inspect } from 'node:util';
import { createNet as createNeutralNet, type NetOptions } from '../net/create-net.ts';
import type { Platform } from '../net/platform.ts';
import type { Host } from '../socket/host.ts';
import { createHost } from './index.ts';

export type { NetOptions } from '../net/create-net.ts';
export type { HostTable, Lookup, LookupAddress, LookupCallback, LookupOptions } from '../net/lookup.ts';

/** The surface of `node:net`. */
export type SynwaveNet = typeof nodeNet;

const { BlockList, SocketAddress, isIP, isIPv4, isIPv6 } = nodeNet;

const platform = {
  Duplex,
  EventEmitter,
  Buffer,
  tools: { BlockList, SocketAddress, isIP, isIPv4, isIPv6 },
  nextTick: (act: () => void): void => process.nextTick(act),
  channel,
  inspect,
  warn: (text: string, name: string): void => process.emitWarning(text, name),
  asyncDispose: Symbol.asyncDispose,
  highWaterMark: (): number => getDefaultHighWaterMark(false),
} as unknown as Platform;

/**
 * The surface of `node:net` bound to `host`: its servers listen there, its sockets connect from there. An ordinary object
 * that may be changed, with constructors of its own.
 */
export function createNet(host: Host, options: NetOptions = {}): SynwaveNet {
  return createNeutralNet(host, platform, options) as unknown as SynwaveNet;
}

/** Bound to a host of its own, with nothing but a loopback: 127.0.0.0/8 and ::1, `localhost` for both. */
const net: SynwaveNet & { createNet: typeof createNet } = Object.assign(createNet(createHost({ name: 'localhost' })), {
  createNet,
});

export default net;
export { net as 'module.exports' };
