/** platform: what Node.js gives to `synwave/net`. */
import { AsyncResource } from 'node:async_hooks';
import { Buffer } from 'node:buffer';
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { BlockList, isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';
import { Duplex, getDefaultHighWaterMark } from 'node:stream';
import { inspect } from 'node:util';
import type { Platform } from '../net/platform.ts';
import { setImmediate } from './real-time.ts';

// The platform names of Node's own things only what is used of them: their types are wider than that.
export const platform: Platform = {
  Duplex,
  EventEmitter,
  buffers: Buffer,
  tools: { BlockList, SocketAddress, isIP, isIPv4, isIPv6 },
  loopTurn: (act: () => void): unknown => setImmediate(act),
  nextTick: (act: () => void): void => process.nextTick(act),
  channel,
  scope: (type: string): AsyncResource => new AsyncResource(type),
  inspect,
  warn: (text: string, name: string): void => process.emitWarning(text, name),
  asyncDispose: Symbol.asyncDispose,
  highWaterMark: (): number => getDefaultHighWaterMark(false),
} as unknown as Platform;
