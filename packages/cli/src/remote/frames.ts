/**
 * Frames of the remote command: TCP carries octets, not messages, so each message says how long it is. One octet tells the
 * type, four the length of the body, the highest first. What several reads bring is put together, what one read brings of
 * several frames is taken apart; and a frame without a body is something else than the end of the connection.
 */

export const FrameType = {
  /** To the server: a command line in UTF-8, for its shell. It may be empty. */
  Command: 1,
  /** To the client: what the command wrote. A frame never ends inside a character. */
  Stdout: 2,
  Stderr: 3,
  /** To the client, last: the exit code, as an unsigned number of four octets. */
  Exit: 4,
  /** To the client: what the server itself has to say, in UTF-8; an Exit follows. */
  Error: 5,
} as const;

export type FrameType = (typeof FrameType)[keyof typeof FrameType];

export interface RemoteFrame {
  readonly type: FrameType;
  readonly body: Buffer;
}

/** What came is not of this protocol. */
export class FrameError extends Error {}

const HEADER = 5;

/** The longest body: who announces more is not one of us, and no memory is set aside for it. */
export const LONGEST = 1024 * 1024;

/** The octets of a frame. Throws RangeError for a body above `LONGEST`. */
export function frame(type: FrameType, body: Uint8Array | string): Buffer {
  const octets = typeof body === 'string' ? Buffer.from(body) : body;
  if (octets.length > LONGEST) throw new RangeError(`a frame of ${octets.length} octets is longer than ${LONGEST}`);
  const out = Buffer.allocUnsafe(HEADER + octets.length);
  out[0] = type;
  out.writeUInt32BE(octets.length, 1);
  out.set(octets, HEADER);
  return out;
}

/** The Exit frame. */
export function exitFrame(code: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(code);
  return frame(FrameType.Exit, body);
}

/** Puts frames together from whatever the reads of a stream bring. */
export class FrameReader {
  private readonly chunks: Buffer[] = [];
  private length = 0;
  /** Octets that make the frame which has begun complete: until its header is there, those of the header. */
  private wanted = HEADER;

  /** Whether the stream has stopped in the middle of a frame. */
  get isInside(): boolean {
    return this.length > 0;
  }

  /** The frames that are complete now. Throws FrameError for an unknown type, or a body above `LONGEST`. */
  push(chunk: Buffer): RemoteFrame[] {
    this.chunks.push(chunk);
    this.length += chunk.length;
    const frames: RemoteFrame[] = [];
    // Octets are joined only when there are enough of them: a long body that comes in small pieces is copied once.
    while (this.length >= this.wanted) {
      const joined = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
      this.wanted = HEADER + lengthIn(joined);
      const complete = joined.length >= this.wanted;
      const rest = complete ? joined.subarray(this.wanted) : joined;
      if (complete) frames.push({ type: joined[0] as FrameType, body: joined.subarray(HEADER, this.wanted) });
      this.chunks.splice(0, this.chunks.length, rest);
      this.length = rest.length;
      if (complete) this.wanted = HEADER;
    }
    return frames;
  }
}

/** The length of the body that a header announces. */
function lengthIn(header: Buffer): number {
  const type = header[0] as number;
  const length = header.readUInt32BE(1);
  if (type < FrameType.Command || type > FrameType.Error) throw new FrameError(`type ${type} is none of this protocol`);
  if (length > LONGEST) throw new FrameError(`a frame of ${length} octets is announced; ${LONGEST} is the most`);
  return length;
}
