/** Flow: one connection, or one pair of UDP sockets: how the script's numbers and those on the wire belong together. */
import type { Address } from '../base/address.ts';
import { SYN } from '../wire/segment.ts';
import type { Live, LiveTcp } from './live.ts';
import type { TcpOption } from './script.ts';

export interface End {
  readonly address: Address;
  readonly port: number;
}

/** Ticks by which a timestamp may lie beside one that is known, and still be reckoned from it. */
const NEAR = 0x4000_0000;

export class Flow {
  readonly protocol: 'tcp' | 'udp';
  /** The host under test, and the script's own end. */
  readonly local: End;
  readonly remote: End;
  /** The initial sequence number of the host under test, as on the wire and as in the script. */
  private liveIsn = 0;
  private scriptIsn = 0;
  private hasIsn = false;
  /** The script has had a number for it. */
  private named = false;
  /** The host's timestamps, by the script's. */
  private readonly stamps = new Map<number, number>();
  private first: { readonly script: number; readonly live: number } | null = null;
  private last: { readonly script: number; readonly live: number } | null = null;
  /** The host's next sequence number, and what it has acknowledged, for the reset at the end. */
  acked = 0;
  nextSeq = 0;
  heard = false;

  constructor(protocol: 'tcp' | 'udp', local: End, remote: End) {
    this.protocol = protocol;
    this.local = local;
    this.remote = remote;
  }

  /** Whether a packet of the host under test belongs here. */
  owns(live: Live): boolean {
    return (
      live.body.kind === this.protocol &&
      live.srcPort === this.local.port &&
      live.dstPort === this.remote.port &&
      live.src.equals(this.local.address) &&
      live.dst.equals(this.remote.address)
    );
  }

  /** A packet of the host was seen, before anything is compared with it: its first SYN says where numbers begin. */
  see({ flags, seq, ack, length }: LiveTcp): void {
    this.heard = true;
    this.acked = ack;
    this.nextSeq = (seq + length) >>> 0;
    if ((flags & SYN) === 0 || this.hasIsn) return;
    this.hasIsn = true;
    this.liveIsn = seq;
  }

  /** A SYN of the host stands where the script has one with that number; one that is sent again changes nothing. */
  begin(live: number, script: number): void {
    if (this.named && this.liveIsn === live) return;
    this.named = true;
    this.hasIsn = true;
    this.liveIsn = live;
    this.scriptIsn = script;
  }

  /** A number of the host's, as the script would write it. */
  toScript(live: number): number {
    return (live - this.liveIsn + this.scriptIsn) >>> 0;
  }

  toLive(script: number): number {
    return (script - this.scriptIsn + this.liveIsn) >>> 0;
  }

  /** The script calls the host's timestamp `live` by the name `script`. */
  noteStamp(script: number, live: number): void {
    this.stamps.set(script, live);
    this.first ??= { script, live };
    this.last = { script, live };
  }

  /** The host's timestamp that the script means: one that it has seen, or as far from the last as the script's is. */
  stampToLive(script: number): number {
    const known = this.stamps.get(script);
    if (known !== undefined) return known;
    if (this.last === null) return script;
    const beside = (script - this.last.script) | 0;
    return Math.abs(beside) > NEAR ? script : (this.last.live + beside) >>> 0;
  }

  /** Ticks by which a timestamp of the host is ahead of where the script has it, counted from the first; 0 for the first. */
  stampDrift(script: number, live: number): number {
    const { first } = this;
    if (first === null) return 0;
    return ((live - first.live) | 0) - ((script - first.script) | 0);
  }

  /** A segment of the host in the script's numbers. SACK blocks tell of the script's own numbers and stay as they are. */
  translate(live: LiveTcp): LiveTcp {
    return { ...live, seq: this.toScript(live.seq) };
  }

  /** Options of the script as they go out to the host: SACK blocks and echoes are in the host's numbers. */
  optionToLive(option: TcpOption, hasAck: boolean): TcpOption {
    if (option.kind === 'sack') {
      return {
        kind: 'sack',
        blocks: option.blocks.map(([left, right]) => [this.toLive(left), this.toLive(right)] as const),
      };
    }
    if (option.kind === 'TS' && hasAck) return { ...option, ecr: this.stampToLive(option.ecr) };
    return option;
  }
}
