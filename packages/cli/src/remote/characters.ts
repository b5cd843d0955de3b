/** Characters: octets of a stream, cut only between characters, and brought to UTF-8. */

import { TextDecoder } from 'node:util';

export const encodings = ['utf8', 'gbk'] as const;

export type Encoding = (typeof encodings)[number];

export interface Characters {
  /** What of it, and of what was held back, ends with a whole character: UTF-8. */
  push(chunk: Uint8Array): Uint8Array;
  /** What was held back and will never be whole. */
  end(): Uint8Array;
}

/** For a stream of text in that encoding. */
export function charactersOf(encoding: Encoding): Characters {
  return encoding === 'gbk' ? new Gbk() : new Utf8();
}

const NOTHING = new Uint8Array(0);

/** Nothing is changed, so that a stream that is no text at all comes through as it is. */
class Utf8 implements Characters {
  private held: Uint8Array = NOTHING;

  push(chunk: Uint8Array): Uint8Array {
    const octets = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const whole = octets.length - unfinished(octets);
    // A copy: the chunk is the stream's.
    this.held = octets.slice(whole);
    return octets.subarray(0, whole);
  }

  end(): Uint8Array {
    const { held } = this;
    this.held = NOTHING;
    return held;
  }
}

/** Octets at the end that begin a character and do not complete it (RFC 3629 §3). */
function unfinished(octets: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, octets.length); back++) {
    const octet = octets[octets.length - back] as number;
    if (octet >> 6 === 0b10) continue;
    const length = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : octet >= 0xc0 ? 2 : 1;
    return back < length ? back : 0;
  }
  return 0;
}

class Gbk implements Characters {
  private readonly decoder: TextDecoder = new TextDecoder('gbk');

  push(chunk: Uint8Array): Uint8Array {
    return Buffer.from(this.decoder.decode(chunk, { stream: true }));
  }

  end(): Uint8Array {
    return Buffer.from(this.decoder.decode());
  }
}
