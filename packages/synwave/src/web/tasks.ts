/** Tasks: calls that wait for the platform's event loop, each in a turn of its own. */

/** Node.js's ports say whether the process goes on for their sake; those of a page have no such thing. */
interface Referenced {
  ref?(): void;
  unref?(): void;
}

/**
 * By way of a message channel: a page takes up a message when all microtasks are done, lets the user in between two of
 * them, and does not slow them down as it does timers. Calls happen in the order in which they were asked for; a process
 * goes on while there are any.
 */
export class Tasks {
  private readonly waiting: (() => void)[] = [];
  private channel: MessageChannel | null = null;

  add(act: () => void): void {
    this.channel ??= this.open();
    if (this.waiting.push(act) === 1) (this.channel.port1 as Referenced).ref?.();
    this.channel.port2.postMessage(null);
  }

  private open(): MessageChannel {
    const channel = new MessageChannel();
    const { port1 } = channel;
    port1.addEventListener('message', () => {
      const act = this.waiting.shift();
      if (this.waiting.length === 0) (port1 as Referenced).unref?.();
      act?.();
    });
    port1.start();
    return channel;
  }
}
