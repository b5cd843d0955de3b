/** FrameText: a frame on a cable in words. The one place of this room that knows how frames are printed. */
import type { Frame } from '../base/frame.ts';
import { formatMac, readMac } from '../base/mac.ts';
import { etherPayloadAt, ipBehindEthernet } from '../wire/ether-payload.ts';
import type { PacketPrinter } from '../wire/text.ts';

const ARP = 0x0806;

/**
 * One line for a frame: of an IP packet as `printer` has it, on an Ethernet cable without the header in front of it; of
 * anything else its stations, its type and the length of its payload. `original`: the length of the whole frame, in
 * octets, where `frame` holds less of it than that.
 */
export function frameText(
  printer: PacketPrinter,
  frame: Frame,
  ethernet: boolean,
  original: number = frame.length,
): string {
  if (!ethernet) return printer.line(frame, original);
  const ip = ipBehindEthernet(frame);
  return ip < 0 ? etherText(frame, original) : packetText(printer, frame, ip, original);
}

/** The IP packet at `ip`; the frame is borrowed, and as before afterwards. */
function packetText(printer: PacketPrinter, frame: Frame, ip: number, original: number): string {
  const { at } = frame;
  frame.at = ip;
  const line = printer.line(frame, original - (ip - at));
  frame.at = at;
  return line;
}

function etherText(frame: Frame, original: number): string {
  const payload = etherPayloadAt(frame);
  if (payload < 0) return `truncated-ethernet ${original}`;
  const { view, at } = frame;
  const type = view.getUint16(payload - 2);
  const name = type === ARP ? 'ARP' : `ethertype 0x${type.toString(16).padStart(4, '0')}`;
  const ends = `${formatMac(readMac(view, at + 6))} > ${formatMac(readMac(view, at))}`;
  return `${ends}, ${name}, length ${original - (payload - at)}`;
}
