/** Which call does what: from a call's name and arguments to an attempt at it. */
import { MILLISECOND, type Micros, NEVER } from '../../base/time.ts';
import { State } from '../../tcp/state.ts';
import { Mismatch, Unsupported } from '../errors.ts';
import type { End } from '../flow.ts';
import type { CallSpec, Value } from '../script.ts';
import { symbols } from '../symbols.ts';
import { type Descriptor, EpollEnd, TcpEnd, UdpEnd } from './descriptors.ts';
import { type Attempt, done, failed, type Kernel, type Outcome } from './kernel.ts';
import { getOption, setOption } from './options.ts';
import { ALWAYS, eventsOf } from './ready.ts';
import { acceptTcp, bindTcp, closeTcp, connectTcp, listenTcp, receiveTcp, sendTcp, shutdownTcp } from './tcp-calls.ts';
import { bindUdp, closeUdp, connectUdp, peekUdp, receiveUdp, sendUdp } from './udp-calls.ts';
import { Args, field, itemsOf, numberField, numberIn } from './values.ts';

const constant = (name: string): number => symbols[name] as number;

const NONBLOCK = constant('O_NONBLOCK');

/** A call on its way: `expected` is the descriptor that the script expects to be answered, null for any. */
type Handler = (kernel: Kernel, args: Args, expected: number | null) => Attempt;

/** Tries once: such a call never waits. */
const once =
  (call: (kernel: Kernel, args: Args, expected: number | null) => Outcome): Handler =>
  (kernel, args, expected) =>
  () =>
    call(kernel, args, expected);

/** The descriptor among the arguments; a call on what is none answers EBADF or what `wrong` says. */
const on =
  (call: (kernel: Kernel, descriptor: Descriptor, args: Args, expected: number | null) => Attempt): Handler =>
  (kernel, args, expected) => {
    const descriptor = kernel.find(args.number(0));
    return descriptor === null ? () => failed('EBADF') : call(kernel, descriptor, args, expected);
  };

const handlers: Readonly<Record<string, Handler>> = {
  socket: once(makeSocket),
  bind: on((kernel, descriptor, args) => () => {
    const end = kernel.endOf(args.at(1), { address: kernel.local, port: kernel.settings.bindPort });
    if (descriptor instanceof TcpEnd) return bindTcp(kernel, descriptor, end);
    return descriptor instanceof UdpEnd ? bindUdp(kernel, descriptor, end) : failed('ENOTSOCK');
  }),
  listen: on((kernel, descriptor, args) => () => {
    if (descriptor instanceof TcpEnd) return listenTcp(kernel, descriptor, args.number(1));
    return failed(descriptor instanceof UdpEnd ? 'EOPNOTSUPP' : 'ENOTSOCK');
  }),
  accept: on((kernel, descriptor, _args, expected) => accept(kernel, descriptor, expected, 0)),
  accept4: on((kernel, descriptor, args, expected) => accept(kernel, descriptor, expected, args.number(3, 0))),
  connect: on(connect),
  read: on((kernel, descriptor, args) => receive(kernel, descriptor, args.number(2), 0)),
  readv: on((kernel, descriptor, args) => receive(kernel, descriptor, vectorLength(args.at(1)), 0)),
  recv: on((kernel, descriptor, args) => receive(kernel, descriptor, args.number(2), args.number(3, 0))),
  recvfrom: on((kernel, descriptor, args) => receive(kernel, descriptor, args.number(2), args.number(3, 0))),
  recvmsg: on(receiveMessage),
  write: on((kernel, descriptor, args) => send(kernel, descriptor, args.number(2), 0, null)),
  writev: on((kernel, descriptor, args) => send(kernel, descriptor, vectorLength(args.at(1)), 0, null)),
  send: on((kernel, descriptor, args) => send(kernel, descriptor, args.number(2), args.number(3, 0), null)),
  sendto: on((kernel, descriptor, args) => send(kernel, descriptor, args.number(2), args.number(3, 0), args.at(4))),
  sendmsg: on((kernel, descriptor, args) => sendMessage(kernel, descriptor, args)),
  shutdown: on((kernel, descriptor, args) => () => {
    if (descriptor instanceof TcpEnd) return shutdownTcp(kernel, descriptor, args.number(1));
    return failed(descriptor instanceof UdpEnd ? 'ENOTCONN' : 'ENOTSOCK');
  }),
  close: on(close),
  fcntl: on((kernel, descriptor, args) => () => control(kernel, descriptor, args)),
  ioctl: on((kernel, descriptor, args) => () => ioctl(kernel, descriptor, args)),
  getsockopt: on((kernel, descriptor, args) => () => getOption(kernel, descriptor, args)),
  setsockopt: on((kernel, descriptor, args) => () => setOption(kernel, descriptor, args)),
  poll: poll,
  epoll_create: once((kernel, _args, expected) => done(kernel.open(new EpollEnd(), expected))),
  epoll_create1: once((kernel, _args, expected) => done(kernel.open(new EpollEnd(), expected))),
  epoll_ctl: on((kernel, descriptor, args) => () => epollControl(kernel, descriptor, args)),
  epoll_wait: on(epollWait),
};

