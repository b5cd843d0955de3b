/** Station: the host that a command runs on, its link out of the process, and its sockets. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Host, impaired, MILLISECOND, Random, SECOND, tap } from 'synwave';
import { createNet, type SynwaveNet } from 'synwave/net';
import { type ControlSocket, controlSocket, createHost, PacketFeed } from 'synwave/node';
import type { Recorder } from 'synwave/pcapng';
import { placedText } from './addresses.ts';
import { type Carrier, openCarrier, type Role } from './carrier.ts';
import type { UserError } from './errors.ts';
import type { LinkOptions } from './options.ts';

/** Milliseconds between looks at connections that still have something to say when their program has ended. */
const LOOK = 10;
/** How long they may take, and how long a peer may that has heard everything and says nothing of its own end. */
const PATIENCE = 10_000;
const FIN_PATIENCE = 1_000;
/** Milliseconds that a FIN which came twice is still answered, where packets get lost: a little above the first RTO. */
const AGAIN = 1_500;

export interface Station {
  readonly host: Host;
  readonly net: SynwaveNet;
  /** The host's own address; the first, if it has several. */
  readonly address: string;
  /** Where a server of its own listens: on that address, or on all of them, if it has several. */
  readonly listensOn: string;
  /** Hosts that are known by name there. */
  readonly hosts: Readonly<Record<string, string>>;
  /** The link as users write it, with the port or the name that it has got. */
  readonly link: string;
  /** Who alone is on this machine, where others may reach the host as well; null: whoever reaches it is. */
  readonly locals: readonly string[] | null;
  /** Called when nobody is at the other end of the link, or nobody is any more. */
  onUnreachable: ((error: UserError) => void) | null;
  /** Resolves when what was said is said: all FINs answered, as far as anybody answers. Then the link is closed. */
  close(): Promise<void>;
}

/** The host that clients find at the link. Throws UserError when the link cannot be had. */
export function serverStation(options: LinkOptions, recorder: Recorder | null = null): Promise<Station> {
  return stationAt(options, 'server', recorder);
}

/** A host with an address of its own, behind the link of a server. `recorder` takes down what it sends and gets. */
export function clientStation(options: LinkOptions, recorder: Recorder | null = null): Promise<Station> {
  return stationAt(options, 'client', recorder);
}

/** Since 1970, as captures count. */
const wallClock = (): number => (Date.now() / 1000) * SECOND;

async function stationAt(options: LinkOptions, role: Role, recorder: Recorder | null): Promise<Station> {
  const { delay, jitter, loss, reorder, duplicate, corrupt } = options;
  const clean = [delay, jitter, loss, reorder, duplicate, corrupt].every((value) => value === 0);
  let station: Station | null = null;
  const carrier = await openCarrier(options, role, clean, (error) => station?.onUnreachable?.(error));
  const feed = new PacketFeed();
  let control: ControlSocket | null = null;
  const closed = (): void => {
    carrier.close();
    control?.close();
  };
  station = stationOn({ ...carrier, close: closed }, options, clean, recorder, feed);
  control = await controlOf(station.host, feed);
  return station;
}

/** Where `synwave ss` and `synwave dump` look in; null where there can be none, and the command goes on without. */
async function controlOf(host: Host, feed: PacketFeed): Promise<ControlSocket | null> {
  try {
    return await controlSocket(host, { command: `synwave ${process.argv[2] ?? ''}`.trimEnd(), feed });
  } catch (error) {
    process.stderr.write(`synwave: no control socket: ${(error as Error).message}\n`);
    return null;
  }
}

function stationOn(
  carrier: Carrier,
  options: LinkOptions,
  clean: boolean,
  recorder: Recorder | null,
  feed: PacketFeed,
): Station {
  const { delay, jitter, loss, reorder, duplicate, corrupt, seed } = options;
  const impairments = { delay, jitter, loss, reorder, duplicate, corrupt };
  const { addresses, hosts, routers, name, locals } = carrier;
  const [{ address } = { address: '' }] = addresses;
  const host = createHost({ name: address });
  const link = clean
    ? carrier.link
    : impaired(carrier.link, { clock: host.driver, random: new Random(seed), impairments });
  const watched = tap(link, feed, wallClock);
  host.attach(recorder === null ? watched : tap(watched, recorder, wallClock), addresses.map(placedText));
  for (const router of routers) host.route(router.includes(':') ? '::/0' : '0.0.0.0/0', router);
  const way = Math.ceil((delay + jitter) / MILLISECOND);
  const linger = clean ? 0 : 2 * way + (loss + corrupt > 0 ? AGAIN : 0);
  return {
    host,
    net: createNet(host, { hosts }),
    address,
    listensOn: addresses.length === 1 ? address : '::',
    hosts,
    link: name,
    locals,
    onUnreachable: null,
    async close() {
      for (let waited = 0; waited < patience(host); waited += LOOK) await sleep(LOOK);
      // TIME-WAIT is cut short with the process; the part of it that is likely to be needed is kept.
      await sleep(linger);
      carrier.close();
    },
  };
}

/** How long to wait, by the states of its connections. */
function patience(host: Host): number {
  let most = 0;
  for (const { info } of host.stack.connections(host.now())) {
    if (info.state === 'FIN-WAIT-2') most = Math.max(most, FIN_PATIENCE);
    else if (info.state !== 'TIME-WAIT' && info.state !== 'LISTEN') most = PATIENCE;
  }
  return most;
}
