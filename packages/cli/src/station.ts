/** Station: the host that a command runs on, its link out of the process, and its sockets. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Host, impaired, MILLISECOND, Random, SECOND, tap } from 'synwave';
import { createNet, type SynwaveNet } from 'synwave/net';
import { createHost, type DatagramLink, datagramLink } from 'synwave/node';
import type { Recorder } from 'synwave/pcapng';
import { Exit, systemReason, UserError } from './errors.ts';
import { linkText } from './link.ts';
import type { LinkOptions } from './options.ts';

/** The network between the processes, and the one host of it that everyone knows, by number and by name. */
export const SERVER = '10.7.0.1';
export const NAMES: Readonly<Record<string, string>> = { server: SERVER };
const PREFIX = 16;

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
  /** The link as users write it, with the port that it has got. */
  readonly link: string;
  /** Called when the kernel says that nobody is at the other end of the link. */
  onUnreachable: (() => void) | null;
  /** Resolves when what was said is said: all FINs answered, as far as anybody answers. Then the link is closed. */
  close(): Promise<void>;
}

/** The host that clients find at the link. Throws UserError when another process has it. */
export async function serverStation(options: LinkOptions): Promise<Station> {
  try {
    return stationOn(await datagramLink({ listen: options.link }), SERVER, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cannotOpen(options, error);
    throw new UserError(
      `${linkText(options.link)} is taken: another process listens there; --link names another`,
      Exit.Failed,
    );
  }
}

/** A host with an address of its own, behind the link of a server. `recorder` takes down what it sends and gets. */
export async function clientStation(options: LinkOptions, recorder: Recorder | null = null): Promise<Station> {
  let station: Station | null = null;
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'ECONNREFUSED') station?.onUnreachable?.();
  };
  try {
    const link = await datagramLink({ peer: options.link, onError });
    // The kernel gives each process a UDP port of its own: so two hosts never have one address.
    const { port } = link.local;
    station = stationOn(link, `10.7.${port >> 8}.${port & 0xff}`, options, recorder);
    return station;
  } catch (error) {
    throw cannotOpen(options, error);
  }
}

/** What a client is told when no process is at the other end. */
export function nobodyAt(options: LinkOptions): UserError {
  const link = linkText(options.link);
  return new UserError(`nobody is at ${link} (UDP port unreachable): start synwave serve or nc -l there`, Exit.Failed);
}

function cannotOpen(options: LinkOptions, error: unknown): UserError {
  return new UserError(`cannot open ${linkText(options.link)}: ${systemReason(error)}`, Exit.Failed);
}

/** Since 1970, as captures count. */
const wallClock = (): number => (Date.now() / 1000) * SECOND;

function stationOn(
  link: DatagramLink,
  address: string,
  options: LinkOptions,
  recorder: Recorder | null = null,
): Station {
  const { delay, jitter, loss, reorder, duplicate, corrupt, seed } = options;
  const impairments = { delay, jitter, loss, reorder, duplicate, corrupt };
  const clean = Object.values(impairments).every((value) => value === 0);
  const host = createHost({ name: address });
  const carrier = clean ? link : impaired(link, { clock: host.driver, random: new Random(seed), impairments });
  host.attach(recorder === null ? carrier : tap(carrier, recorder, wallClock), [`${address}/${PREFIX}`]);
  const way = Math.ceil((delay + jitter) / MILLISECOND);
  const linger = clean ? 0 : 2 * way + (loss + corrupt > 0 ? AGAIN : 0);
  return {
    host,
    net: createNet(host, { hosts: NAMES }),
    link: linkText(link.local),
    onUnreachable: null,
    async close() {
      for (let waited = 0; waited < patience(host); waited += LOOK) await sleep(LOOK);
      // TIME-WAIT is cut short with the process; the part of it that is likely to be needed is kept.
      await sleep(linger);
      link.close();
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
