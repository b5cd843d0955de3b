/** Place: where a command asks from: a host of the simulated internet, in virtual time, or one behind a link, in real time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { formatAddress, type Host, MILLISECOND, type Micros, parseAddress } from 'synwave';
import type { Recorder } from 'synwave/pcapng';
import { internet, record } from 'synwave/sim';
import { UserError } from './errors.ts';
import { failed } from './failures.ts';
import type { LinkOptions, PlaceOptions } from './options.ts';
import { clientStation } from './station.ts';

export interface Place {
  readonly host: Host;
  /** Whether time is virtual: what goes on without end would never show one. */
  readonly virtual: boolean;
  readonly now: () => Micros;
  readonly sleep: (span: Micros) => Promise<void>;
  /** Lets time pass until the program has ended. Rejects as it does, or with a UserError when the link leads nowhere. */
  readonly run: (program: () => Promise<void>) => Promise<void>;
  /** The addresses of a host by its name. */
  readonly addressesOf: (name: string) => readonly string[];
  /** The name of the host that has the address; null: nobody known. */
  readonly nameOf: (address: string) => string | null;
  /** Nobody waits for anything any more. */
  readonly close: () => void;
}

/** `recorder` takes down what the host sends and gets. Throws UserError when the link cannot be opened. */
export async function placeOf(options: PlaceOptions, recorder: Recorder | null): Promise<Place> {
  const { link, ...rest } = options;
  if (link === null && rest.address !== undefined)
    throw new UserError('--address goes with --link: hosts of the small internet have theirs');
  return link === null ? simulated(rest, recorder) : behind({ ...NO_IMPAIRMENT, ...rest, link }, recorder);
}

const NO_IMPAIRMENT = { delay: 0, jitter: 0, loss: 0, reorder: 0, duplicate: 0, corrupt: 0 } as const;

async function simulated(options: Omit<PlaceOptions, 'link'>, recorder: Recorder | null): Promise<Place> {
  const { seed, delay, jitter, loss, reorder, duplicate, corrupt } = options;
  const asked = Object.entries({ delay, jitter, loss, reorder, duplicate, corrupt });
  const long = Object.fromEntries(asked.filter(([, value]) => value !== undefined));
  const net = internet({ seed, long });
  const { world, client, clientCable, settle, nameOf } = net;
  await settle();
  // As in a net that has been up for a while, neighbours know each other.
  const addresses = world.hosts.flatMap(({ name }) => client.names?.(name) ?? []);
  await world.run(async () => {
    await Promise.all(addresses.map((address) => client.ping(address)));
  });
  if (recorder !== null) record(recorder, [clientCable]);
  return {
    host: client,
    virtual: true,
    now: () => world.now,
    sleep: (span) => world.sleep(span),
    run: (program) => world.run(program),
    addressesOf: (name) => client.names?.(name) ?? [],
    nameOf,
    close: () => undefined,
  };
}

async function behind(options: LinkOptions, recorder: Recorder | null): Promise<Place> {
  const station = await clientStation(options, recorder);
  const { host, hosts } = station;
  const nobody = new Promise<never>((_resolve, reject) => {
    station.onUnreachable = reject;
  });
  nobody.catch(() => undefined); // it may come when nobody runs anything
  return {
    host,
    virtual: false,
    now: () => host.driver.now(),
    sleep: (span) => sleep(span / MILLISECOND),
    run: (program) => Promise.race([program(), nobody]),
    addressesOf: (name) => [hosts[name] ?? []].flat(),
    nameOf: (address) => Object.keys(hosts).find((name) => hosts[name] === address) ?? null,
    close: () => {
      host.crash(); // no echo is waited for
      void station.close();
    },
  };
}

/**
 * The address that `target` stands for, of the family that is asked for (0: any). Throws UserError, which begins with
 * `what`, when there is none.
 */
export function addressFor(place: Place, target: string, family: 0 | 4 | 6, what: string): string {
  const literal = parseAddress(target);
  const known = literal === null ? place.addressesOf(target) : [formatAddress(literal)];
  const found = known.find((text) => family === 0 || parseAddress(text)?.family === family);
  if (found !== undefined) return found;
  if (literal !== null) throw new UserError(`${target} is not an IPv${family} address`);
  throw failed(`${what} ${target}`, Object.assign(new Error('unknown name'), { code: 'ENOTFOUND' }));
}

/** The family that -4 and -6 ask for; 0: any. Throws UserError for both. */
export function familyOf(options: { readonly 4?: boolean; readonly 6?: boolean }): 0 | 4 | 6 {
  if (options[4] === true && options[6] === true) throw new UserError('-4 and -6 do not go together');
  return options[4] === true ? 4 : options[6] === true ? 6 : 0;
}
