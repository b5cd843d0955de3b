/** Ctrl-C: the first time a command closes in order, the second time it breaks off. */
import { Exit } from './errors.ts';

export interface Interrupt {
  /** Whether Ctrl-C was pressed. */
  readonly happened: boolean;
  /** Ctrl-C ends the process again. */
  stop(): void;
}

/**
 * The first Ctrl-C calls `close` (FIN, and what is still to come is taken), each later one `abort` (RST). The command
 * ends with 130 then.
 */
export function onInterrupt(close: () => void, abort: () => void): Interrupt {
  let count = 0;
  const interrupted = (): void => {
    process.exitCode = Exit.Interrupted;
    if (count++ === 0) close();
    else abort();
  };
  process.on('SIGINT', interrupted);
  return {
    get happened() {
      return count > 0;
    },
    stop: () => void process.off('SIGINT', interrupted),
  };
}
