/** Reads classic pcap: microseconds or nanoseconds, of either byte order. */
import { CaptureError } from './error.ts';
import type { CaptureInterface, CapturePacket } from './record.ts';

const MICRO_MAGIC = 0xa1b2_c3d4;
const NANO_MAGIC = 0xa1b2_3c4d;
const FILE_HEADER = 24;
const PACKET_HEADER = 16;

/** The link type's field also holds the length of frame check sequences, in its high bits. */
const LINK_TYPE_MASK = 0x03ff_ffff;

/** How to read the file. */
interface Format {
  readonly little: boolean;
  /** Nanoseconds in a unit of the times' fraction. */
  readonly unit: number;
}

/** What the first four octets say, or `null` where this is no pcap file. */
function formatOf(view: DataView): Format | null {
  if (view.byteLength < 4) return null;
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === MICRO_MAGIC) return { little, unit: 1000 };
    if (magic === NANO_MAGIC) return { little, unit: 1 };
  }
  return null;
}

/** Whether the file begins as pcap does. */
export function isPcap(view: DataView): boolean {
  return formatOf(view) !== null;
}

/** The one interface of the file, without a name. Throws a CaptureError when the file's header is cut or of another version. */
export function readPcapInterfaces(view: DataView): CaptureInterface[] {
  const { little } = headerOf(view);
  return [{ name: '', description: '', linkType: view.getUint32(20, little) & LINK_TYPE_MASK }];
}

/** The packets, one by one, as views. Throws a CaptureError where the file makes no sense. */
export function* readPcapPackets(file: Uint8Array, view: DataView): Generator<CapturePacket, void, undefined> {
  const { little, unit } = headerOf(view);
  for (let at = FILE_HEADER; at < view.byteLength; ) {
    if (at + PACKET_HEADER > view.byteLength) throw new CaptureError(at, 'packet header cut short');
    const captured = view.getUint32(at + 8, little);
    const dataAt = at + PACKET_HEADER;
    if (captured > view.byteLength - dataAt) throw new CaptureError(at, `packet of ${captured} octets cut short`);
    const fraction = BigInt(view.getUint32(at + 4, little)) * BigInt(unit);
    yield {
      interfaceId: 0,
      time: BigInt(view.getUint32(at, little)) * 1_000_000_000n + fraction,
      data: file.subarray(dataAt, dataAt + captured),
      original: view.getUint32(at + 12, little),
      comment: null,
      direction: null,
      lost: 0,
    };
    at = dataAt + captured;
  }
}

function headerOf(view: DataView): Format {
  const format = formatOf(view);
  if (format === null) throw new CaptureError(0, 'not a pcap file');
  if (view.byteLength < FILE_HEADER) throw new CaptureError(0, 'file header cut short');
  const major = view.getUint16(4, format.little);
  if (major !== 2) throw new CaptureError(4, `pcap version ${major}`);
  return format;
}
