/** CaptureError: what a capture file that cannot be read, or a wish that a format cannot hold, ends in. */

/** `offset` is where in the file, in octets, the part begins that makes no sense. */
export class CaptureError extends Error {
  override readonly name: string = 'CaptureError';
  readonly offset: number;

  constructor(offset: number, problem: string) {
    super(`capture, octet ${offset}: ${problem}`);
    this.offset = offset;
  }
}
