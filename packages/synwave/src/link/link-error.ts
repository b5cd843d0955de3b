/** LinkError: why a link out of the process cannot be had, or has ended: what happened, and what to do about it, on one line. */

export class LinkError extends Error {
  /** As the system has it (EPERM, ENODEV ...), or what stands nearest. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'LinkError';
    this.code = code;
  }
}