/** Calls that the language knows and this runner does not. */
const refused = ['pipe', 'open', 'sendfile', 'splice', 'mmap', 'munmap', 'cap_set', 'select', 'kqueue', 'kevent'];

/** Throws Mismatch for what is no call, or has the wrong arguments. */
export function attemptAt(kernel: Kernel, call: CallSpec): Attempt {
  const handler = handlers[call.name];
  if (handler === undefined) {
    if (refused.includes(call.name) || call.name.startsWith('sctp_'))
      throw new Unsupported(`${call.name} is not supported`);
    throw new Mismatch(`no call is named ${call.name}`);
  }
  return handler(kernel, new Args(call), call.result.kind === 'number' ? call.result.number : null);
}

function makeSocket(kernel: Kernel, args: Args, expected: number | null): Outcome {
  const { ipVersion } = kernel.settings;
  const given = args.at(0);
  const domain = given.kind === 'number' ? domainOf(given.number) : ipVersion === 4 ? 4 : 6;
  if (domain === null) return failed('EAFNOSUPPORT');
  const type = args.number(1);
  const kind = type & 0xf;
  if (kind !== constant('SOCK_STREAM') && kind !== constant('SOCK_DGRAM')) {
    throw new Unsupported('sockets other than SOCK_STREAM and SOCK_DGRAM are not supported');
  }
  const protocol = args.number(2, 0);
  const isStream = kind === constant('SOCK_STREAM');
  if (protocol !== 0 && protocol !== constant(isStream ? 'IPPROTO_TCP' : 'IPPROTO_UDP')) {
    throw new Unsupported('protocols other than TCP and UDP are not supported');
  }
  const made = isStream ? new TcpEnd(domain) : new UdpEnd(domain);
  made.nonblocking = (type & NONBLOCK) !== 0;
  return done(kernel.open(made, expected));
}

function domainOf(number: number): 4 | 6 | null {
  if (number === constant('AF_INET')) return 4;
  return number === constant('AF_INET6') ? 6 : null;
}

function accept(kernel: Kernel, descriptor: Descriptor, expected: number | null, flags: number): Attempt {
  if (descriptor instanceof TcpEnd) return acceptTcp(kernel, descriptor, expected, flags);
  return () => failed(descriptor instanceof UdpEnd ? 'EOPNOTSUPP' : 'ENOTSOCK');
}

function connect(kernel: Kernel, descriptor: Descriptor, args: Args): Attempt {
  const to = kernel.endOf(args.at(1), { address: kernel.remote, port: kernel.settings.connectPort });
  if (descriptor instanceof TcpEnd) return connectTcp(kernel, descriptor, to);
  if (descriptor instanceof UdpEnd)
    return () => withFlow(kernel, descriptor, to, () => connectUdp(kernel, descriptor, to));
  return () => failed('ENOTSOCK');
}

/** Packets between the script and a UDP socket belong to what it is connected to, or last sent to. */
function withFlow(kernel: Kernel, socket: UdpEnd, to: End, call: () => Outcome): Outcome {
  const before = kernel.subject.sent.length;
  const outcome = call();
  if (socket.bound !== null && outcome.errno === '') {
    const seen = kernel.subject.sent.at(before);
    const local = { address: seen?.src ?? addressFor(kernel, socket), port: socket.bound.port };
    kernel.follower.speaks(local, to);
  }
  return outcome;
}

function addressFor(kernel: Kernel, { bound }: UdpEnd): End['address'] {
  return bound !== null && kernel.boundAddress(bound) !== null ? bound.address : kernel.local;
}

/** Octets of an iovec: `[{..., 1000}, {..., 500}]`. */
function vectorLength(value: Value): number {
  return itemsOf(value).reduce((sum, item) => sum + (numberField(item, 1, 'iov_len') ?? 0), 0);
}

