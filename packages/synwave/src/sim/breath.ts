/** Breath: lets the platform's event loop turn once, so that promises which are under way come to where they wait. */

/**
 * Held for as long as a world runs: an open channel keeps a Node.js process alive, as a running program should.
 * The loop takes up a message only when all microtasks are done, so a chain of promises is at its end by then, however
 * long it is.
 */
export class Breath {
  private readonly channel = new MessageChannel();
  private readonly waiting: (() => void)[] = [];

  constructor() {
    const { port1 } = this.channel;
    port1.addEventListener('message', () => this.waiting.shift()?.());
    port1.start();
  }

  take(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.channel.port2.postMessage(null);
    });
  }

  /** No more turns are wanted. */
  end(): void {
    this.channel.port1.close();
  }
}
