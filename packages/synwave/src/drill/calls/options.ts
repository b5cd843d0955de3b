/** getsockopt and setsockopt: options that mean something to the stack, and those that are kept and told again. */
import { MILLISECOND, SECOND } from '../../base/time.ts';
import type { TcpConfig } from '../../tcp/config.ts';
import { State } from '../../tcp/state.ts';
import { Mismatch, Unsupported } from '../errors.ts';
import type { Value } from '../script.ts';
import { errnoOf, symbols } from '../symbols.ts';
import { tcpInfo } from '../tcp-info.ts';
import { type Descriptor, TcpEnd, UdpEnd } from './descriptors.ts';
import { done, failed, type Kernel, type Outcome } from './kernel.ts';
import { type Args, field, numberField, numberIn } from './values.ts';

/** Options by level and number, for scripts that write either. */
const names = new Map<string, string>();
for (const name of Object.keys(symbols)) {
  const level = name.startsWith('SO_')
    ? 'SOL_SOCKET'
    : name.startsWith('TCP_') && name !== 'TCP_ESTABLISHED' && symbols[name] !== undefined
      ? 'IPPROTO_TCP'
      : name.startsWith('IPV6_')
        ? 'IPPROTO_IPV6'
        : name.startsWith('IP_')
          ? 'IPPROTO_IP'
          : null;
  if (level !== null && !names.has(`${symbols[level]}:${symbols[name]}`))
    names.set(`${symbols[level]}:${symbols[name]}`, name);
}

function nameOf(args: Args): string {
  const written = args.word(2);
  if (/^[A-Z]/.test(written) && !written.includes('|')) return written;
  return names.get(`${args.number(1)}:${args.number(2)}`) ?? written;
}

/** Octets of an int. */
const INT = 4;

/** What cannot be had: it would change what is sent, and the stack does not know it. */
const unsupported: Readonly<Record<string, string>> = {
  TCP_FASTOPEN: 'TCP Fast Open',
  TCP_FASTOPEN_CONNECT: 'TCP Fast Open',
  TCP_FASTOPEN_NO_COOKIE: 'TCP Fast Open',
  TCP_MD5SIG: 'MD5 signatures',
  TCP_REPAIR: 'TCP_REPAIR',
  TCP_ULP: 'TCP_ULP',
  SO_ZEROCOPY: 'zero copy',
  TCP_ZEROCOPY_RECEIVE: 'zero copy',
  SO_TIMESTAMPING: 'timestamps of packets',
  SO_TXTIME: 'times to send at',
  SO_MAX_PACING_RATE: 'pacing',
  TCP_TX_DELAY: 'delays',
};

export function setOption(kernel: Kernel, descriptor: Descriptor, args: Args): Outcome {
  const name = nameOf(args);
  const value = args.at(3);
  const what = unsupported[name];
  if (what !== undefined) throw new Unsupported(`${name}: ${what} is not supported`);
  if (descriptor instanceof TcpEnd) return setTcp(kernel, descriptor, name, value);
  const number = numberIn(value);
  if (number !== null && descriptor instanceof UdpEnd) {
    descriptor.options.set(name, number);
    if (name === 'SO_BROADCAST' && descriptor.id >= 0)
      kernel.subject.stack.udp.setBroadcast(descriptor.id, number !== 0);
    if (name === 'IP_TTL' && descriptor.id >= 0) kernel.subject.stack.udp.setHopLimit(descriptor.id, number);
  }
  return done(0);
}

function setTcp(kernel: Kernel, socket: TcpEnd, name: string, value: Value): Outcome {
  if (name === 'SO_LINGER') return setLinger(socket, value);
  if (name === 'TCP_CONGESTION') return setCongestion(kernel, socket, value);
  if (name === 'TCP_FUNCTION_BLK' || name === 'SO_RCVTIMEO' || name === 'SO_SNDTIMEO' || name === 'SO_BINDTODEVICE') {
    return done(0);
  }
  const number = numberIn(value);
  if (number === null) throw new Mismatch(`the value of ${name} is to be a number in [ ]`);
  const refused = refuse(kernel, socket, name, number);
  if (refused !== '') return failed(refused);
  socket.options.set(name, number);
  if (name === 'TCP_CORK' || name === 'TCP_NOPUSH') {
    socket.cork = number !== 0;
    socket.corked = socket.cork;
  }
  const change = changeBy(kernel, socket, name, number);
  if (change !== null) configure(kernel, socket, change);
  if (name.startsWith('TCP_KEEP') || name === 'SO_KEEPALIVE') keepAlive(kernel, socket);
  kernel.subject.turn();
  return done(0);
}

