/** Frame: the buffer that a packet lives in while it travels, with head room so that each layer writes in front. */

/**
 * One packet's buffer. The packet stands in `bytes[at, end)`; what lies before `at` is head room.
 * The buffer is its own ArrayBuffer, aligned for `words`, so that the checksum can walk it by 32 bits.
 */
export class Frame {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly words: Uint32Array;
  at = 0;
  end = 0;
  /** A super segment: the carrier is to cut its TCP text into pieces of so many octets. 0: one packet as it stands. */
  cutTo = 0;
  /** The carrier answers for the checksum of the TCP or UDP packet that has arrived in it: what stands there may be no sum. */
  vouched = false;
  /** The pool that `release` gives it back to. */
  private readonly home: FramePool | null;

  constructor(size: number, home: FramePool | null = null) {
    const buffer = new ArrayBuffer((size + 7) & ~7);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.words = new Uint32Array(buffer);
    this.home = home;
  }

  /** Octets in the packet. */
  get length(): number {
    return this.end - this.at;
  }

  /** Hands the buffer back; the caller must not touch it afterwards. Without a pool, nothing happens. */
  release(): void {
    this.home?.give(this);
  }

  /** The packet's octets, copied out. */
  copy(): Uint8Array {
    return this.bytes.slice(this.at, this.end);
  }

  /** A frame of its own that holds a copy of `packet`, with `head` octets of room in front. */
  static from(packet: Uint8Array, head = 0): Frame {
    const frame = new Frame(head + packet.length);
    frame.bytes.set(packet, head);
    frame.at = head;
    frame.end = head + packet.length;
    return frame;
  }
}

/** Frames of one size, used again. Keeps at most `most` idle ones. */
export class FramePool {
  readonly size: number;
  private readonly most: number;
  private readonly idle: Frame[] = [];

  constructor(size: number, most = 64) {
    this.size = size;
    this.most = most;
  }

  /** A frame with `head` octets of head room and nothing in it (`at` = `end` = `head`). Its octets are stale. */
  take(head: number): Frame {
    const frame = this.idle.pop() ?? new Frame(this.size, this);
    frame.at = head;
    frame.end = head;
    frame.cutTo = 0;
    frame.vouched = false;
    return frame;
  }

  give(frame: Frame): void {
    if (this.idle.length < this.most) this.idle.push(frame);
  }
}
