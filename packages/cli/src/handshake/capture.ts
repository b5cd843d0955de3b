/** Capture: the packets as somebody beside the client sees them, in a pcapng file. */
import { LinkType } from 'synwave/pcapng';
import type { CableEvent } from 'synwave/sim';
import { CaptureFile } from '../capture-file.ts';

/** A packet that was seen and is not in the file yet: what becomes of it on the cable belongs into its comment. */
interface Held {
  readonly time: bigint;
  readonly data: Uint8Array;
  readonly direction: 'in' | 'out';
  comment: string;
}

/**
 * One vantage point, the client's end of the cable: what the client sends, lost or not, and what reaches it. With both
 * ends in one file, readers would take every second packet for a retransmission.
 */
export class ClientCapture {
  private readonly file: CaptureFile;
  private readonly port: number;
  private held: Held | null = null;
  /** Packets for the client that were lost since the last one that arrived. */
  private missing = 0;
  private readonly corrupted: Set<number> = new Set<number>();

  /** Opens the file, and empties it. Throws UserError when it cannot be written. */
  constructor(path: string) {
    this.file = new CaptureFile(path, 'synwave handshake');
    this.port = this.file.addInterface({ name: 'client', linkType: LinkType.Raw });
  }

  get path(): string {
    return this.file.path;
  }

  get packets(): number {
    return this.file.packets;
  }

  /** A watcher for the cable. */
  cableTells(event: CableEvent): void {
    if (event.from === 'client') this.outgoing(event);
    else this.incoming(event);
  }

  /** Writes what is left and closes the file. */
  close(): void {
    this.flush();
    this.file.close();
  }

  private outgoing(event: CableEvent): void {
    if (event.type === 'sent') this.hold(event, 'out', '');
    else if (event.type !== 'delivered' && this.held !== null) this.held.comment = comments[event.type];
  }

  private incoming(event: CableEvent): void {
    if (event.type === 'dropped') this.missing++;
    else if (event.type === 'corrupted') this.corrupted.add(event.id);
    else if (event.type === 'delivered') {
      const { missing } = this;
      this.missing = 0;
      const remarks = [
        ...(missing > 0
          ? [`before this, ${missing} for the client ${missing === 1 ? 'was' : 'were'} lost on the cable`]
          : []),
        // The corrupted one arrives first, its copy, if there is one, is whole.
        ...(this.corrupted.delete(event.id) ? [comments.corrupted] : []),
      ];
      this.hold(event, 'in', remarks.join('; '));
    }
  }

  private hold(event: CableEvent, direction: 'in' | 'out', comment: string): void {
    this.flush();
    const { bytes, at, end } = event.frame;
    this.held = { time: BigInt(Math.round(event.time * 1000)), data: bytes.slice(at, end), direction, comment };
  }

  /** The packet that was held goes into the file: nothing more will be said of it. */
  private flush(): void {
    if (this.held === null) return;
    const { time, data, direction, comment } = this.held;
    this.held = null;
    this.file.packet(this.port, time, data, { direction, ...(comment === '' ? {} : { comment }) });
  }
}

const comments: Readonly<Record<'dropped' | 'marked' | 'corrupted' | 'duplicated', string>> = {
  dropped: 'lost on the cable',
  marked: 'marked by the queue of the cable: congestion experienced',
  corrupted: 'one bit was flipped on the cable',
  duplicated: 'arrives twice',
};