function receive(kernel: Kernel, descriptor: Descriptor, count: number, flags: number): Attempt {
  if (descriptor instanceof TcpEnd) return receiveTcp(kernel, descriptor, { count, flags });
  if (descriptor instanceof UdpEnd) return receiveUdp(kernel, descriptor, count, flags);
  return () => failed('EINVAL');
}

function receiveMessage(kernel: Kernel, descriptor: Descriptor, args: Args): Attempt {
  const header = args.at(1);
  const vector = field(header, 2, 'msg_iov');
  if (field(header, -1, 'msg_control') !== null) throw new Unsupported('ancillary data of recvmsg is not supported');
  return receive(kernel, descriptor, vector === null ? 0 : vectorLength(vector), args.number(2, 0));
}

function send(kernel: Kernel, descriptor: Descriptor, count: number, flags: number, to: Value | null): Attempt {
  if (descriptor instanceof TcpEnd) return sendTcp(kernel, descriptor, count, flags);
  if (!(descriptor instanceof UdpEnd)) return () => failed('EINVAL');
  const given =
    to === null || (to.kind === 'number' && to.number === 0) || (to.kind === 'default' && descriptor.peer !== null);
  if (given) return () => sendUdp(kernel, descriptor, count, null);
  const end = kernel.endOf(to, { address: kernel.remote, port: kernel.settings.connectPort });
  return () => withFlow(kernel, descriptor, end, () => sendUdp(kernel, descriptor, count, end));
}

function sendMessage(kernel: Kernel, descriptor: Descriptor, args: Args): Attempt {
  const header = args.at(1);
  const vector = field(header, 2, 'msg_iov');
  const name = descriptor instanceof UdpEnd ? field(header, 0, 'msg_name') : null;
  return send(kernel, descriptor, vector === null ? 0 : vectorLength(vector), args.number(2, 0), name);
}

function close(kernel: Kernel, descriptor: Descriptor, args: Args): Attempt {
  const fd = args.number(0);
  const attempt: Attempt =
    descriptor instanceof TcpEnd
      ? closeTcp(kernel, descriptor)
      : descriptor instanceof UdpEnd
        ? () => closeUdp(kernel, descriptor)
        : () => done(0);
  return () => {
    const outcome = attempt();
    if (outcome !== null) kernel.forget(fd);
    return outcome;
  };
}

function control(kernel: Kernel, descriptor: Descriptor, args: Args): Outcome {
  const command = args.number(1);
  if (command === constant('F_GETFD') || command === constant('F_SETFD')) return done(0);
  if (descriptor instanceof EpollEnd) return done(0);
  if (command === constant('F_GETFL')) return done(constant('O_RDWR') | (descriptor.nonblocking ? NONBLOCK : 0));
  if (command !== constant('F_SETFL')) throw new Unsupported(`fcntl ${args.word(1)} is not supported`);
  descriptor.nonblocking = (args.number(2) & NONBLOCK) !== 0;
  return kernel.find(args.number(0)) === null ? failed('EBADF') : done(0);
}

function ioctl(kernel: Kernel, descriptor: Descriptor, args: Args): Outcome {
  const request = args.number(1);
  if (request === constant('FIONBIO') && !(descriptor instanceof EpollEnd)) {
    descriptor.nonblocking = (numberIn(args.at(2)) ?? 0) !== 0;
    return done(0);
  }
  const number = queued(kernel, descriptor, request);
  if (number === null) return failed('EINVAL');
  const wanted = numberIn(args.at(2));
  if (wanted !== null && wanted !== number) throw new Mismatch(`${args.word(1)} answers ${number}, not ${wanted}`);
  return done(0);
}

function queued(kernel: Kernel, descriptor: Descriptor, request: number): number | null {
  const { stack, hostTime } = kernel.subject;
  if (descriptor instanceof UdpEnd)
    return request === constant('FIONREAD') ? (peekUdp(kernel, descriptor)?.length ?? 0) : null;
  if (!(descriptor instanceof TcpEnd) || descriptor.phase === 'listening') return null;
  if (descriptor.id < 0) return 0;
  if (request === constant('FIONREAD')) return stack.readable(descriptor.id);
  const { snd } = stack.info(descriptor.id, hostTime);
  // A FIN counts as an octet of the sequence space, and is none of the user's.
  if (request === constant('SIOCOUTQ')) return Math.max(0, snd.queued);
  if (request === constant('SIOCOUTQNSD')) return snd.unsent;
  if (request === constant('FIONSPACE')) return snd.buffer - snd.queued;
  throw new Unsupported('this ioctl is not supported');
}

