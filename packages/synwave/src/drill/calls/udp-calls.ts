/** The calls of UDP sockets. */
import { Address } from '../../base/address.ts';
import { parseAddress } from '../../base/address-text.ts';
import type { End } from '../flow.ts';
import { symbols } from '../symbols.ts';
import type { UdpEnd } from './descriptors.ts';
import { type Attempt, done, failed, type Kernel, type Outcome } from './kernel.ts';

const MSG_PEEK = symbols['MSG_PEEK'] as number;
const MSG_DONTWAIT = symbols['MSG_DONTWAIT'] as number;
const RECEIVE_BUFFER = 212_992;

function bindNow(kernel: Kernel, socket: UdpEnd, end: End | null): void {
  const { stack } = kernel.subject;
  const family = socket.domain === 4 ? 4 : (socket.options.get('IPV6_V6ONLY') ?? 0) !== 0 ? 6 : 0;
  socket.id = stack.udp.bind({
    address: end === null ? null : kernel.boundAddress(end),
    family,
    port: end?.port ?? 0,
    shared: (socket.options.get('SO_REUSEADDR') ?? 0) !== 0,
    receiveBuffer: socket.options.get('SO_RCVBUF') ?? RECEIVE_BUFFER,
  });
  const { local, localPort } = stack.udp.info(socket.id);
  socket.bound = { address: parseAddress(local) ?? new Address(), port: localPort };
}

export function bindUdp(kernel: Kernel, socket: UdpEnd, end: End): Outcome {
  if (socket.id >= 0) return failed('EINVAL');
  return kernel.guarded(() => {
    bindNow(kernel, socket, end);
    return done(0);
  });
}

export function connectUdp(kernel: Kernel, socket: UdpEnd, peer: End): Outcome {
  return kernel.guarded(() => {
    if (socket.id < 0) bindNow(kernel, socket, null);
    const { udp } = kernel.subject.stack;
    const refused = udp.connect(socket.id, peer.address, peer.port);
    if (refused !== null) return failed(refused);
    socket.peer = peer;
    const { local, localPort } = udp.info(socket.id);
    socket.bound = { address: parseAddress(local) ?? new Address(), port: localPort };
    return done(0);
  });
}

/** `to` null: to the peer that it is connected to. */
export function sendUdp(kernel: Kernel, socket: UdpEnd, count: number, to: End | null): Outcome {
  return kernel.guarded(() => {
    if (socket.id < 0) bindNow(kernel, socket, null);
    if (to === null && socket.peer === null) return failed('EDESTADDRREQ');
    const { stack, hostTime } = kernel.subject;
    const refused = stack.udp.send(
      socket.id,
      to?.address ?? null,
      to?.port ?? 0,
      new Uint8Array(count),
      0,
      count,
      hostTime,
    );
    kernel.subject.turn();
    return refused === null ? done(count) : failed(refused);
  });
}

export function receiveUdp(kernel: Kernel, socket: UdpEnd, count: number, flags: number): Attempt {
  return () => {
    if (socket.id >= 0) {
      const error = kernel.subject.stack.udp.takeError(socket.id);
      if (error !== null) return failed(error);
    }
    const message = peekUdp(kernel, socket);
    if (message === null) return socket.nonblocking || (flags & MSG_DONTWAIT) !== 0 ? failed('EAGAIN') : null;
    if ((flags & MSG_PEEK) === 0) socket.held = null;
    return done(Math.min(count, message.length));
  };
}

/** The datagram that is next, taken out of the stack's queue and kept. */
export function peekUdp(kernel: Kernel, socket: UdpEnd): UdpEnd['held'] {
  if (socket.held !== null || socket.id < 0) return socket.held;
  const message = kernel.subject.stack.udp.receive(socket.id);
  if (message === null) return null;
  socket.held = { length: message.octets.length, from: { address: message.from, port: message.fromPort } };
  return socket.held;
}

export function closeUdp(kernel: Kernel, socket: UdpEnd): Outcome {
  if (socket.id >= 0) kernel.subject.stack.udp.close(socket.id);
  socket.id = -1;
  return done(0);
}
