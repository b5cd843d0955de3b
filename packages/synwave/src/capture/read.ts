/** Reads a capture of any format that is known here. */
import { CaptureError } from './error.ts';
import { isPcap, readPcapInterfaces, readPcapPackets } from './pcap-read.ts';
import { isPcapng, readPcapngInterfaces, readPcapngPackets } from './pcapng-read.ts';
import type { CaptureInterface, CapturePacket } from './record.ts';

/** A capture that was opened. */
export interface Capture {
  readonly format: 'pcap' | 'pcapng';
  /** All interfaces, in the order of the file; packets name them by their place here. */
  readonly interfaces: readonly CaptureInterface[];
  /**
   * The packets, read as they are asked for, as often as wished. Asking throws a CaptureError at the place where the
   * file makes no sense, with all packets before it given.
   */
  readonly packets: Iterable<CapturePacket>;
}

/** Opens a pcap or pcapng file, of either byte order. Throws a CaptureError when it is neither. Packets are not copied. */
export function readCapture(file: Uint8Array): Capture {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (isPcapng(view)) {
    return {
      format: 'pcapng',
      interfaces: readPcapngInterfaces(file, view),
      packets: { [Symbol.iterator]: () => readPcapngPackets(file, view) },
    };
  }
  if (isPcap(view)) {
    return {
      format: 'pcap',
      interfaces: readPcapInterfaces(view),
      packets: { [Symbol.iterator]: () => readPcapPackets(file, view) },
    };
  }
  throw new CaptureError(0, 'neither pcap nor pcapng');
}
