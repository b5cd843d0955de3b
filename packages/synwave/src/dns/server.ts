/** NameServer: a small name server over UDP and TCP: its own zones, and what it does not know from another, if it is told to. */
import { fail } from '../base/errors.ts';
import { type Micros, SECOND } from '../base/time.ts';
import type { Host } from '../socket/host.ts';
import type { TcpListener } from '../socket/tcp-listener.ts';
import type { TcpSocket } from '../socket/tcp-socket.ts';
import type { UdpMessage, UdpSocket } from '../socket/udp-socket.ts';
import type { DnsCodec, Message, Question } from './codec.ts';
import type { Records } from './entries.ts';
import type { DnsErrorCode } from './errors.ts';
import { fit } from './fit.ts';
import { LARGEST, PLAIN_SIZE, UDP_SIZE } from './message.ts';
import { Rate } from './rate.ts';
import { Resolver, type ResolverOptions } from './resolver.ts';
import { formError, respond } from './respond.ts';
import { ServerDatagrams } from './server-datagrams.ts';
import { ServerStream } from './server-stream.ts';
import { Rcode } from './types.ts';
import { Zones } from './zones.ts';

export interface NameServerOptions {
  /** What it knows, by names that are written out; `*.example` for all below that do not exist. None by default. */
  readonly records?: Records;
  /** The domains that it speaks for, and that `records` are in; by default the last label of each name. */
  readonly zones?: readonly string[];
  /** For how many seconds answers may be kept, and denials as well; 300 by default. */
  readonly ttl?: number;
  /** Whether addresses lead back to their first name (PTR), in zones for their /24 and /64; they do by default. */
  readonly reverse?: boolean;
  /** Where it serves; by default at every address of the host. */
  readonly address?: string;
  /** 53 by default. */
  readonly port?: number;
  /** The largest UDP answer, in octets, for those who take more than 512; 1232 by default, at most 4096. */
  readonly udpSize?: number;
  /** Questions over UDP that each client is answered in a second; 1000 by default. */
  readonly rate?: number;
  /** TCP connections at one time; 100 by default. */
  readonly connections?: number;
  /** How long a connection is kept on which nothing is asked; 10 s by default. */
  readonly idle?: Micros;
  /** Whom to ask for names outside of the zones, for those who want it (recursion); by default they are refused. */
  readonly forward?: ResolverOptions;
}

export interface NameServerCounters {
  /** What arrived, and what was answered: with NOERROR, with another code. */
  readonly queries: number;
  readonly answered: number;
  readonly denied: number;
  /** Answers that did not fit. */
  readonly truncated: number;
  /** What was not answered: no question at all, and questions above the rate. */
  readonly ignored: number;
  readonly limited: number;
  /** Questions that were asked elsewhere. */
  readonly forwarded: number;
  /** Connections that were taken, that are open, and that were too many. */
  readonly accepted: number;
  readonly open: number;
  readonly turnedAway: number;
}

type Count = Exclude<keyof NameServerCounters, 'open'>;

/** The compromise of RFC 6891 §6.2.5: larger answers would be worth asking for in somebody else's name. */
const UDP_MOST = 4096;
/** Questions that may be asked elsewhere at one time. */
const FORWARDS = 1000;

export class NameServer {
  readonly host: Host;
  /** The port that it serves, over UDP and TCP. */
  readonly port: number;
  private readonly codec: DnsCodec;
  private readonly zones: Zones;
  private readonly udpSize: number;
  private readonly connections: number;
  private readonly idle: Micros;
  private readonly rate: Rate;
  private readonly forward: Resolver | null;
  private readonly datagrams: ServerDatagrams;
  private readonly listener: TcpListener;
  private readonly streams: Set<ServerStream> = new Set<ServerStream>();
  private readonly counts: Record<Count, number>;
  private forwarding = 0;

