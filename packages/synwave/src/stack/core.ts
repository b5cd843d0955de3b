/** Core: what the functions of this room share: the connections, the interfaces, the wheel, and the reused records. */
import { Address } from '../base/address.ts';
import { formatAddress } from '../base/address-text.ts';
import { Counters } from '../base/counters.ts';
import type { Random } from '../base/random.ts';
import type { Micros } from '../base/time.ts';
import type { Advertiser } from '../ip/advertiser.ts';
import { askByArp } from '../ip/arp-output.ts';
import type { Autoconf } from '../ip/autoconf.ts';
import { IcmpLimit } from '../ip/icmp.ts';
import { type Above, Ip } from '../ip/ip.ts';
import { askByNd } from '../ip/nd-output.ts';
import type { Link } from '../link/link.ts';
import type { TcpConfig } from '../tcp/config.ts';
import { Store } from '../tcp/store.ts';
import { Tcb } from '../tcp/tcb.ts';
import { dropReasons } from '../wire/drop.ts';
import { Icmp } from '../wire/icmp.ts';
import { Packet } from '../wire/ip.ts';
import { Segment } from '../wire/segment.ts';
import { Datagram } from '../wire/udp.ts';
import { Echoes } from './echoes.ts';
import { type AddressMove, type ConnectionName, ConnectionWatch, type Observer } from './events.ts';
import { Listeners } from './listeners.ts';
import { Secrets } from './secrets.ts';
import { Slots } from './slots.ts';
import { SynCookies } from './syn-cookies.ts';
import { UdpPorts } from './udp-ports.ts';
import { Wheel } from './wheel.ts';

export class Core {
  readonly config: TcpConfig;
  readonly store: Store;
  readonly secrets: Secrets;
  readonly cookies: SynCookies;
  readonly slots: Slots;
  readonly listeners: Listeners = new Listeners();
  readonly ip: Ip;
  /** Links that are to be asked for what waits in them. */
  readonly links: Link[] = [];
  /** What has befallen addresses, for the host's services; null: nobody wants to know. */
  addressNews: AddressMove[] | null = null;
  /** By interface: who configures it from what routers say; who is a router on it. */
  readonly autoconfs: Map<number, Autoconf> = new Map<number, Autoconf>();
  readonly advertisers: Map<number, Advertiser> = new Map<number, Advertiser>();
  readonly wheel: Wheel;
  readonly drops: Counters<string> = new Counters(dropReasons);
  /** Slots with something to send, oldest first, from `readyAt` on. */
  readonly ready: number[] = [];
  readyAt = 0;
  /** Slots whose user has news; listeners with a connection to accept, as ~id; from `newsAt` on. */
  readonly news: number[] = [];
  newsAt = 0;
  /** Slots whose writer was refused octets because the host's memory was used up. */
  starved: number[] = [];
  /** One record for all that arrives, one for all that leaves. */
  readonly seg: Segment = new Segment();
  readonly out: Segment = new Segment();
  readonly packet: Packet = new Packet();
  readonly outPacket: Packet = new Packet();
  readonly local: Address = new Address();
  readonly remote: Address = new Address();
  /** The Tcb that rows are unpacked into. */
  scratch: Tcb;
  /** The time of the event that is being served. */
  readonly clock: { now: Micros };
  observer: Observer | null = null;
  /** Who looks on at which slot, while there is an observer. */
  readonly watches: Map<number, ConnectionWatch> = new Map<number, ConnectionWatch>();
  /** Distinguishes ports tried by this host (RFC 6056 §3.3.3, next_ephemeral). */
  portCounter: number;
  readonly udpPorts: UdpPorts;
  /** UDP sockets in which a datagram or an error waits. */
  readonly udpNews: number[] = [];
  readonly echoes: Echoes;
  /** Records for datagrams and ICMP messages that arrive, and for the packet that an ICMP error quotes. */
  readonly datagram: Datagram = new Datagram();
  readonly icmp: Icmp = new Icmp();
  readonly quoted: Packet = new Packet();
  readonly icmpLimit: IcmpLimit;
  segmentsIn = 0;
  segmentsOut = 0;
  resetsOut = 0;
  datagramsIn = 0;
  datagramsOut = 0;
  icmpIn = 0;
  icmpOut = 0;
  /** ICMP errors not sent, for there were too many. */
  icmpHeld = 0;

  constructor(random: Random, config: TcpConfig, memory: number, now: Micros, above: Above) {
    this.config = config;
    this.store = new Store(memory);
    this.secrets = new Secrets(random);
    this.cookies = new SynCookies(random.fork('syn cookies'));
    this.slots = new Slots(random.next());
    this.portCounter = random.below(0x10000);
    this.wheel = new Wheel(now);
    this.scratch = new Tcb(config, this.store);
    this.clock = { now };
    this.udpPorts = new UdpPorts(random.fork('udp'));
    const icmp = random.fork('icmp');
    this.echoes = new Echoes(icmp.below(0x10000));
    this.icmpLimit = new IcmpLimit(icmp, now);
    this.ip = new Ip(random.fork('ip'), this.clock, above, (ip, neighbour, known) => {
      if (neighbour.address.family === 4) askByArp(ip, neighbour, known);
      else askByNd(ip, neighbour, known);
    });
  }

  /** The watch of a slot, made when first asked for; null when nobody looks on. */
  watchOf(slot: number): ConnectionWatch | null {
    const { observer } = this;
    if (observer === null) return null;
    const known = this.watches.get(slot);
    if (known !== undefined) return known;
    const watch = new ConnectionWatch(this.nameOf(slot), observer, this.clock);
    this.watches.set(slot, watch);
    return watch;
  }

  nameOf(slot: number): ConnectionName {
    const { tuples } = this.slots;
    return {
      id: slot,
      local: formatAddress(tuples.localOf(slot, this.local)),
      localPort: tuples.localPortOf(slot),
      remote: formatAddress(tuples.remoteOf(slot, this.remote)),
      remotePort: tuples.remotePortOf(slot),
    };
  }
}
