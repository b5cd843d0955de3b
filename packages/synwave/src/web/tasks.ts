/** Tasks: calls that wait for the platform's event loop, each in a turn of its own. */

/** Node.js, Deno and Bun have it. Their message channels hand on a thousand messages before any timer has its turn. */
const { setImmediate: immediate } = globalThis as { setImmediate?: (act: () => void) => unknown };

/**
 * In a page or a worker by way of a message channel: a message is taken up when all microtasks are done, the user has a
 * turn in between two of them, and they are not slowed down as timers are. Calls happen in the order in which they were
 * asked for; a process goes on while there are any.
 */
export class Tasks {
  private readonly waiting: (() => void)[] = [];
  private port: MessagePort | null = null;

  add(act: () => void): void {
    if (immediate !== undefined) {
      immediate(act);
      return;
    }
    this.port ??= this.open();
    this.waiting.push(act);
    this.port.postMessage(null);
  }

  /** Answers the port to post to. */
  private open(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => this.waiting.shift()?.());
    port1.start();
    return port2;
  }
}
