/** Dial: from the options of `connect` to a connection: names, addresses of both families (RFC 8305), one attempt or several. */
/* oxlint-disable no-underscore-dangle -- names with an underscore are Node's own, and some libraries look at them */
import { addressError, attemptsError, coded, type NodeError, type SystemCode, typeError } from './errors.ts';
import { type EndPoint, Handle } from './handle.ts';
import { ADDRCONFIG, type Lookup, type LookupAddress, type LookupCallback } from './lookup.ts';
import type { NetSocket } from './net-socket.ts';
import type { Loose } from './options.ts';
import type { Realm } from './realm.ts';

/** The shortest time that an attempt has before the next address is tried: milliseconds. */
export const SHORTEST_ATTEMPT = 10;

/** Where a connection goes, and from where. */
interface Route {
  readonly port: number;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
}

/** One attempt to reach an address. `end`: not, or null: connected. */
interface Attempt extends Route {
  readonly address: string;
  readonly family: number;
}

/** Checks the options, looks the name up, connects; `socket` has its handle already. Throws Node's errors for bad options. */
export function dial(realm: Realm, socket: NetSocket, options: Loose): void {
  const { check, platform } = realm;
  const { tools } = platform;
  const { localAddress, localPort } = options;
  const host = options['host'] || 'localhost';
  if (localAddress && !tools.isIP(localAddress as string)) throw invalidAddress(realm, localAddress);
  if (localPort) check.number(localPort, 'options.localPort');
  const route: Route = {
    port: portOf(realm, options['port']),
    localAddress: (localAddress as string | undefined) || undefined,
    localPort: (localPort as number | undefined) || undefined,
  };
  const { several, timeout } = attemptOptions(realm, options);
  const family = tools.isIP(host as string);
  if (family > 0) {
    platform.nextTick(() => {
      if (socket.connecting) dialOne(socket, { ...route, address: host as string, family });
    });
    return;
  }
  if (options['lookup'] !== undefined && options['lookup'] !== null)
    check.callback(options['lookup'], 'options.lookup');
  const lookup = (options['lookup'] as Lookup | undefined) ?? realm.lookup;
  const wanted = familyOf(options['family']);
  const exact = wanted === 4 || wanted === 6;
  const hints = (options['hints'] as number | undefined) || 0;
  const about = { family: wanted as number | undefined, hints: exact || hints !== 0 ? hints : ADDRCONFIG };
  socket._host = host as string;
  if (several && !exact && !localAddress) {
    lookup(host as string, { ...about, all: true }, takeAll(realm, socket, route, host as string, timeout));
  } else lookup(host as string, about, takeOne(realm, socket, route, host as string));
}

/** A family may be named as node:net shows it. */
function familyOf(family: unknown): unknown {
  if (family === 'IPv4') return 4;
  return family === 'IPv6' ? 6 : family;
}

function portOf(realm: Realm, port: unknown): number {
  if (port === undefined) return 0;
  if (typeof port !== 'number' && typeof port !== 'string') {
    throw typeError(realm.platform, 'options.port', 'one of type number or string', port);
  }
  return realm.check.port(port, 'Port');
}

function attemptOptions({ check, autoSelect }: Realm, options: Loose): { several: boolean; timeout: number } {
  const { autoSelectFamily, autoSelectFamilyAttemptTimeout } = options;
  if (autoSelectFamily !== undefined && autoSelectFamily !== null) {
    check.boolean(autoSelectFamily, 'options.autoSelectFamily');
  }
  let { timeout } = autoSelect;
  if (autoSelectFamilyAttemptTimeout !== undefined && autoSelectFamilyAttemptTimeout !== null) {
    const given = check.int32(autoSelectFamilyAttemptTimeout, 'options.autoSelectFamilyAttemptTimeout', 1);
    timeout = Math.max(given, SHORTEST_ATTEMPT);
  }
  return { several: (autoSelectFamily as boolean | undefined | null) ?? autoSelect.family, timeout };
}

