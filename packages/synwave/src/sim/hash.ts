/** EventHash: one number for all that was ever put on the cables of a world, to tell whether two runs were the same. */
import type { Frame } from '../base/frame.ts';
import type { Micros } from '../base/time.ts';
import { Protocol } from '../wire/ip.ts';
import { upperAt, upperProtocol } from './upper.ts';

/** RFC 9293 §3.1. */
const TCP_FLAGS = 13;

/** Two words of 32 bits, each with a multiplier of its own: not for secrets, but chance does not make two runs equal. */
export class EventHash {
  private a = 0x811c9dc5 | 0;
  private b = 0x2545f491;

  /** Takes in a packet, handed to a cable at `time`; `way` tells which cable and which direction. */
  packet(time: Micros, way: number, frame: Frame): void {
    this.word(time | 0);
    this.word(Math.floor(time / 0x1_0000_0000));
    this.word(way);
    this.word(frame.length);
    const { view, bytes, at, end } = frame;
    let i = at;
    for (; i + 4 <= end; i += 4) this.word(view.getInt32(i));
    for (; i < end; i++) this.word(bytes[i] as number);
  }

  /** Takes in a packet's time, way, length and, of TCP, its flags: not what programs have put into it. `at`: of its IP header. */
  shape(time: Micros, way: number, frame: Frame, at: number): void {
    this.word(time | 0);
    this.word(Math.floor(time / 0x1_0000_0000));
    this.word(way);
    this.word(frame.length);
    this.word(flagsOf(frame, at));
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    return hex(this.a) + hex(this.b);
  }

  private word(word: number): void {
    const a = Math.imul(this.a ^ word, 0x01000193);
    this.a = a ^ (a >>> 15);
    const b = Math.imul((this.b + word) | 0, 0x9e3779b1);
    this.b = b ^ (b >>> 13);
  }
}

/** The protocol and, of TCP that follows the IP header at once, its flags; -1: no IP packet. */
function flagsOf({ view, end }: Frame, ip: number): number {
  const protocol = upperProtocol(view, ip, end);
  if (protocol !== Protocol.Tcp) return protocol < 0 ? -1 : protocol << 8;
  const flagsAt = upperAt(view, ip) + TCP_FLAGS;
  return (protocol << 8) | (flagsAt < end ? view.getUint8(flagsAt) : 0);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
