/** A DHCP client by hand: a socket on port 68 that says what the test wants to be said. */
import { formatAddress, parseAddress } from '../../src/base/address-text.ts';
import { type Mac, parseMac } from '../../src/base/mac.ts';
import type { SimHost } from '../../src/sim/index.ts';
import type { UdpSocket } from '../../src/socket/udp-socket.ts';
import { DhcpFault, DhcpMessage, DhcpType, readDhcp, writeDhcp } from '../../src/wire/dhcp.ts';
import { ETH0 } from './helpers.ts';

/** What a message is to say; addresses as text. */
export interface Words {
  readonly type: keyof typeof DhcpType;
  readonly xid?: number;
  readonly mac?: string | Mac;
  readonly broadcast?: boolean;
  readonly ciaddr?: string;
  readonly yiaddr?: string;
  readonly giaddr?: string;
  readonly requested?: string;
  readonly server?: string;
  readonly leaseTime?: number;
  readonly mask?: number;
  readonly t1?: number;
  readonly t2?: number;
  readonly routers?: readonly string[];
  readonly mtu?: number;
  readonly domain?: string;
  readonly clientId?: Uint8Array;
  readonly hostName?: string;
  readonly parameters?: readonly number[];
}

const MAC = '02:00:00:00:aa:01';

const address = (text: string) => parseAddress(text) ?? new DhcpMessage().ciaddr;

export function messageOf(words: Words): DhcpMessage {
  const message = new DhcpMessage();
  const { mac = MAC } = words;
  message.type = DhcpType[words.type];
  message.op = ['Offer', 'Ack', 'Nak'].includes(words.type) ? 2 : 1;
  message.xid = words.xid ?? 7;
  message.broadcast = words.broadcast ?? true;
  message.chaddr = typeof mac === 'number' ? mac : (parseMac(mac) ?? 0);
  message.ciaddr.copy(address(words.ciaddr ?? '0.0.0.0'));
  message.yiaddr.copy(address(words.yiaddr ?? '0.0.0.0'));
  message.giaddr.copy(address(words.giaddr ?? '0.0.0.0'));
  message.requestedAddress = words.requested === undefined ? null : address(words.requested);
  message.serverId = words.server === undefined ? null : address(words.server);
  message.leaseTime = words.leaseTime ?? -1;
  message.subnetMask = words.mask ?? -1;
  message.t1 = words.t1 ?? -1;
  message.t2 = words.t2 ?? -1;
  message.routers = (words.routers ?? []).map(address);
  message.mtu = words.mtu ?? 0;
  message.domainName = words.domain ?? '';
  message.clientId = words.clientId ?? null;
  message.hostName = words.hostName ?? '';
  message.parameters = words.parameters ?? [];
  return message;
}

/** What was answered, as text: `OFFER 10.0.0.100`, `NAK`. */
function wordsOf(message: DhcpMessage): string {
  const name = Object.entries(DhcpType).find(([, type]) => type === message.type)?.[0] ?? '?';
  const given = formatAddress(message.yiaddr);
  return given === '0.0.0.0' ? name.toUpperCase() : `${name.toUpperCase()} ${given}`;
}

export class Hand {
  readonly heard: DhcpMessage[] = [];
  private readonly socket: UdpSocket;

  /** `port`: 68 for a client, 67 for a server or a relay. */
  constructor(host: SimHost, port: 67 | 68 = 68) {
    this.socket = host.udp({ address: '0.0.0.0', port, interface: ETH0, broadcast: true });
    this.socket.handler = {
      readable: () => {
        for (let got = this.socket.tryReceive(); got !== null; got = this.socket.tryReceive()) {
          const message = new DhcpMessage();
          if (readDhcp(message, got.octets, 0, got.octets.length) !== DhcpFault.None) continue;
          this.heard.push(message);
          this.onMessage?.(message);
        }
      },
    };
  }

  onMessage: ((message: DhcpMessage) => void) | null = null;

  say(words: Words, to = '255.255.255.255', port = 67): void {
    this.send(messageOf(words), to, port);
  }

  send(message: DhcpMessage, to: string, port: number): void {
    this.socket.send(writeDhcp(message), to, port);
  }

  octets(bytes: Uint8Array, to: string, port: number): void {
    this.socket.trySend(bytes, to, port);
  }

  /** What was heard since the last call, as text. */
  answers(): string[] {
    return this.heard.splice(0).map(wordsOf);
  }
}
