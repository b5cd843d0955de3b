/** FrameReader: packets out of a stream of octets, where a length of four octets stands before each. */

/** Octets of the length, the highest first. */
export const LENGTH = 4;
/** What QEMU's own buffers hold: whoever announces more is out of step. */
const LONGEST = 69_632;

/** A length that no packet has: the stream is none of ours, or has lost its step, and there is no finding it again. */
export class MalformedLength extends Error {
  readonly length: number;

  constructor(length: number) {
    super(`a packet of ${length} octets is announced, where 1 to ${LONGEST} are possible`);
    this.name = 'MalformedLength';
    this.length = length;
  }
}

export class FrameReader {
  private readonly take: (packet: Uint8Array) => void;
  /** What has come of a packet, or of a length, that is not whole yet. */
  private part: Buffer = Buffer.alloc(0);

  constructor(take: (packet: Uint8Array) => void) {
    this.take = take;
  }

  /** More octets have come; each packet that is whole is handed over, and is the reader's again afterwards. Throws MalformedLength. */
  push(chunk: Buffer): void {
    const octets = this.part.length === 0 ? chunk : Buffer.concat([this.part, chunk]);
    let at = 0;
    while (octets.length - at >= LENGTH) {
      const length = octets.readUInt32BE(at);
      if (length === 0 || length > LONGEST) throw new MalformedLength(length);
      if (octets.length - at - LENGTH < length) break;
      this.take(octets.subarray(at + LENGTH, at + LENGTH + length));
      at += LENGTH + length;
    }
    this.part = at === octets.length ? Buffer.alloc(0) : Buffer.from(octets.subarray(at));
  }
}
