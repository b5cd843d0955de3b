/** The kernel's calls that Node.js has none for, through koffi: the one file that imports it. */
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { LinkError } from '../../link/link-error.ts';

/** Watches a descriptor until `close`. Whoever has it must keep hold of it: it is collected even while it watches. */
export interface Poll {
  /** For what to call back: octets to read, room to write. */
  watch(writable: boolean): void;
  close(): void;
}

/** Calls on descriptors; each answers -1 for an error, whose number `errno` tells. */
export interface Calls {
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  /** The same for a request whose argument is a number. */
  ioctlNumber(fd: number, request: number, argument: number): number;
  read(fd: number, into: Uint8Array, count: number): number;
  write(fd: number, from: Uint8Array, count: number): number;
  errno(): number;
  /**
   * Calls `ready` from the event loop when the descriptor can be read or written, or is broken, and from time to time
   * for nothing. It keeps no process alive. It must be closed before the process ends.
   */
  poll(fd: number, ready: () => void): Poll;
}

/** What is used of koffi 3.3.4. Its own types of `node.poll` are wrong: the callback gets a status first. */
interface Koffi {
  load(path: null): { func(definition: string): (...values: unknown[]) => number };
  errno(): number;
  readonly node: {
    poll(fd: number, events: PollEvents, callback: (status: number, events: PollEvents) => void): PollHandle;
  };
}

interface PollEvents {
  readonly readable?: boolean;
  readonly writable?: boolean;
}

interface PollHandle {
  start(events: PollEvents, callback: (status: number, events: PollEvents) => void): void;
  close(): void;
  unref(): void;
}

/** Milliseconds between two looks, where the kernel cannot be asked to call. */
const LOOK = 1;

let calls: Calls | null = null;

/** Throws LinkError where there is no koffi, or no Linux. */
export function nativeCalls(): Calls {
  if (process.platform !== 'linux') {
    throw new LinkError('ENOTSUP', `TUN devices are Linux's: there are none on ${process.platform}; use a udp link`);
  }
  calls ??= load();
  return calls;
}

function load(): Calls {
  const koffi = koffiModule();
  const libc = koffi.load(null);
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)');
  const ioctlNumber = libc.func('int ioctl(int fd, unsigned long request, unsigned long argument)');
  const read = libc.func('intptr_t read(int fd, void *into, size_t count)');
  const write = libc.func('intptr_t write(int fd, const void *from, size_t count)');
  return {
    ioctl,
    ioctlNumber,
    read,
    write,
    errno: () => koffi.errno(),
    poll: (fd, ready) => {
      if (!isMainThread) return looking(ready);
      // A broken descriptor comes as a status below zero: whoever reads then hears what is wrong.
      const handle = koffi.node.poll(fd, { readable: true }, ready);
      handle.unref();
      return {
        watch: (writable) => handle.start({ readable: true, writable }, ready),
        close: () => handle.close(),
      };
    },
  };
}

/** A worker may be ended at any moment, and a poll that calls back then aborts the whole process. */
function looking(ready: () => void): Poll {
  const timer = setInterval(ready, LOOK).unref();
  return { watch: () => undefined, close: () => clearInterval(timer) };
}

function koffiModule(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (error) {
    const { code = 'ENOTSUP', message } = error as NodeJS.ErrnoException;
    const [why] = message.split('\n', 1);
    throw new LinkError(
      code,
      code === 'MODULE_NOT_FOUND'
        ? 'TUN devices need the package koffi: npm install koffi@3.3.4'
        : `the package koffi cannot be loaded (${why}): npm install koffi@3.3.4`,
    );
  }
}

/** Of a descriptor whose device is gone; Node.js does not know it. */
const EBADFD = 77;

/** The name of an error's number: EPERM. */
export function errorName(errno: number): string {
  if (errno === EBADFD) return 'EBADFD';
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `error ${errno}`;
}