/** What the systems do not take. */
function refuse(kernel: Kernel, socket: TcpEnd, name: string, number: number): string {
  if (name === 'TCP_MAXSEG') {
    if (kernel.isBsd) return number > 0 && (socket.id < 0 || number <= mssOf(kernel, socket)) ? '' : 'EINVAL';
    return number === 0 || (number >= 88 && number <= 32_767) ? '' : 'EINVAL';
  }
  if (name === 'TCP_KEEPIDLE' || name === 'TCP_KEEPINTVL') return number >= 1 && number <= 32_767 ? '' : 'EINVAL';
  if (name === 'TCP_KEEPCNT') return number >= 1 && number <= 127 ? '' : 'EINVAL';
  if (name === 'TCP_USER_TIMEOUT' && number < 0) return 'EINVAL';
  return '';
}

function mssOf(kernel: Kernel, socket: TcpEnd): number {
  if (socket.phase === 'listening') return 65_535;
  return kernel.subject.stack.info(socket.id, kernel.subject.hostTime).snd.mss;
}

/** The setting behind an option; null: none. */
function changeBy(kernel: Kernel, socket: TcpEnd, name: string, number: number): Partial<TcpConfig> | null {
  switch (name) {
    case 'SO_RCVBUF':
    case 'SO_RCVBUFFORCE':
      return receiveBuffer(kernel, socket, number);
    case 'SO_SNDBUF':
    case 'SO_SNDBUFFORCE':
      // Linux counts what it needs around each segment as well, and so doubles what it is told.
      return { sendBuffer: kernel.isBsd ? number : Math.max(2 * number, 4608) };
    case 'TCP_NODELAY':
      return { noDelay: number !== 0 };
    case 'TCP_MAXSEG':
      return { mss: number };
    case 'TCP_CORK':
    case 'TCP_NOPUSH':
      return { corked: number !== 0 };
    case 'TCP_KEEPIDLE':
      return { keepAliveIdle: number * SECOND };
    case 'TCP_KEEPINTVL':
      return { keepAliveInterval: number * SECOND };
    case 'TCP_KEEPCNT':
      return { keepAliveProbes: number };
    case 'TCP_KEEPINIT':
      return { r2Syn: number * SECOND };
    case 'TCP_SYNCNT':
      return { synRetries: number };
    case 'SO_KEEPALIVE':
      return { keepAlive: number !== 0 };
    case 'TCP_USER_TIMEOUT':
      return { userTimeout: number * MILLISECOND };
    case 'TCP_MAXUNACKTIME':
      return { userTimeout: number * SECOND };
    case 'TCP_LINGER2':
      return { finWait2: Math.max(number, 0) * SECOND };
    case 'TCP_QUICKACK':
      return { quickAcks: number === 0 ? 0 : 16 };
    case 'TCP_DELACK':
      return number === 0 ? { delayedAck: 0 } : null;
    case 'TCP_WINDOW_CLAMP':
      return { receiveBuffer: Math.min(number, kernel.configOf(socket).receiveBuffer) };
    case 'IP_TTL':
    case 'IPV6_UNICAST_HOPS':
      return { hopLimit: number };
    case 'IP_TOS':
    case 'IPV6_TCLASS':
      return { trafficClass: number };
    case 'TCP_NOOPT':
      return number === 0 ? null : { windowScale: false, timestamps: false, sack: false };
    default:
      return null;
  }
}

