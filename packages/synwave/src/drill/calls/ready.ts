/** What poll and epoll say of a descriptor. */
import { State } from '../../tcp/state.ts';
import { symbols } from '../symbols.ts';
import { type Descriptor, TcpEnd, UdpEnd } from './descriptors.ts';
import type { Kernel } from './kernel.ts';
import { peekUdp } from './udp-calls.ts';

const IN = symbols['POLLIN'] as number;
const OUT = symbols['POLLOUT'] as number;
const ERR = symbols['POLLERR'] as number;
const HUP = symbols['POLLHUP'] as number;
const RDNORM = symbols['POLLRDNORM'] as number;
const WRNORM = symbols['POLLWRNORM'] as number;
const RDHUP = symbols['POLLRDHUP'] as number;

const READ = IN | RDNORM;
const WRITE = OUT | WRNORM;

/** The events that hold now, whether anybody has asked for them or not. */
export function eventsOf(kernel: Kernel, descriptor: Descriptor): number {
  if (descriptor instanceof TcpEnd) return tcpEvents(kernel, descriptor);
  if (descriptor instanceof UdpEnd) return (peekUdp(kernel, descriptor) === null ? 0 : READ) | WRITE;
  return 0;
}

function tcpEvents(kernel: Kernel, socket: TcpEnd): number {
  const { stack } = kernel.subject;
  if (socket.phase === 'listening') return stack.queuesOf(socket.id).waiting > 0 ? READ : 0;
  if (socket.id < 0) return kernel.isBsd ? WRITE | HUP : WRITE | HUP;
  const state = kernel.stateOf(socket);
  if (state === State.SynSent || state === State.SynReceived) return 0;
  const { snd } = stack.info(socket.id, kernel.subject.hostTime);
  const ended = stack.ended(socket.id) || socket.readShut || state === State.Closed;
  let events = 0;
  if (stack.readable(socket.id) > 0 || ended) events |= READ;
  if (ended && !kernel.isBsd) events |= RDHUP;
  const queued = snd.flight + snd.unsent;
  // A third of the buffer is to be free (Linux); what cannot be sent any more is told by a write that fails.
  if (socket.writeShut || state === State.Closed || (snd.buffer - queued) * 3 >= snd.buffer) events |= WRITE;
  if (state === State.Closed || (ended && socket.writeShut)) events |= HUP;
  if (kernel.errorOf(socket) !== '') events |= ERR;
  return events;
}

/** What is told whether it was asked for or not. */
export const ALWAYS: number = ERR | HUP;
