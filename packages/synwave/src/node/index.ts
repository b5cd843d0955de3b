/** synwave/node: hosts in real time on Node.js. */
import { randomBytes } from 'node:crypto';
import { Random } from '../base/random.ts';
import { Host, type HostOptions } from '../socket/host.ts';
import { NodeLoop } from './loop.ts';

export { askSocket, type ControlPlace, controlPlaces } from './control/client.ts';
export { type FeedPacket, PacketFeed } from './control/feed.ts';
export type { HostReport, ProcessReport, SocketReport } from './control/report.ts';
export { type ControlSocket, type ControlSocketOptions, controlSocket } from './control/server.ts';
export {
  type DatagramAddress,
  type DatagramCounters,
  type DatagramLink,
  type DatagramLinkOptions,
  datagramLink,
} from './datagram-link.ts';
export { NodeLoop };

/** The loop that hosts share unless they are given another. */
const shared: NodeLoop = new NodeLoop();

export interface NodeHostOptions extends Omit<HostOptions, 'driver' | 'random'> {
  /** Where sequence numbers and ports come from: from the system's randomness unless given. */
  readonly seed?: number | string;
  readonly loop?: NodeLoop;
}

/** A host in real time, with a loopback; links are attached to it. */
export function createHost(options: NodeHostOptions = {}): Host {
  const { seed, loop = shared, ...rest } = options;
  const random = new Random(seed ?? new Uint32Array(Uint8Array.from(randomBytes(16)).buffer));
  return new Host({ ...rest, driver: loop, random });
}
