/** The calls of TCP sockets: connect, listen, accept, send, receive, shutdown, close, each as its system answers it. */
import { Address } from '../../base/address.ts';
import { parseAddress } from '../../base/address-text.ts';
import { SECOND } from '../../base/time.ts';
import { Refusal } from '../../tcp/calls.ts';
import { State } from '../../tcp/state.ts';
import { Mismatch, Unsupported } from '../errors.ts';
import type { End } from '../flow.ts';
import { symbols } from '../symbols.ts';
import { TcpEnd } from './descriptors.ts';
import { type Attempt, done, failed, type Kernel, type Outcome } from './kernel.ts';

const flag = (name: string): number => symbols[name] as number;

const MSG_PEEK = flag('MSG_PEEK');
const MSG_DONTWAIT = flag('MSG_DONTWAIT');
const MSG_WAITALL = flag('MSG_WAITALL');
const MSG_OOB = flag('MSG_OOB');
const MSG_MORE = flag('MSG_MORE');
const MSG_ERRQUEUE = flag('MSG_ERRQUEUE');
const MSG_FASTOPEN = flag('MSG_FASTOPEN');
const MSG_EOF = flag('MSG_EOF');

/** What a script reads into and sends from; its octets are zeros. */
const CHUNK = 65_536;
const zeros = new Uint8Array(CHUNK);
const sink = new Uint8Array(CHUNK);

export function bindTcp(kernel: Kernel, socket: TcpEnd, end: End): Outcome {
  if (socket.phase !== 'fresh' || socket.bound !== null) return failed('EINVAL');
  const { stack } = kernel.subject;
  const { address } = end;
  const own = kernel.boundAddress(end);
  if (own !== null && !stack.internet.addresses().some((each) => each.equals(address))) return failed('EADDRNOTAVAIL');
  const reuse = (socket.options.get('SO_REUSEADDR') ?? 0) !== 0 || (socket.options.get('SO_REUSEPORT') ?? 0) !== 0;
  for (const [, other] of kernel.all()) {
    if (!(other instanceof TcpEnd) || other === socket || other.bound?.port !== end.port) continue;
    if (end.port !== 0 && (!reuse || other.phase === 'listening')) return failed('EADDRINUSE');
  }
  socket.bound = end;
  return done(0);
}

export function listenTcp(kernel: Kernel, socket: TcpEnd, backlog: number): Outcome {
  if (socket.phase === 'listening') return done(0);
  if (socket.phase !== 'fresh') return failed('EINVAL');
  const { stack } = kernel.subject;
  const bound = socket.bound ?? { address: anyOf(socket.domain), port: 0 };
  return kernel.guarded(() => {
    const most = kernel.settings.backlogMost;
    const waiting = backlog < 0 ? most : Math.min(backlog, most);
    const family = socket.domain === 4 ? 4 : (socket.options.get('IPV6_V6ONLY') ?? 0) !== 0 ? 6 : 0;
    socket.id = stack.listen({
      address: kernel.boundAddress(bound),
      family,
      port: bound.port,
      backlog: kernel.isBsd ? Math.floor(waiting * 1.5) : waiting,
      synBacklog: Math.max(8, waiting),
      config: kernel.configOf(socket),
    });
    socket.bound = { ...bound, port: stack.portOf(socket.id) };
    socket.phase = 'listening';
    kernel.follower.listens(socket, socket.bound);
    return done(0);
  });
}

function anyOf(domain: 4 | 6): Address {
  return parseAddress(domain === 4 ? '0.0.0.0' : '::') ?? new Address();
}

/** A connection that waits; `expected`: the descriptor that the script has for it. */
export function acceptTcp(kernel: Kernel, socket: TcpEnd, expected: number | null, flags: number): Attempt {
  return () => {
    if (socket.phase !== 'listening') return failed('EINVAL');
    const { stack } = kernel.subject;
    const id = stack.accept(socket.id);
    if (id < 0) return socket.nonblocking ? failed('EAGAIN') : null;
    const child = new TcpEnd(socket.domain);
    child.id = id;
    child.phase = 'connected';
    child.reported = true;
    child.settings = { ...socket.settings };
    for (const [name, value] of socket.options) child.options.set(name, value);
    child.linger = socket.linger;
    child.nonblocking = (flags & flag('SOCK_NONBLOCK')) !== 0 || (kernel.isBsd && socket.nonblocking);
    const name = stack.nameOf(id);
    const local = { address: parse(name.local), port: name.localPort };
    const remote = { address: parse(name.remote), port: name.remotePort };
    child.bound = local;
    if (expected !== null && expected < 0) throw new Mismatch('accept has a connection, and was to fail');
    kernel.follower.accepts(child, local, remote);
    return done(kernel.open(child, expected));
  };
}

function parse(text: string): Address {
  return parseAddress(text) ?? new Address();
}