/** Linux doubles the number and takes half of that for the window; once it is set, the scale follows from it. */
function receiveBuffer(kernel: Kernel, socket: TcpEnd, number: number): Partial<TcpConfig> {
  if (kernel.isBsd) return { receiveBuffer: number };
  const least = 1152;
  return { receiveBuffer: Math.max(number, least), ...(socket.phase === 'fresh' ? { windowShift: 0 } : {}) };
}

function configure(kernel: Kernel, socket: TcpEnd, change: Partial<TcpConfig>): void {
  const { stack, hostTime } = kernel.subject;
  socket.settings = { ...socket.settings, ...change };
  if (socket.phase === 'listening') stack.configureListener(socket.id, change);
  else if (socket.id >= 0 && kernel.stateOf(socket) !== State.Closed) stack.configure(socket.id, change, hostTime);
}

function keepAlive(kernel: Kernel, socket: TcpEnd): void {
  if (socket.id < 0 || socket.phase === 'listening' || kernel.stateOf(socket) === State.Closed) return;
  const { keepAlive: on, keepAliveIdle, keepAliveInterval, keepAliveProbes } = kernel.configOf(socket);
  kernel.subject.stack.setKeepAlive(
    socket.id,
    on,
    kernel.subject.hostTime,
    keepAliveIdle,
    keepAliveInterval,
    keepAliveProbes,
  );
}

function setLinger(socket: TcpEnd, value: Value): Outcome {
  const on = numberField(value, 0, 'onoff', 'l_onoff');
  const seconds = numberField(value, 1, 'linger', 'l_linger');
  if (on === null || seconds === null) throw new Mismatch('SO_LINGER takes {onoff=1, linger=0}');
  socket.linger = { on: on !== 0, seconds };
  return done(0);
}

function setCongestion(kernel: Kernel, socket: TcpEnd, value: Value): Outcome {
  const name = congestionName(value);
  const congestion = congestionOf(name);
  if (congestion === null) throw new Unsupported(`congestion control ${name} is not supported: reno and cubic are`);
  configure(kernel, socket, { congestion });
  return done(0);
}

function congestionName(value: Value): string {
  if (value.kind === 'string') return value.string;
  if (value.kind === 'list' && value.items.length === 1) return congestionName(value.items[0] as Value);
  return '';
}

/** The stack's name for a system's congestion control; null: it has none like it. */
export function congestionOf(name: string): TcpConfig['congestion'] | null {
  if (name === 'reno' || name === 'newreno') return 'reno';
  return name === 'cubic' ? 'cubic' : null;
}

/** Answers, and compares with what the script expects to be answered. */
export function getOption(kernel: Kernel, descriptor: Descriptor, args: Args): Outcome {
  const name = nameOf(args);
  const expected = args.at(3);
  const what = unsupported[name];
  if (what !== undefined) throw new Unsupported(`${name}: ${what} is not supported`);
  if (name === 'SO_LINGER' && descriptor instanceof TcpEnd) return getLinger(descriptor, expected);
  if (name === 'TCP_INFO' && descriptor instanceof TcpEnd) return getInfo(kernel, descriptor, expected);
  if (name === 'TCP_CONGESTION' && descriptor instanceof TcpEnd) return getCongestion(kernel, descriptor, expected);
  const number =
    descriptor instanceof TcpEnd ? tcpOption(kernel, descriptor, name) : otherOption(kernel, descriptor, name);
  if (number === null) return failed('ENOPROTOOPT');
  const length = numberIn(args.at(4));
  if (length !== null && length !== INT) throw new Mismatch(`${name} is ${INT} octets long, not ${length}`);
  const wanted = numberIn(expected);
  if (wanted !== null && wanted !== number) throw new Mismatch(`${name} is ${number}, not ${wanted}`);
  return done(0);
}

