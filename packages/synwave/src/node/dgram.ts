/** synwave/dgram: what `require('node:dgram')` gives, over hosts of ours: by default over one that lives in this process. */
import type nodeDgram from 'node:dgram';
import { createDgram as createNeutralDgram, type DgramOptions } from '../dgram/create-dgram.ts';
import type { Host } from '../socket/host.ts';
import { createHost } from './index.ts';
import { platform } from './platform.ts';

export type { DgramOptions } from '../dgram/create-dgram.ts';

/** The surface of `node:dgram`, and what ours has beyond it. */
export interface SynwaveDgram {
  createSocket: typeof nodeDgram.createSocket;
  Socket: typeof nodeDgram.Socket;
  /** The same surface over another host. */
  createDgram: (host: Host, options?: DgramOptions) => SynwaveDgram;
}

/**
 * The surface of `node:dgram` bound to `host`: its sockets live there. An ordinary object that may be changed, with a
 * constructor of its own. Multicast and broadcast are refused by name, and so are datagrams larger than the MTU (EMSGSIZE).
 */
export function createDgram(host: Host, options: DgramOptions = {}): SynwaveDgram {
  const made = createNeutralDgram(host, platform, options);
  return Object.assign(made, { createDgram }) as unknown as SynwaveDgram;
}

/** Bound to a host of its own, with nothing but a loopback: 127.0.0.0/8 and ::1, `localhost` for both. */
const dgram: SynwaveDgram = createDgram(createHost({ name: 'localhost' }));

export const createSocket: SynwaveDgram['createSocket'] = dgram.createSocket;
export const Socket: SynwaveDgram['Socket'] = dgram.Socket;

export default dgram;
export { dgram as 'module.exports' };
