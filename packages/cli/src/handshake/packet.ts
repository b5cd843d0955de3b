/** What a packet says beside its numbers: the options, in tcpdump's words. */
import { type Frame, PacketPrinter } from 'synwave';

/** Reads options off packets; one reader for each connection, for SACK blocks are relative to its first numbers. */
export class OptionReader {
  private readonly printer: PacketPrinter = new PacketPrinter();

  /** `mss 1460,sackOK,nop,wscale 7`; empty when there are none. Packets are to be shown in the order in which they are sent. */
  read(frame: Frame): string {
    return /, options \[([^\]]*)\]/.exec(this.printer.line(frame))?.[1] ?? '';
  }
}
