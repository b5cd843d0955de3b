/** Writes classic pcap with times in nanoseconds, for tools that do not know pcapng. */
import { CaptureError } from './error.ts';
import { type Sink, SNAP_LENGTH } from './pcapng-write.ts';
import type { About, Recorder } from './record.ts';

const NANO_MAGIC = 0xa1b2_3c4d;

/**
 * A pcap file as it grows. The format knows one link type for all and no interfaces: names, comments and directions are
 * not written. The header goes out with the first interface.
 */
export class PcapWriter implements Recorder {
  private readonly sink: Sink;
  private linkType = -1;

  constructor(options: { readonly sink: Sink }) {
    this.sink = options.sink;
  }

  /** Throws a CaptureError when the link type is not that of the interfaces before. */
  addInterface(description: {
    readonly name: string;
    readonly linkType: number;
    readonly description?: string;
  }): number {
    if (this.linkType === description.linkType) return 0;
    if (this.linkType >= 0) throw new CaptureError(0, 'pcap has one link type for all packets: use pcapng');
    this.linkType = description.linkType;
    const header = new DataView(new ArrayBuffer(24));
    header.setUint32(0, NANO_MAGIC, true);
    header.setUint16(4, 2, true); // version 2.4
    header.setUint16(6, 4, true);
    header.setUint32(16, SNAP_LENGTH, true);
    header.setUint32(20, description.linkType, true);
    this.sink(new Uint8Array(header.buffer));
    return 0;
  }

  /** Throws a CaptureError before the first interface, and for a time that 32 bits of seconds do not hold. */
  packet(interfaceId: number, time: bigint, data: Uint8Array, about: About = {}): void {
    if (interfaceId !== 0 || this.linkType < 0) throw new CaptureError(0, `no interface ${interfaceId}`);
    const seconds = time / 1_000_000_000n;
    if (time < 0n || seconds > 0xffff_ffffn) throw new CaptureError(0, `pcap cannot hold the time ${time} ns`);
    const record = new Uint8Array(16 + data.length);
    const header = new DataView(record.buffer);
    header.setUint32(0, Number(seconds), true);
    header.setUint32(4, Number(time % 1_000_000_000n), true);
    header.setUint32(8, data.length, true);
    header.setUint32(12, about.original ?? data.length, true);
    record.set(data, 16);
    this.sink(record);
  }
}
