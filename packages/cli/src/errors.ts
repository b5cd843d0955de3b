/** Errors that a user is told: one line on standard error, and the code that the command ends with. */

/** Exit codes of every command; `synwave exec` ends as the remote command did. */
export const Exit = { Ok: 0, Failed: 1, Usage: 2, Expectation: 3, Interrupted: 130 } as const;

export type Exit = (typeof Exit)[keyof typeof Exit];

/** Something that the user can mend. `message` is the line, without the program's name. */
export class UserError extends Error {
  readonly exit: Exit;

  /** Ends with 2, wrong use, unless `exit` says otherwise. */
  constructor(message: string, exit: Exit = Exit.Usage) {
    super(message);
    this.name = 'UserError';
    this.exit = exit;
  }
}

/** Why the system refused a file, in its own words: `no such file or directory (ENOENT)`. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  // Node.js writes "ENOENT: no such file or directory, open 'x'".
  const words = /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1];
  return words === undefined || code === undefined ? message : `${words} (${code})`;
}