/** Takes one address from a lookup. */
function takeOne(realm: Realm, socket: NetSocket, route: Route, host: string): LookupCallback {
  return (error, address, family) => {
    socket.emit('lookup', error, address, family, host);
    if (!socket.connecting) return;
    const wrong = error ?? faultOf(realm, { address: address as string, family: family as number }, host, route.port);
    if (wrong !== null) realm.platform.nextTick(() => socket.destroy(wrong));
    else {
      socket._unrefTimer();
      dialOne(socket, { ...route, address: address as string, family: family as number });
    }
  };
}

/** Takes a list of addresses from a lookup, and tries them in turn. */
function takeAll(realm: Realm, socket: NetSocket, route: Route, host: string, timeout: number): LookupCallback {
  return (error, addresses) => {
    if (!socket.connecting) return;
    if (error) {
      socket.emit('lookup', error, undefined, undefined, host);
      realm.platform.nextTick(() => socket.destroy(error));
      return;
    }
    const list = addresses as readonly LookupAddress[];
    for (const { address, family } of list) {
      socket.emit('lookup', null, address, family, host);
      if (!socket.connecting) return;
    }
    const good = distinct(list.filter((each) => faultOf(realm, each, host, route.port) === null));
    const [first] = good;
    if (first === undefined) {
      const wrong =
        list[0] === undefined ? invalidAddress(realm, undefined) : faultOf(realm, list[0], host, route.port);
      realm.platform.nextTick(() => socket.destroy(wrong ?? undefined));
      return;
    }
    socket._unrefTimer();
    if (good.length === 1) dialOne(socket, { ...route, ...first });
    else
      new Attempts(
        realm,
        socket,
        interleave(good).map((each) => ({ ...route, ...each })),
        timeout,
      ).next();
  };
}

/** An address that was found twice is tried once. */
function distinct(addresses: readonly LookupAddress[]): LookupAddress[] {
  return addresses.filter(({ address }, i) => addresses.findIndex((each) => each.address === address) === i);
}

/** RFC 8305 §4: the families take turns, the first address's family first. */
function interleave(addresses: readonly LookupAddress[]): LookupAddress[] {
  const mine = addresses.filter(({ family }) => family === addresses[0]?.family);
  const other = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const turns = Array.from({ length: Math.max(mine.length, other.length) }, (_, i) => [mine[i], other[i]]);
  return turns.flat().filter((each) => each !== undefined);
}

/** What is wrong with an answer to a lookup, if anything. */
function faultOf(realm: Realm, found: LookupAddress, host: string, port: number): NodeError | null {
  const { address, family } = found;
  if (typeof address !== 'string' || realm.platform.tools.isIP(address) === 0) return invalidAddress(realm, address);
  if (family === 4 || family === 6) return null;
  const message = `Invalid address family: ${String(family)} ${host}:${port}`;
  return Object.assign(coded('RangeError', 'ERR_INVALID_ADDRESS_FAMILY', message), { host, port });
}

function invalidAddress({ platform }: Realm, address: unknown): NodeError {
  const text = typeof address === 'string' ? address : platform.inspect(address, { depth: 0 });
  return coded('TypeError', 'ERR_INVALID_IP_ADDRESS', `Invalid IP address: ${text}`);
}

/** Tries one address, for better or worse. */
function dialOne(socket: NetSocket, to: Attempt): void {
  const handle = socket._handle;
  if (handle === null) return;
  const wrong = bind(handle, to);
  if (wrong !== null) {
    socket.destroy(wrong);
    return;
  }
  socket.emit('connectionAttempt', to.address, to.port, to.family);
  if (!socket.connecting || socket._handle !== handle) return;
  const code = handle.connect(to.family, to.address, to.port, (failed) => {
    if (failed === null) socket._connected();
    else {
      const error = failedError(failed, to);
      socket.emit('connectionAttemptFailed', to.address, to.port, to.family, error);
      socket.destroy(error);
    }
  });
  if (code !== null) socket.destroy(refusedError(code, to, handle));
}