/** An active OPEN, and what becomes of one that is under way. */
export function connectTcp(kernel: Kernel, socket: TcpEnd, remote: End): Attempt {
  const { stack } = kernel.subject;
  let began = false;
  return () => {
    if (socket.phase === 'listening') return failed(kernel.isBsd ? 'EOPNOTSUPP' : 'EISCONN');
    if (socket.phase === 'fresh') {
      const refused = open(kernel, socket, remote);
      if (refused !== null) return refused;
      began = true;
      if (socket.nonblocking) return failed('EINPROGRESS');
    }
    const state = kernel.stateOf(socket);
    if (state === State.SynSent || state === State.SynReceived) {
      return !began && socket.nonblocking ? failed('EALREADY') : null;
    }
    const error = kernel.takeError(socket);
    if (error !== '') {
      socket.phase = kernel.isBsd ? 'over' : 'fresh';
      stack.release(socket.id, kernel.subject.hostTime);
      socket.id = -1;
      socket.told = false;
      return failed(error);
    }
    if (state === State.Closed && socket.phase === 'connecting' && !kernel.isBsd) {
      // SO_ERROR has told of the failure: Linux says once more that there is one, and lets the next call try again.
      socket.phase = 'fresh';
      socket.told = false;
      return failed('ECONNABORTED');
    }
    if (socket.phase === 'connecting') socket.phase = 'connected';
    if (socket.reported || (kernel.isBsd && !began)) return failed('EISCONN');
    socket.reported = true;
    return done(0);
  };
}

/** Null: it is under way. */
function open(kernel: Kernel, socket: TcpEnd, remote: End): Outcome | null {
  const { stack, hostTime } = kernel.subject;
  const local = {
    address: socket.bound === null ? null : kernel.boundAddress(socket.bound),
    port: socket.bound?.port ?? 0,
  };
  const outcome = kernel.guarded(() => {
    socket.id = stack.connect(remote, local, hostTime, kernel.configOf(socket));
    return done(0);
  });
  if (outcome.errno !== '') return outcome;
  socket.phase = 'connecting';
  const name = stack.nameOf(socket.id);
  const from = { address: parse(name.local), port: name.localPort };
  socket.bound = from;
  kernel.follower.connects(socket, from, remote);
  kernel.subject.turn();
  return null;
}

/** Whether a connection has been made; null: it is under way. */
function isConnected(kernel: Kernel, socket: TcpEnd): boolean | null {
  const state = kernel.stateOf(socket);
  if (state === State.SynSent || state === State.SynReceived) return null;
  if (socket.phase === 'connecting' && state !== State.Closed) socket.phase = 'connected';
  return socket.phase === 'connected' || (socket.phase === 'connecting' && socket.id >= 0);
}

/** SEND of `count` octets, all of which are zeros. */
export function sendTcp(kernel: Kernel, socket: TcpEnd, count: number, flags: number): Attempt {
  if ((flags & MSG_FASTOPEN) !== 0) throw new Unsupported('TCP Fast Open is not supported');
  const { stack } = kernel.subject;
  const mayNotWait = socket.nonblocking || (flags & MSG_DONTWAIT) !== 0;
  let sent = 0;
  return () => {
    if (socket.phase === 'listening' || socket.phase === 'fresh') return failed(kernel.isBsd ? 'ENOTCONN' : 'EPIPE');
    if (socket.writeShut) return failed('EPIPE');
    const error = kernel.isBsd && kernel.stateOf(socket) === State.Closed ? '' : kernel.takeError(socket);
    if (error !== '') return sent > 0 ? done(sent) : failed(error);
    const connected = isConnected(kernel, socket);
    if (connected === null) {
      if (kernel.isBsd) return failed('ENOTCONN');
      return mayNotWait ? failed('EAGAIN') : null;
    }
    for (;;) {
      const part = Math.min(count - sent, CHUNK);
      const n = part === 0 ? 0 : stack.send(socket.id, zeros, 0, part, (flags & MSG_OOB) !== 0);
      if (n < 0) return sent > 0 ? done(sent) : failed('EPIPE');
      sent += n;
      if (n === 0 || sent === count) break;
    }
    hold(kernel, socket, flags);
    kernel.subject.turn();
    if (sent === count) {
      if ((flags & MSG_EOF) !== 0 && kernel.isBsd) shutdownTcp(kernel, socket, 1);
      return done(sent);
    }
    if (!mayNotWait) return null;
    return sent > 0 ? done(sent) : failed('EAGAIN');
  };
}

/** TCP_CORK, TCP_NOPUSH and MSG_MORE: only whole segments go out while it holds. */
function hold(kernel: Kernel, socket: TcpEnd, flags: number): void {
  const corked = socket.cork || (flags & MSG_MORE) !== 0;
  if (corked === socket.corked) return;
  socket.corked = corked;
  kernel.subject.stack.configure(socket.id, { corked }, kernel.subject.hostTime);
}

export interface Reading {
  /** The octets that were asked for. */
  readonly count: number;
  readonly flags: number;
}

