/** One question to one server over UDP: a socket of its own, at a port by chance, for as long as the answer takes. */
import { SynwaveError } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';
import type { Host } from '../socket/host.ts';
import type { UdpSocket } from '../socket/udp-socket.ts';
import type { Chance } from './chance.ts';
import type { Message } from './codec.ts';
import type { Desk, Failure, ServerAddress } from './desk.ts';
import { isAnswerTo } from './message.ts';

/** Ports that are tried before the stack is asked for one that is free. */
const TRIES = 8;

/**
 * Resolves to the first message that answers `query` from that very server, or to why there is none. Whatever else comes
 * in is passed over and counted: it may be somebody who guesses (RFC 5452 §9.1).
 */
export function askUdp(desk: Desk, to: ServerAddress, query: Message, timeout: Micros): Promise<Message | Failure> {
  const { host, codec, counters } = desk;
  const socket = openSocket(host, desk.chance);
  if (socket === null || !reaches(socket, to)) {
    socket?.close();
    return Promise.resolve('ECONNREFUSED');
  }
  return new Promise((resolve) => {
    const finish = (answer: Message | Failure): void => {
      alarm.cancel();
      desk.open.delete(finish);
      socket.close();
      resolve(answer);
    };
    const alarm = host.driver.after(timeout, () => finish('ETIMEOUT'));
    desk.open.add(finish);
    const readable = (): void => {
      if (socket.takeError() !== null) return finish('ECONNREFUSED');
      for (let datagram = socket.tryReceive(); datagram !== null; datagram = socket.tryReceive()) {
        const message = codec.decode(datagram.octets);
        if (message !== null && isAnswerTo(message, query)) return finish(message);
        counters.ignored++;
      }
    };
    socket.handler = { readable };
    counters.sent++;
    if (socket.trySend(codec.encode(query)) !== null) finish('ECONNREFUSED');
  });
}

/** Null: no port is free. */
export function openSocket(host: Host, chance: Chance): UdpSocket | null {
  for (let i = 0; i <= TRIES; i++) {
    try {
      return host.udp({ port: i < TRIES ? chance.port() : 0 });
    } catch (error) {
      if (!(error instanceof SynwaveError)) throw error;
    }
  }
  return null;
}

/** Whether a way leads there: from now on the socket hears that server alone. */
export function reaches(socket: UdpSocket, { address, port }: ServerAddress): boolean {
  try {
    socket.connect(address, port);
    return true;
  } catch (error) {
    if (!(error instanceof SynwaveError)) throw error;
    return false;
  }
}
