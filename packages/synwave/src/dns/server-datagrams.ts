/** ServerDatagrams: the UDP sockets of a name server, one for each address, so that answers leave from where questions went. */
import { formatAddress } from '../base/address-text.ts';
import type { Host } from '../socket/host.ts';
import type { UdpMessage, UdpSocket } from '../socket/udp-socket.ts';

export type Taker = (socket: UdpSocket, message: UdpMessage) => void;

/** RFC 2181 §4: an answer whose source is not where the question was sent is one that nobody believes. */
export class ServerDatagrams {
  private readonly host: Host;
  private readonly port: number;
  private readonly take: Taker;
  private readonly sockets: Map<string, UdpSocket> = new Map<string, UdpSocket>();

  /** `address` undefined: every address of the host, also those that it will get. Throws SynwaveError. */
  constructor(host: Host, address: string | undefined, port: number, take: Taker) {
    this.host = host;
    this.port = port;
    this.take = take;
    if (address !== undefined) {
      this.open(address, { address, port }, take);
      return;
    }
    // What comes to an address without a socket of its own shows that the host has got new ones. That first question is
    // answered from where routes say, the next ones from where they go.
    this.open('', { port, reuseAddress: true }, (socket, message) => {
      this.openEach();
      take(socket, message);
    });
    this.openEach();
  }

  close(): void {
    for (const socket of this.sockets.values()) socket.close();
    this.sockets.clear();
  }

  private openEach(): void {
    const { port, sockets, host } = this;
    for (const address of host.stack.internet.addresses().map(formatAddress)) {
      if (!sockets.has(address)) this.open(address, { address, port, reuseAddress: true }, this.take);
    }
  }

  private open(name: string, where: { address?: string; port: number; reuseAddress?: boolean }, take: Taker): void {
    const socket = this.host.udp(where);
    this.sockets.set(name, socket);
    const readable = (): void => {
      for (let message = socket.tryReceive(); message !== null; message = socket.tryReceive()) take(socket, message);
    };
    socket.handler = { readable };
  }
}
