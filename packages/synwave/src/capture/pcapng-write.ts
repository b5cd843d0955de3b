/** Writes pcapng: a section header, an interface description for each interface, an enhanced packet for each packet. */
import { CaptureError } from './error.ts';
import {
  BLOCK_FRAME,
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET,
  EPB_DROP_COUNT,
  EPB_FLAGS,
  IF_DESCRIPTION,
  IF_NAME,
  IF_TSRESOL,
  INBOUND,
  INTERFACE_DESCRIPTION,
  OPT_COMMENT,
  OPT_END,
  OUTBOUND,
  SECTION_HEADER,
  SHB_USER_APPLICATION,
} from './pcapng.ts';
import type { About, Recorder } from './record.ts';

/** The largest packet that is taken down whole; readers size their buffers by it. */
export const SNAP_LENGTH = 262_144;

/** if_tsresol: times count in 10^-9 seconds. */
const NANOSECONDS = 9;

const encoder = new TextEncoder();

/** Where a writer's octets go; each call gets an array of its own, which the writer does not touch again. */
export type Sink = (octets: Uint8Array) => void;

/**
 * A pcapng file as it grows: each call hands one whole block to the sink, so that the file can be read at any time. The
 * same calls give the same octets: there is no date and no name of a machine in it but what the caller says.
 */
export class PcapngWriter implements Recorder {
  private readonly sink: Sink;
  private interfaces = 0;

  /** `application` names the program in the section header. The header is written at once. */
  constructor(options: { readonly sink: Sink; readonly application?: string }) {
    this.sink = options.sink;
    const block = new Block(SECTION_HEADER);
    block.word(BYTE_ORDER_MAGIC);
    block.short(1); // version 1.0
    block.short(0);
    block.word(0xffff_ffff); // the section's length is not known beforehand: -1
    block.word(0xffff_ffff);
    if (options.application !== undefined) block.text(SHB_USER_APPLICATION, options.application);
    this.sink(block.done());
  }

  addInterface(description: {
    readonly name: string;
    readonly linkType: number;
    readonly description?: string;
  }): number {
    const block = new Block(INTERFACE_DESCRIPTION);
    block.short(description.linkType);
    block.short(0);
    block.word(SNAP_LENGTH);
    block.text(IF_NAME, description.name);
    if (description.description !== undefined) block.text(IF_DESCRIPTION, description.description);
    block.option(IF_TSRESOL, Uint8Array.of(NANOSECONDS));
    this.sink(block.done());
    return this.interfaces++;
  }

  /** Throws a CaptureError for an interface that was not announced. */
  packet(interfaceId: number, time: bigint, data: Uint8Array, about: About = {}): void {
    if (!(interfaceId >= 0 && interfaceId < this.interfaces)) throw new CaptureError(0, `no interface ${interfaceId}`);
    const block = new Block(ENHANCED_PACKET, data.length);
    block.word(interfaceId);
    block.word(Number(BigInt.asUintN(32, time >> 32n)));
    block.word(Number(BigInt.asUintN(32, time)));
    block.word(data.length);
    block.word(about.original ?? data.length);
    block.octets(data);
    if (about.comment !== undefined) block.text(OPT_COMMENT, about.comment);
    if (about.direction !== undefined)
      block.option(EPB_FLAGS, little(about.direction === 'in' ? INBOUND : OUTBOUND, 4));
    if (about.lost !== undefined) block.option(EPB_DROP_COUNT, little(about.lost, 8));
    this.sink(block.done());
  }
}

/** A block in the making, little-endian. */
class Block {
  private bytes: Uint8Array;
  private view: DataView;
  private length = 0;
  private hasOptions = false;

  constructor(type: number, room = 0) {
    this.bytes = new Uint8Array(room + 128);
    this.view = new DataView(this.bytes.buffer);
    this.word(type);
    this.word(0); // the length, when it is known
  }

  short(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
  }

  word(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** Octets, filled up with zeros to whole words. */
  octets(data: Uint8Array): void {
    this.reserve(data.length + 3);
    this.bytes.set(data, this.length);
    this.length = (this.length + data.length + 3) & ~3;
  }

  option(code: number, value: Uint8Array): void {
    this.short(code);
    this.short(value.length);
    this.octets(value);
    this.hasOptions = true;
  }

  /** A text option: UTF-8, cut where its length field ends, never in the middle of a character. */
  text(code: number, value: string): void {
    const octets = encoder.encode(value);
    let length = Math.min(octets.length, 0xffff);
    while (length < octets.length && ((octets[length] as number) & 0xc0) === 0x80) length--;
    this.option(code, octets.subarray(0, length));
  }

  /** The block's octets, with the end of options, and its length in both places. */
  done(): Uint8Array {
    if (this.hasOptions) {
      this.short(OPT_END);
      this.short(0);
    }
    const total = this.length + BLOCK_FRAME - 8;
    this.word(total);
    this.view.setUint32(4, total, true);
    return this.bytes.slice(0, total);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const bytes = new Uint8Array(2 * (this.length + more));
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

/** A number of up to 53 bits in so many octets, little-endian. */
function little(value: number, octets: 4 | 8): Uint8Array {
  const out = new Uint8Array(octets);
  let rest = value;
  for (let i = 0; i < octets; i++) {
    out[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return out;
}
