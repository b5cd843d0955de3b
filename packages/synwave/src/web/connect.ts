/** connect: the Sockets API's way to open a connection: names, several addresses, one socket. */
import { parseAddress } from '../base/address-text.ts';
import { SynwaveError } from '../base/errors.ts';
import { MILLISECOND, type Micros } from '../base/time.ts';
import type { Host } from '../socket/host.ts';
import { defaultHost } from './host.ts';
import type { Line } from './line.ts';
import {
  findAddresses,
  formatSocketAddress,
  type Lookup,
  type SocketAddress,
  socketAddress,
  unknownName,
} from './names.ts';
import { makeSocket, type Socket, type StreamOptions } from './socket.ts';

/** What an address has to answer before the next one of the same host has its turn (RFC 8305 §5). */
const ATTEMPT: Micros = 250 * MILLISECOND;

export interface ConnectOptions extends StreamOptions {
  /** Where the connection starts; by default a host of this page or process that reaches itself alone. */
  readonly host?: Host;
  /** Only 'off': there is no TLS. */
  readonly secureTransport?: 'off';
  /** Asked for every name that is no address, in place of what the host knows. */
  readonly lookup?: Lookup;
}

/**
 * Opens a connection to `host:port`, `[::1]:port` or `{ hostname, port }`. Answers at once; `opened` tells what comes of
 * it. Names are those that the host knows (in a world: those of its hosts), `localhost`, and those that its resolver
 * finds, unless `lookup` is given; of several addresses each has 250 ms, the last all the time it takes. Throws TypeError
 * for an address or options that make no sense, and for any `secureTransport` but 'off'.
 */
export function connect(address: string | SocketAddress, options: ConnectOptions = {}): Socket {
  const { host = defaultHost(), lookup, secureTransport = 'off', ...rest } = options;
  const to = socketAddress(address);
  if (secureTransport !== 'off') {
    throw new TypeError(`secureTransport '${String(secureTransport)}': synwave/web has no TLS, only 'off'`);
  }
  const { socket, line } = makeSocket(host, rest);
  void dial(line, to, lookup);
  return socket;
}

/** Tries the addresses one after the other. An address that needs no look-up is tried before this answers. */
async function dial(line: Line, { hostname, port }: SocketAddress, lookup: Lookup | undefined): Promise<void> {
  let failure: unknown = null;
  const find = (name: string): ReturnType<Lookup> => findAddresses(line.host, name);
  try {
    const asked = lookup === undefined || parseAddress(hostname) !== null ? find : lookup;
    const answer = asked(hostname);
    const found = 'then' in answer ? await answer : answer;
    for (const [i, address] of found.entries()) {
      if (line.over) return;
      failure = (await attempt(line, address, port, i < found.length - 1)) ?? failure;
      if (line.isOpen) return;
    }
  } catch (error) {
    failure = error;
  }
  line.settle(failure ?? unknownName(hostname));
}

/** Tries one address; `more`: not for ever. Answers why it did not work, null: it did. */
async function attempt(line: Line, address: string, port: number, more: boolean): Promise<unknown> {
  let late = false;
  try {
    const tcp = line.host.connect({ address, port });
    line.tcp = tcp;
    const giveUp = (): void => {
      late = true;
      tcp.abort();
    };
    const alarm = more ? line.host.driver.after(ATTEMPT, giveUp) : null;
    try {
      await tcp.opened;
    } finally {
      alarm?.cancel();
    }
    if (!line.over) line.open(tcp); // it may have been closed in the same turn
    return null;
  } catch (error) {
    return late ? new SynwaveError('ETIMEDOUT', `connect ${formatSocketAddress(address, port)}`) : error;
  }
}
