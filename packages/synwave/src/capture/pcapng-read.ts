/** Reads pcapng, of either byte order, block by block, without copying packets. */
import { CaptureError } from './error.ts';
import {
  BLOCK_FRAME,
  BYTE_ORDER_MAGIC,
  DIRECTION_MASK,
  ENHANCED_PACKET,
  EPB_DROP_COUNT,
  EPB_FLAGS,
  IF_DESCRIPTION,
  IF_NAME,
  IF_TSOFFSET,
  IF_TSRESOL,
  INBOUND,
  INTERFACE_DESCRIPTION,
  OPT_COMMENT,
  OPT_END,
  OUTBOUND,
  SECTION_HEADER,
  SIMPLE_PACKET,
} from './pcapng.ts';
import type { CaptureInterface, CapturePacket, Direction } from './record.ts';

/** A block: its body is `[at, end)`, between the lengths. */
interface Block {
  readonly type: number;
  readonly start: number;
  readonly at: number;
  readonly end: number;
  /** The byte order of its section. */
  readonly little: boolean;
}

/** An interface with what its packets' times need. */
interface Described extends CaptureInterface {
  readonly snapLength: number;
  /** Units of the timestamps in a second. */
  readonly resolution: bigint;
  /** Seconds added to each. */
  readonly offset: bigint;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Whether the file begins as pcapng does. */
export function isPcapng(view: DataView): boolean {
  return view.byteLength >= 4 && view.getUint32(0) === SECTION_HEADER;
}

/** All interfaces of the file, up to the first place that makes no sense: `readPcapngPackets` will complain of that. */
export function readPcapngInterfaces(file: Uint8Array, view: DataView): CaptureInterface[] {
  const found: CaptureInterface[] = [];
  try {
    for (const block of blocks(view)) {
      if (block.type === INTERFACE_DESCRIPTION) found.push(readInterface(file, view, block));
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
  }
  return found;
}

/** The packets, one by one. Blocks of other kinds are stepped over. Throws a CaptureError where the file makes no sense. */
export function* readPcapngPackets(file: Uint8Array, view: DataView): Generator<CapturePacket, void, undefined> {
  // Interface numbers begin anew with each section; ours count through the whole file.
  let sectionStart = 0;
  const interfaces: Described[] = [];
  for (const block of blocks(view)) {
    if (block.type === SECTION_HEADER) sectionStart = interfaces.length;
    else if (block.type === INTERFACE_DESCRIPTION) interfaces.push(readInterface(file, view, block));
    else if (block.type === ENHANCED_PACKET) yield readEnhanced(file, view, block, interfaces, sectionStart);
    else if (block.type === SIMPLE_PACKET) yield readSimple(file, view, block, interfaces, sectionStart);
  }
}

/** §3.1: blocks one behind another; each moves on by 12 octets at least, so that any file comes to an end. */
function* blocks(view: DataView): Generator<Block, void, undefined> {
  let little = false;
  for (let start = 0; start < view.byteLength; ) {
    if (start + BLOCK_FRAME > view.byteLength) throw new CaptureError(start, 'block cut short');
    // The type of a section header reads the same in both orders, and its magic tells the order from there on.
    const isSection = view.getUint32(start) === SECTION_HEADER;
    if (isSection) {
      if (start + 28 > view.byteLength) throw new CaptureError(start, 'section header cut short');
      const magic = view.getUint32(start + 8, true);
      little = magic === BYTE_ORDER_MAGIC;
      if (!little && view.getUint32(start + 8) !== BYTE_ORDER_MAGIC) {
        throw new CaptureError(start + 8, 'byte-order magic is neither 1a2b3c4d nor 4d3c2b1a');
      }
    } else if (start === 0) {
      throw new CaptureError(0, 'no section header');
    }
    const type = view.getUint32(start, little);
    const length = view.getUint32(start + 4, little);
    if (length < BLOCK_FRAME || length % 4 !== 0) throw new CaptureError(start + 4, `block length ${length}`);
    if (length > view.byteLength - start) throw new CaptureError(start, `block of ${length} octets cut short`);
    const end = start + length - 4;
    if (view.getUint32(end, little) !== length) throw new CaptureError(end, 'the two lengths of the block differ');
    if (isSection) {
      if (length < 28) throw new CaptureError(start + 4, `section header of ${length} octets`);
      const major = view.getUint16(start + 12, little);
      if (major !== 1) throw new CaptureError(start + 12, `pcapng version ${major}`);
    }
    yield { type, start, at: start + 8, end, little };
    start += length;
  }
}

/** §3.5: calls `take` for each option in `[at, end)`, up to the end of options. */
function eachOption(
  view: DataView,
  block: Block,
  from: number,
  take: (code: number, at: number, length: number) => void,
): void {
  for (let at = from; at + 4 <= block.end; ) {
    const code = view.getUint16(at, block.little);
    const length = view.getUint16(at + 2, block.little);
    if (code === OPT_END) return;
    if (at + 4 + length > block.end) throw new CaptureError(at, `option ${code} of ${length} octets past its block`);
    take(code, at + 4, length);
    at += 4 + ((length + 3) & ~3);
  }
}

/** §4.2. */
function readInterface(file: Uint8Array, view: DataView, block: Block): Described {
  const { at, little } = block;
  if (block.end - at < 8) throw new CaptureError(block.start, 'interface description cut short');
  let name = '';
  let description = '';
  let resolution = 1_000_000n;
  let offset = 0n;
  eachOption(view, block, at + 8, (code, value, length) => {
    if (code === IF_NAME) name = text(file, value, length);
    else if (code === IF_DESCRIPTION) description = text(file, value, length);
    else if (code === IF_TSRESOL && length === 1) resolution = resolutionOf(view.getUint8(value));
    else if (code === IF_TSOFFSET && length === 8) offset = view.getBigInt64(value, little);
  });
  const snapLength = view.getUint32(at + 4, little);
  return { name, description, linkType: view.getUint16(at, little), snapLength, resolution, offset };
}

/** if_tsresol: a negative power of 10, or of 2 with the highest bit set. */
function resolutionOf(octet: number): bigint {
  const power = BigInt(octet & 0x7f);
  return octet & 0x80 ? 2n ** power : 10n ** power;
}

/** §4.3. */
function readEnhanced(
  file: Uint8Array,
  view: DataView,
  block: Block,
  interfaces: readonly Described[],
  sectionStart: number,
): CapturePacket {
  const { at, end, little } = block;
  if (end - at < 20) throw new CaptureError(block.start, 'enhanced packet cut short');
  const interfaceId = sectionStart + view.getUint32(at, little);
  const described = interfaces[interfaceId];
  if (described === undefined) throw new CaptureError(at, 'packet of an interface that is not described');
  const captured = view.getUint32(at + 12, little);
  if (captured > end - at - 20) throw new CaptureError(at + 12, `packet of ${captured} octets past its block`);
  const units = (BigInt(view.getUint32(at + 4, little)) << 32n) | BigInt(view.getUint32(at + 8, little));
  const dataAt = at + 20;
  let comment: string | null = null;
  let direction: Direction | null = null;
  let lost = 0;
  eachOption(view, block, dataAt + ((captured + 3) & ~3), (code, value, length) => {
    if (code === OPT_COMMENT) comment ??= text(file, value, length);
    else if (code === EPB_FLAGS && length === 4) direction = directionOf(view.getUint32(value, little));
    else if (code === EPB_DROP_COUNT && length === 8) lost = Number(view.getBigUint64(value, little));
  });
  return {
    interfaceId,
    time: (units * 1_000_000_000n) / described.resolution + described.offset * 1_000_000_000n,
    data: file.subarray(dataAt, dataAt + captured),
    original: view.getUint32(at + 16, little),
    comment,
    direction,
    lost,
  };
}

function directionOf(flags: number): Direction | null {
  const bits = flags & DIRECTION_MASK;
  return bits === INBOUND ? 'in' : bits === OUTBOUND ? 'out' : null;
}

/** §4.4: nothing but the length on the wire; the packet is cut by the snap length of the section's first interface. */
function readSimple(
  file: Uint8Array,
  view: DataView,
  block: Block,
  interfaces: readonly Described[],
  sectionStart: number,
): CapturePacket {
  const { at, end } = block;
  if (end - at < 4) throw new CaptureError(block.start, 'simple packet cut short');
  const described = interfaces[sectionStart];
  if (described === undefined) throw new CaptureError(block.start, 'packet of an interface that is not described');
  const original = view.getUint32(at, block.little);
  const captured = described.snapLength === 0 ? original : Math.min(original, described.snapLength);
  if (captured > end - at - 4) throw new CaptureError(at, `packet of ${captured} octets past its block`);
  const data = file.subarray(at + 4, at + 4 + captured);
  return { interfaceId: sectionStart, time: 0n, data, original, comment: null, direction: null, lost: 0 };
}

function text(file: Uint8Array, at: number, length: number): string {
  return decoder.decode(file.subarray(at, at + length));
}