function tcpOption(kernel: Kernel, socket: TcpEnd, name: string): number | null {
  const config = kernel.configOf(socket);
  switch (name) {
    case 'SO_ERROR': {
      const error = kernel.takeError(socket);
      return error === '' ? 0 : errnoOf(error);
    }
    case 'SO_TYPE':
      return symbols['SOCK_STREAM'] as number;
    case 'SO_PROTOCOL':
      return symbols['IPPROTO_TCP'] as number;
    case 'SO_DOMAIN':
      return symbols[socket.domain === 4 ? 'AF_INET' : 'AF_INET6'] as number;
    case 'SO_ACCEPTCONN':
      return socket.phase === 'listening' ? 1 : 0;
    case 'SO_RCVBUF':
      return kernel.isBsd ? config.receiveBuffer : 2 * config.receiveBuffer;
    case 'SO_SNDBUF':
      return config.sendBuffer;
    case 'TCP_MAXSEG':
      return maxSegment(kernel, socket);
    case 'TCP_KEEPIDLE':
      return config.keepAliveIdle / SECOND;
    case 'TCP_KEEPINTVL':
      return config.keepAliveInterval / SECOND;
    case 'TCP_KEEPCNT':
      return config.keepAliveProbes;
    case 'TCP_USER_TIMEOUT':
      return config.userTimeout / MILLISECOND;
    case 'IP_MTU':
    case 'IPV6_MTU':
      return pathMtu(kernel, socket);
    case 'IP_TTL':
    case 'IPV6_UNICAST_HOPS':
      return config.hopLimit;
    case 'IP_TOS':
    case 'IPV6_TCLASS':
      return config.trafficClass;
    default:
      return socket.options.get(name) ?? 0;
  }
}

function maxSegment(kernel: Kernel, socket: TcpEnd): number {
  if (socket.id < 0 || socket.phase === 'listening') return kernel.configOf(socket).mss || 536;
  return kernel.subject.stack.info(socket.id, kernel.subject.hostTime).snd.mss;
}

function pathMtu(kernel: Kernel, socket: TcpEnd): number | null {
  if (socket.id < 0 || socket.phase === 'listening') return null;
  const { path } = kernel.subject.stack.info(socket.id, kernel.subject.hostTime);
  return path.mss + (kernel.remote.family === 4 ? 40 : 60);
}

function otherOption(kernel: Kernel, descriptor: Descriptor, name: string): number | null {
  if (!(descriptor instanceof UdpEnd)) return null;
  if (name === 'SO_TYPE') return symbols['SOCK_DGRAM'] as number;
  if (name === 'SO_ERROR') {
    const error = descriptor.id < 0 ? null : kernel.subject.stack.udp.takeError(descriptor.id);
    return error === null ? 0 : errnoOf(error);
  }
  return descriptor.options.get(name) ?? 0;
}

function getLinger({ linger }: TcpEnd, expected: Value): Outcome {
  const on = numberField(expected, 0, 'onoff', 'l_onoff');
  const seconds = numberField(expected, 1, 'linger', 'l_linger');
  if (on !== null && (on !== 0) !== linger.on) throw new Mismatch(`SO_LINGER is ${linger.on ? 'on' : 'off'}`);
  if (seconds !== null && seconds !== linger.seconds)
    throw new Mismatch(`SO_LINGER has ${linger.seconds} s, not ${seconds}`);
  return done(0);
}

function getCongestion(kernel: Kernel, socket: TcpEnd, expected: Value): Outcome {
  const name = congestionName(expected);
  const { congestion } = kernel.configOf(socket);
  if (name !== '' && congestionOf(name) !== congestion)
    throw new Mismatch(`TCP_CONGESTION is ${congestion}, not ${name}`);
  return done(0);
}

/** `{tcpi_state=TCPS_ESTABLISHED, ...}`: only what is named is compared. */
function getInfo(kernel: Kernel, socket: TcpEnd, expected: Value): Outcome {
  const info = tcpInfo(kernel, socket);
  if (expected.kind !== 'struct') return done(0);
  for (const { name } of expected.fields) {
    if (name === null) continue;
    const wanted = numberIn(field(expected, -1, name) ?? { kind: 'default' });
    const found = info[name];
    if (found === undefined) throw new Mismatch(`TCP_INFO has no ${name}`);
    if (wanted !== null && wanted !== found) throw new Mismatch(`${name} is ${found}, not ${wanted}`);
  }
  return done(0);
}