/** Milliseconds, -1 for ever, into an instant. */
function deadline(kernel: Kernel, milliseconds: number): Micros {
  kernel.alarm = milliseconds < 0 ? NEVER : kernel.subject.now + milliseconds * MILLISECOND;
  return kernel.alarm;
}

function poll(kernel: Kernel, args: Args): Attempt {
  const items = itemsOf(args.at(0));
  const until = deadline(kernel, args.number(2, -1));
  return () => {
    const found = items.map((item) => {
      const descriptor = kernel.find(numberField(item, 0, 'fd') ?? -1);
      if (descriptor === null) return constant('POLLNVAL');
      return eventsOf(kernel, descriptor) & ((numberField(item, 1, 'events') ?? 0) | ALWAYS);
    });
    const ready = found.filter((events) => events !== 0).length;
    if (ready === 0 && kernel.subject.now < until) return null;
    for (const [i, item] of items.entries())
      compareEvents('revents', numberField(item, 2, 'revents'), found[i] as number);
    return done(ready);
  };
}

function compareEvents(what: string, wanted: number | null, found: number): void {
  if (wanted !== null && wanted !== found)
    throw new Mismatch(`${what} is 0x${found.toString(16)}, not 0x${wanted.toString(16)}`);
}

function epollControl(kernel: Kernel, descriptor: Descriptor, args: Args): Outcome {
  if (!(descriptor instanceof EpollEnd)) return failed('EINVAL');
  const operation = args.number(1);
  const fd = args.number(2);
  if (kernel.find(fd) === null) return failed('EBADF');
  const { watched } = descriptor;
  const has = watched.has(fd);
  if (operation === constant('EPOLL_CTL_ADD') ? has : !has) return failed(has ? 'EEXIST' : 'ENOENT');
  if (operation === constant('EPOLL_CTL_DEL')) {
    watched.delete(fd);
    return done(0);
  }
  const events = numberField(args.at(3), 0, 'events') ?? 0;
  const data = numberField(args.at(3), 1, 'fd', 'u32', 'u64', 'ptr', 'data') ?? fd;
  watched.set(fd, { events: events >>> 0, data, seen: 0 });
  return done(0);
}

const EDGE = constant('EPOLLET');
const ONE_SHOT = constant('EPOLLONESHOT');

function epollWait(kernel: Kernel, descriptor: Descriptor, args: Args): Attempt {
  if (!(descriptor instanceof EpollEnd)) return () => failed('EINVAL');
  const until = deadline(kernel, args.number(3, -1));
  const most = args.number(2);
  if (most <= 0) return () => failed('EINVAL');
  return () => {
    const ready: { data: number; events: number }[] = [];
    for (const [fd, watch] of descriptor.watched) {
      const target = kernel.find(fd);
      if (target === null || watch.events === 0) continue;
      const now = eventsOf(kernel, target) & ((watch.events & 0x3fff_ffff) | ALWAYS);
      // Edge-triggered: only what has come since it was told last.
      const events = (watch.events & EDGE) === 0 ? now : now & ~watch.seen;
      watch.seen = now;
      if (events === 0 || ready.length >= most) continue;
      ready.push({ data: watch.data, events: (watch.events & EDGE) === 0 ? events : now });
      if ((watch.events & ONE_SHOT) !== 0) watch.events = 0;
    }
    if (ready.length === 0 && kernel.subject.now < until) return null;
    for (const [i, item] of itemsOf(args.at(1)).entries()) {
      const found = ready[i];
      if (found === undefined) continue;
      compareEvents('events', numberField(item, 0, 'events'), found.events);
      const data = numberField(item, 1, 'fd', 'u32', 'u64', 'ptr', 'data');
      if (data !== null && data !== found.data) throw new Mismatch(`the event is of ${found.data}, not of ${data}`);
    }
    return done(ready.length);
  };
}

/** What FreeBSD drops when its reader has gone: to be called as time goes on. */
export function isShut(kernel: Kernel, descriptor: Descriptor): descriptor is TcpEnd {
  return (
    kernel.isBsd && descriptor instanceof TcpEnd && descriptor.readShut && kernel.stateOf(descriptor) !== State.Closed
  );
}