export function receiveTcp(kernel: Kernel, socket: TcpEnd, { count, flags }: Reading): Attempt {
  if ((flags & MSG_ERRQUEUE) !== 0) return () => failed('EAGAIN');
  if ((flags & MSG_OOB) !== 0) return () => failed('EINVAL');
  const { stack } = kernel.subject;
  const mayNotWait = socket.nonblocking || (flags & MSG_DONTWAIT) !== 0;
  let taken = 0;
  return () => {
    if (socket.phase === 'fresh' || socket.phase === 'listening') return failed('ENOTCONN');
    if (socket.id < 0) return socket.phase === 'over' ? failed('ENOTCONN') : done(0);
    const connected = isConnected(kernel, socket);
    if (connected === null) {
      if (kernel.isBsd) return failed('ENOTCONN');
      return mayNotWait ? failed('EAGAIN') : null;
    }
    const peek = (flags & MSG_PEEK) !== 0;
    if (peek && stack.readable(socket.id) > 0) return done(Math.min(count, stack.readable(socket.id)));
    let n = 0;
    while (taken < count) {
      n = peek ? 0 : stack.receive(socket.id, sink, 0, Math.min(count - taken, CHUNK));
      if (n <= 0) break;
      taken += n;
    }
    kernel.subject.turn();
    if (taken === count || (taken > 0 && (flags & MSG_WAITALL) === 0)) return done(taken);
    if (taken > 0 && (n < 0 || mayNotWait)) return done(taken);
    return taken > 0 ? null : empty(kernel, socket, mayNotWait);
  };
}

/** Nothing is to be had: the end, an error, or a wait. */
function empty(kernel: Kernel, socket: TcpEnd, mayNotWait: boolean): Outcome | null {
  const error = kernel.takeError(socket);
  if (error !== '') return failed(error);
  const { stack } = kernel.subject;
  if (socket.readShut || stack.ended(socket.id) || kernel.stateOf(socket) === State.Closed) return done(0);
  return mayNotWait ? failed('EAGAIN') : null;
}

/** `how`: SHUT_RD, SHUT_WR, SHUT_RDWR. */
export function shutdownTcp(kernel: Kernel, socket: TcpEnd, how: number): Outcome {
  if (how < 0 || how > 2) return failed('EINVAL');
  const { stack, hostTime } = kernel.subject;
  if (socket.phase === 'fresh') return failed('ENOTCONN');
  if (socket.phase === 'listening') {
    if (how === 1) return kernel.isBsd ? failed('ENOTCONN') : done(0);
    stack.unlisten(socket.id, hostTime);
    socket.id = -1;
    socket.phase = 'fresh';
    return kernel.isBsd ? failed('ENOTCONN') : done(0);
  }
  if (socket.id < 0 || kernel.stateOf(socket) === State.Closed) return failed('ENOTCONN');
  if (how !== 1) {
    socket.readShut = true;
    if (kernel.isBsd) discard(kernel, socket);
  }
  if (how !== 0 && !socket.writeShut) {
    socket.writeShut = true;
    if (stack.close(socket.id, hostTime) === Refusal.NoConnection) return failed('ENOTCONN');
  }
  kernel.subject.turn();
  return done(0);
}

/** FreeBSD lets go of what nobody will read, and of what still comes; the peer sees its window open. */
export function discard(kernel: Kernel, socket: TcpEnd): void {
  const { stack } = kernel.subject;
  if (socket.id < 0) return;
  while (stack.readable(socket.id) > 0 && stack.receive(socket.id, sink, 0, CHUNK) > 0);
}

/** The program lets go. With SO_LINGER and a time it waits until the peer has everything. */
export function closeTcp(kernel: Kernel, socket: TcpEnd): Attempt {
  const { subject } = kernel;
  const { stack } = subject;
  const until = subject.now + socket.linger.seconds * SECOND;
  let closing = false;
  return () => {
    if (socket.id < 0) return done(0);
    if (socket.phase === 'listening') {
      stack.unlisten(socket.id, subject.hostTime);
      subject.turn();
      return done(0);
    }
    const { linger } = socket;
    if (!closing && linger.on && linger.seconds === 0) stack.abort(socket.id, subject.hostTime);
    // With text unread the close is a RST, which nobody waits for.
    const waits =
      linger.on && linger.seconds > 0 && !socket.nonblocking && (closing || stack.readable(socket.id) === 0);
    if (waits && !closing) {
      stack.close(socket.id, subject.hostTime);
      subject.turn();
    }
    closing = true;
    if (waits) kernel.alarm = until;
    if (waits && subject.now < until && !isFinished(kernel.stateOf(socket))) return null;
    if (kernel.isBsd) discard(kernel, socket);
    stack.release(socket.id, subject.hostTime);
    subject.turn();
    return done(0);
  };
}

/** Whether the FIN has been acknowledged, or there is nobody to do so. */
function isFinished(state: State): boolean {
  return state === State.FinWait2 || state === State.TimeWait || state === State.Closed;
}
