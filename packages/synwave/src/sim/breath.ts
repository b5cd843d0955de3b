/** Breath: lets the platform's event loop turn once, so that promises which are under way come to where they wait. */

/** Held for as long as a world runs. */
export interface Breath {
  /** Resolves when the loop has turned once: all microtasks are done by then, however long a chain of promises is. */
  take(): Promise<void>;
  /** No more turns are wanted. */
  end(): void;
}

/** Where nothing better is handed in. An open channel keeps a Node.js process alive, as a running program should. */
export class ChannelBreath implements Breath {
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

  end(): void {
    this.channel.port1.close();
  }
}