/** Several addresses, one after the other: the next when one has failed, or has not answered in time. */
class Attempts {
  private readonly realm: Realm;
  private readonly socket: NetSocket;
  private readonly list: readonly Attempt[];
  private readonly timeout: number;
  private readonly failed: NodeError[] = [];
  private index = 0;

  constructor(realm: Realm, socket: NetSocket, list: readonly Attempt[], timeout: number) {
    this.realm = realm;
    this.socket = socket;
    this.list = list;
    this.timeout = timeout;
    socket.autoSelectFamilyAttemptedAddresses = [];
  }

  next(): void {
    const { socket, realm } = this;
    if (!socket.connecting) return;
    const to = this.list[this.index++];
    if (to === undefined) {
      socket.destroy(attemptsError(this.failed));
      return;
    }
    if (this.index > 1) socket._renewHandle(new Handle(realm));
    const handle = socket._handle;
    if (handle === null) return;
    const wrong = bind(handle, to);
    if (wrong !== null) {
      this.failed.push(wrong);
      this.next();
      return;
    }
    socket.autoSelectFamilyAttemptedAddresses?.push(`${to.address}:${to.port}`);
    socket.emit('connectionAttempt', to.address, to.port, to.family);
    if (!socket.connecting) return;
    this.attempt(handle, to);
  }

  private attempt(handle: Handle, to: Attempt): void {
    const { socket, realm } = this;
    const more = this.index < this.list.length;
    const alarm = more ? realm.host.driver.after(this.timeout * 1000, () => this.tooLate(handle, to)) : null;
    const code = handle.connect(to.family, to.address, to.port, (failed) => {
      alarm?.cancel();
      if (!socket.connecting || socket._handle !== handle) return;
      if (failed === null) socket._connected();
      else this.fails(to, failedError(failed, to));
    });
    if (code === null) return;
    alarm?.cancel();
    const error = refusedError(code, to, handle);
    this.failed.push(error);
    socket.emit('connectionAttemptFailed', to.address, to.port, to.family, error);
    this.next();
  }

  private fails(to: Attempt, error: NodeError): void {
    const { socket } = this;
    socket.emit('connectionAttemptFailed', to.address, to.port, to.family, error);
    this.failed.push(error);
    this.next();
  }

  private tooLate(handle: Handle, to: Attempt): void {
    const { socket } = this;
    if (!socket.connecting || socket._handle !== handle) return;
    socket.emit('connectionAttemptTimeout', to.address, to.port, to.family);
    this.failed.push(failedError('ETIMEDOUT', to));
    this.next();
  }
}

/** Binds to the local end that was asked for, if one was. */
function bind(handle: Handle, { family, localAddress, localPort }: Attempt): NodeError | null {
  if (localAddress === undefined && localPort === undefined) return null;
  const address = localAddress ?? anyOf(family);
  const code = handle.bind(family, address, localPort ?? 0);
  return code === null ? null : addressError(code, 'bind', address, localPort ?? 0);
}

/** The connection could not be opened. */
function failedError(code: SystemCode, { address, port, family, localAddress, localPort }: Attempt): NodeError {
  if (localPort === undefined) return addressError(code, 'connect', address, port);
  const from = localAddress ?? anyOf(family);
  const error = addressError(code, 'connect', address, port, `${from}:${localPort}`);
  return Object.assign(error, { localAddress: from, localPort });
}

/** The stack refused at once: the message says where the socket stood then, if there was one. */
function refusedError(code: SystemCode, { address, port }: Attempt, handle: Handle): NodeError {
  const own: Partial<EndPoint> = {};
  handle.getsockname(own);
  return addressError(code, 'connect', address, port, `${own.address}:${own.port}`);
}

function anyOf(family: number): string {
  return family === 6 ? '::' : '0.0.0.0';
}
