/** Upstream: the servers that a resolver asks, in turn and again, over UDP and then TCP, until one has answered. */
import type { Micros } from '../base/time.ts';
import { Channel } from './ask-tcp.ts';
import { askUdp } from './ask-udp.ts';
import type { Edns, Message } from './codec.ts';
import type { Desk, ServerAddress } from './desk.ts';
import type { DnsErrorCode } from './errors.ts';
import { queryOf } from './message.ts';
import { type QuestionType, Rcode } from './types.ts';

export interface UpstreamOptions {
  readonly timeout: Micros;
  readonly attempts: number;
  readonly mixCase: boolean;
  /** 0: no EDNS. */
  readonly udpSize: number;
  readonly tcpIdle: Micros;
}

/** What a server's refusal is called. Other codes than these and the two that are answers are failures. */
const refusals: Readonly<Record<number, DnsErrorCode>> = {
  [Rcode.FormErr]: 'EFORMERR',
  [Rcode.NotImp]: 'ENOTIMP',
  [Rcode.Refused]: 'EREFUSED',
};

export class Upstream {
  private readonly desk: Desk;
  private readonly servers: () => readonly ServerAddress[];
  /** The connection to each server, by its address and port. */
  private readonly channels: Map<string, Channel> = new Map<string, Channel>();
  private readonly options: UpstreamOptions;
  private readonly edns: Edns | null;
  private closed = false;

  constructor(desk: Desk, servers: () => readonly ServerAddress[], options: UpstreamOptions) {
    const { udpSize } = options;
    this.desk = desk;
    this.servers = servers;
    this.options = options;
    this.edns = udpSize === 0 ? null : { udpSize, version: 0, dnssecOk: false };
  }

  /** An answer, be it that there is no such name, or why no server gave one. */
  async exchange(name: string, type: QuestionType): Promise<Message | DnsErrorCode> {
    const servers = this.servers();
    let failure: DnsErrorCode = 'ECONNREFUSED';
    for (let attempt = 0; attempt < this.options.attempts; attempt++) {
      for (const server of servers) {
        const answer = this.closed ? 'ECANCELLED' : await this.ask(server, name, type, this.edns);
        if (typeof answer !== 'string' || answer === 'ECANCELLED') return answer;
        if (answer === 'ETIMEOUT') this.desk.counters.timeouts++;
        // What a server has said is worth more than that another was silent.
        if (weight(answer) >= weight(failure)) failure = answer;
      }
    }
    return failure;
  }

  /** What is under way is given up, and connections are closed. */
  close(): void {
    this.closed = true;
    for (const giveUp of [...this.desk.open]) giveUp('ECANCELLED');
    for (const channel of this.channels.values()) channel.close();
  }

  private async ask(
    server: ServerAddress,
    name: string,
    type: QuestionType,
    edns: Edns | null,
  ): Promise<Message | DnsErrorCode> {
    const { desk } = this;
    const { timeout, mixCase } = this.options;
    const query = queryOf(desk.chance.id(), mixCase ? desk.chance.mixCase(name) : name, type, edns);
    let answer = await askUdp(desk, server, query, timeout);
    if (this.closed) return 'ECANCELLED';
    // RFC 7766 §5: what does not fit into a datagram is asked for over TCP.
    if (typeof answer !== 'string' && answer.truncated) answer = await this.channelTo(server).ask(query, timeout);
    if (typeof answer === 'string') return answer;
    const { rcode } = answer;
    if (rcode === Rcode.NoError || rcode === Rcode.NXDomain) return answer;
    // RFC 6891 §6.2.2, §7: a server that is older than EDNS is asked without.
    const old = rcode === Rcode.FormErr || rcode === Rcode.NotImp || rcode === Rcode.BadVers;
    if (old && edns !== null && !this.closed) return this.ask(server, name, type, null);
    return refusals[rcode] ?? 'ESERVFAIL';
  }

  private channelTo(server: ServerAddress): Channel {
    const key = `${server.address} ${server.port}`;
    let channel = this.channels.get(key);
    if (channel === undefined) {
      channel = new Channel(this.desk, server, this.options.tcpIdle);
      this.channels.set(key, channel);
    }
    return channel;
  }
}

function weight(code: DnsErrorCode): number {
  return code === 'ECONNREFUSED' ? 0 : code === 'ETIMEOUT' ? 1 : 2;
}
