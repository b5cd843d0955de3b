/** docs/recipes/ioredis.md: how ioredis gets its connections from a host of ours. */
import type { Socket } from 'node:net';
import { AbstractConnector } from 'ioredis';
import type { SynwaveNet } from '../../src/node/net.ts';

/** A connector for the option `Connector`: it opens connections from the host of `net`. */
export function connectorOf(net: SynwaveNet): typeof AbstractConnector & (new (options: unknown) => AbstractConnector) {
  return class extends AbstractConnector {
    private readonly options: { host: string; port: number };

    constructor(options: unknown) {
      super(2000);
      this.options = options as { host: string; port: number };
    }

    override connect(): Promise<Socket> {
      this.connecting = true;
      const socket = net.connect(this.options.port, this.options.host);
      socket.once('error', (error) => {
        this.firstError = error;
      });
      this.stream = socket;
      return Promise.resolve(socket);
    }
  };
}
