/** Hosts in real time on the platform of the web, and the one that programs have without asking for it. */
import { Random } from '../base/random.ts';
import { Host, type HostOptions } from '../socket/host.ts';
import { WebLoop } from './loop.ts';

export interface WebHostOptions extends Omit<HostOptions, 'driver' | 'random'> {
  /** Where sequence numbers and ports come from: from the platform's randomness unless given. */
  readonly seed?: number | string;
  readonly loop?: WebLoop;
}

/** The loop that hosts share unless they are given another. */
const shared: WebLoop = new WebLoop();

let ours: Host | null = null;

/** A host in real time, with a loopback (127.0.0.1/8, ::1); links are attached to it. */
export function createHost(options: WebHostOptions = {}): Host {
  const { seed, loop = shared, ...rest } = options;
  const random = new Random(seed ?? crypto.getRandomValues(new Uint32Array(4)));
  return new Host({ ...rest, driver: loop, random });
}

/** The host of this page, worker or process that has nothing but a loopback: made when it is first asked for. */
export function defaultHost(): Host {
  ours ??= createHost({ name: 'localhost' });
  return ours;
}
