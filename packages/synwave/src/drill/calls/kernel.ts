/** Kernel: what the calls of a script work on: the host under test, its settings, file descriptors, addresses. */
import { Address } from '../../base/address.ts';
import { formatAddress, isUnspecified, parseAddress } from '../../base/address-text.ts';
import { SynwaveError } from '../../base/errors.ts';
import { type Micros, NEVER } from '../../base/time.ts';
import type { TcpConfig } from '../../tcp/config.ts';
import { Failure } from '../../tcp/failure.ts';
import { State } from '../../tcp/state.ts';
import { Mismatch } from '../errors.ts';
import type { End } from '../flow.ts';
import type { Value } from '../script.ts';
import type { Settings } from '../settings.ts';
import type { Subject } from '../subject.ts';
import { type Descriptor, TcpEnd } from './descriptors.ts';
import { field, numberIn } from './values.ts';

/** What a call comes to. */
export interface Outcome {
  readonly value: number;
  /** '' when it went well. */
  readonly errno: string;
}

/** Tries a call: null, it would have to wait. */
export type Attempt = () => Outcome | null;

/** Who follows what happens to sockets, so that packets find them. */
export interface Follower {
  connects(socket: TcpEnd, local: End, remote: End): void;
  listens(socket: TcpEnd, local: End): void;
  accepts(socket: TcpEnd, local: End, remote: End): void;
  /** A UDP socket has a peer, or sends to one. */
  speaks(local: End, remote: End): void;
}

export function done(value: number): Outcome {
  return { value, errno: '' };
}

export function failed(errno: string): Outcome {
  return { value: -1, errno };
}

export class Kernel {
  readonly subject: Subject;
  readonly settings: Settings;
  readonly follower: Follower;
  readonly local: Address;
  readonly remote: Address;
  /** When a call that waits would end by itself: its timeout. The runner looks at it again then. */
  alarm: Micros = NEVER;
  private readonly descriptors = new Map<number, Descriptor>();

  constructor(subject: Subject, settings: Settings, local: Address, remote: Address, follower: Follower) {
    this.subject = subject;
    this.settings = settings;
    this.local = local;
    this.remote = remote;
    this.follower = follower;
  }

  get isBsd(): boolean {
    return this.settings.profile === 'freebsd';
  }

  /** The descriptor of that number, or null. */
  find(fd: number): Descriptor | null {
    return this.descriptors.get(fd) ?? null;
  }

  /** Every descriptor that is open. */
  all(): IterableIterator<[number, Descriptor]> {
    return this.descriptors.entries();
  }

  /** Opens a descriptor under the number that the script expects; the lowest that is free where it expects none. */
  open(descriptor: Descriptor, expected: number | null): number {
    let fd = expected ?? 3;
    if (expected === null) while (this.descriptors.has(fd)) fd++;
    if (this.descriptors.has(fd))
      throw new Mismatch(`descriptor ${fd} is open already: the host would answer another number`);
    if (fd < 0) return fd;
    this.descriptors.set(fd, descriptor);
    return fd;
  }

  forget(fd: number): void {
    this.descriptors.delete(fd);
  }

  /** The settings of a socket: the host's, and its own over them. */
  configOf(socket: TcpEnd): TcpConfig {
    return { ...this.settings.tcp, ...socket.settings };
  }

  /** The state of a socket's connection. */
  stateOf(socket: TcpEnd): State {
    if (socket.phase === 'listening') return State.Listen;
    return socket.id < 0 ? State.Closed : this.subject.stack.stateOf(socket.id);
  }

  /** Why a socket's connection has ended, as a program would be told, once; '' for nothing. */
  takeError(socket: TcpEnd): string {
    const errno = this.errorOf(socket);
    if (errno !== '') socket.told = true;
    return errno;
  }

  /** The same, left where it is. */
  errorOf(socket: TcpEnd): string {
    if (socket.id < 0 || socket.told || socket.phase === 'listening') return '';
    const { stack, lastStates } = this.subject;
    if (stack.stateOf(socket.id) !== State.Closed) return '';
    switch (stack.failureOf(socket.id)) {
      case Failure.Refused:
        return 'ECONNREFUSED';
      case Failure.Reset:
        return !this.isBsd && lastStates.get(socket.id) === State.CloseWait ? 'EPIPE' : 'ECONNRESET';
      case Failure.TimedOut:
      case Failure.UserTimeout:
        return 'ETIMEDOUT';
      case Failure.Aborted:
        return 'ECONNABORTED';
      case Failure.NoProtocol:
        return this.isBsd ? 'ECONNREFUSED' : 'ENOPROTOOPT';
      case Failure.HostUnreachable:
        return 'EHOSTUNREACH';
      case Failure.NetUnreachable:
        return 'ENETUNREACH';
      default:
        return '';
    }
  }

  /** Runs a call of the stack's; its error becomes the call's. */
  guarded(call: () => Outcome): Outcome {
    try {
      return call();
    } catch (error) {
      if (error instanceof SynwaveError) return failed(error.code);
      throw error;
    }
  }

  /** The address that a script writes: `{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")}`. `...`: `otherwise`. */
  endOf(value: Value, otherwise: End): End {
    if (value.kind !== 'struct') {
      if (value.kind === 'default' || value.kind === 'number') return otherwise;
      throw new Mismatch('an address is to be a struct sockaddr, or ...');
    }
    const port = argument(field(value, 1, 'sin_port', 'sin6_port'));
    const address = argument(field(value, 2, 'sin_addr', 'sin6_addr')) ?? argument(field(value, 3, 'sin6_addr'));
    return { port: numberOr(port, otherwise.port), address: addressOr(address, otherwise.address) };
  }

  /** As the stack wants it: IPv4 behind `::ffff:`, and null for any address. */
  boundAddress({ address }: End): Address | null {
    return isUnspecified(address) ? null : address;
  }

  nameOf(end: End): string {
    return `${formatAddress(end.address)} port ${end.port}`;
  }

  /** The socket of that number, if it is one of TCP; what is wrong otherwise. */
  tcp(fd: number): TcpEnd | Outcome {
    const found = this.find(fd);
    if (found === null) return failed('EBADF');
    return found instanceof TcpEnd ? found : failed('ENOTSOCK');
  }
}

/** What stands in `htons(80)`, or the value itself. */
function argument(value: Value | null): Value | null {
  if (value === null || value.kind !== 'call') return value;
  const last = value.args.at(-1) ?? null;
  // inet_pton(AF_INET6, "::1", ...): the text, wherever it stands.
  return value.args.find(({ kind }) => kind === 'string') ?? last;
}

function numberOr(value: Value | null, otherwise: number): number {
  return value === null ? otherwise : (numberIn(value) ?? otherwise);
}

function addressOr(value: Value | null, otherwise: Address): Address {
  if (value?.kind === 'string') {
    const address = parseAddress(value.string);
    if (address === null) throw new Mismatch(`${value.string} is no address`);
    return address;
  }
  if (value?.kind === 'number') return new Address().set(0, 0, 0xffff, value.number | 0);
  return otherwise;
}