  /** Serves at once. Throws SynwaveError: EINVAL, EADDRINUSE, EADDRNOTAVAIL. */
  constructor(host: Host, codec: DnsCodec, options: NameServerOptions = {}) {
    const { records = {}, zones, ttl = 300, reverse = true, address, port = 53, forward } = options;
    const { udpSize = UDP_SIZE, rate = 1000, connections = 100, idle = 10 * SECOND } = options;
    for (const [what, value] of Object.entries({ rate, connections, idle })) {
      if (!(value > 0)) fail('EINVAL', `name server with ${what} ${value}`);
    }
    if (!(udpSize >= PLAIN_SIZE && udpSize <= UDP_MOST)) fail('EINVAL', `name server with udpSize ${udpSize}`);
    this.host = host;
    this.codec = codec;
    this.zones = new Zones(records, zones, ttl, reverse);
    this.udpSize = udpSize;
    this.connections = connections;
    this.idle = idle;
    this.rate = new Rate(rate);
    this.forward = forward === undefined ? null : new Resolver(host, codec, forward);
    this.counts = {
      queries: 0,
      answered: 0,
      denied: 0,
      truncated: 0,
      ignored: 0,
      limited: 0,
      forwarded: 0,
      accepted: 0,
      turnedAway: 0,
    };
    this.listener = host.listen({ port, ...(address === undefined ? {} : { address }) });
    this.port = this.listener.port;
    this.listener.onConnection = (socket) => this.accept(socket);
    try {
      this.datagrams = new ServerDatagrams(host, address, this.port, (socket, message) => {
        void this.answerTo(socket, message);
      });
    } catch (error) {
      this.listener.close();
      throw error;
    }
  }

  get counters(): NameServerCounters {
    return { ...this.counts, open: this.streams.size };
  }

  /** Nothing is served any more; connections are closed, and what was asked elsewhere is given up. */
  close(): void {
    this.listener.close();
    this.datagrams.close();
    for (const stream of [...this.streams]) stream.close();
    this.forward?.close();
  }

  private async answerTo(socket: UdpSocket, { octets, address, port }: UdpMessage): Promise<void> {
    if (!this.rate.allows(address, this.host.now())) {
      this.counts.limited++;
      return;
    }
    const query = this.codec.decode(octets);
    const answer = this.answer(octets, query);
    const message = answer instanceof Promise ? await answer : answer;
    if (message === null) return;
    const most = Math.min(Math.max(query?.edns?.udpSize ?? PLAIN_SIZE, PLAIN_SIZE), this.udpSize);
    socket.trySend(this.fitted(message, most), address, port); // in fragments, where a link carries less
  }

  private accept(socket: TcpSocket): void {
    if (this.streams.size >= this.connections) {
      this.counts.turnedAway++;
      socket.abort();
      return;
    }
    this.counts.accepted++;
    const answer = (octets: Uint8Array): Uint8Array | null | Promise<Uint8Array | null> => {
      const made = this.answer(octets, this.codec.decode(octets));
      if (made instanceof Promise) return made.then((message) => this.fitted(message, LARGEST));
      return made === null ? null : this.fitted(made, LARGEST);
    };
    const { driver } = this.host;
    const stream = new ServerStream(socket, driver, answer, this.idle, (over) => this.streams.delete(over));
    this.streams.add(stream);
    stream.begin();
  }

  /** Null: it is passed over, for only questions are answered. */
  private answer(octets: Uint8Array, query: Message | null): Message | null | Promise<Message> {
    const { counts } = this;
    counts.queries++;
    const malformed = query === null ? formError(octets) : null;
    if (malformed !== null) return this.counted(malformed);
    if (query === null || query.response) {
      counts.ignored++;
      return null;
    }
    const { message, next } = respond(query, this.zones, this.udpSize);
    const offered = { ...message, recursionAvailable: this.forward !== null };
    if (next === null || this.forward === null || !query.recursionDesired) return this.counted(offered);
    return this.complete(offered, next, this.forward);
  }

  /** RFC 1034 §4.3.2, step 5: what the zones do not say is asked elsewhere. */
  private async complete(message: Message, name: string, forward: Resolver): Promise<Message> {
    if (this.forwarding >= FORWARDS) return this.counted({ ...message, rcode: Rcode.ServFail });
    this.counts.forwarded++;
    this.forwarding++;
    const { type } = message.questions[0] as Question;
    // It rejects when it is told of a server that is none; who asked is not to be let down for that.
    const found = await forward.find(name, type).catch((): DnsErrorCode => 'ESERVFAIL');
    this.forwarding--;
    if (typeof found === 'string') return this.counted({ ...message, rcode: Rcode.ServFail });
    return this.counted({
      ...message,
      rcode: found.missing ? Rcode.NXDomain : Rcode.NoError,
      answers: [...message.answers, ...found.records],
      authorities: found.soa === null ? [] : [found.soa],
      additionals: [],
    });
  }

  private counted(message: Message): Message {
    this.counts[message.rcode === Rcode.NoError ? 'answered' : 'denied']++;
    return message;
  }

  private fitted(message: Message, most: number): Uint8Array {
    const { octets, truncated } = fit(this.codec, message, most);
    if (truncated) this.counts.truncated++;
    return octets;
  }
}
