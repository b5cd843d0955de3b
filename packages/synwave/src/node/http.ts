/** HostHttp: the surface of `node:http` for the programs of one host: its servers listen there, its requests leave from there. */
import nodeHttp from 'node:http';
import type { Server as NetServer, Socket } from 'node:net';
import type { SynwaveNet } from './net.ts';

type NodeHttp = typeof nodeHttp;
type Listener = (request: nodeHttp.IncomingMessage, response: nodeHttp.ServerResponse) => void;
type Answer = (response: nodeHttp.IncomingMessage) => void;

/** What programs use of `node:http`; a server of it can be given to `ws`, `express` and whoever asks for one. */
export interface HostHttp
  extends Pick<NodeHttp, 'Agent' | 'Server' | 'ServerResponse' | 'IncomingMessage' | 'METHODS' | 'STATUS_CODES'> {
  createServer: NodeHttp['createServer'];
  request: NodeHttp['request'];
  get: NodeHttp['get'];
  /** Keeps connections open for the next request, as Node's own does. */
  globalAgent: nodeHttp.Agent;
}

/** As Node.js has it: milliseconds for which a connection waits for the next request. */
const KEPT = 5000;

/** Makes it, over the host's `net`. */
export function createHttp(net: SynwaveNet): HostHttp {
  class Agent extends nodeHttp.Agent {
    override createConnection(...args: Parameters<nodeHttp.Agent['createConnection']>): Socket {
      return net.createConnection(args[0] as never);
    }
  }

  class Server extends nodeHttp.Server {
    private inner: NetServer | null = null;

    constructor(first?: nodeHttp.ServerOptions | Listener, second?: Listener) {
      const [options, listener] = typeof first === 'function' ? [{}, first] : [first ?? {}, second];
      super({ ServerResponse: DatedResponse as typeof nodeHttp.ServerResponse, ...options }, listener);
    }

    // To types a property, in Node.js an accessor.
    static {
      Object.defineProperty(Server.prototype, 'listening', {
        configurable: true,
        get(this: Server) {
          return this.inner?.listening ?? false;
        },
      });
    }

    override listen(...args: unknown[]): this {
      const told = args.at(-1);
      if (typeof told === 'function') this.once('listening', told as () => void);
      const inner = net.createServer((socket) => void this.emit('connection', socket));
      this.inner = inner;
      inner.on('listening', () => void this.emit('listening'));
      inner.on('error', (error) => void this.emit('error', error));
      const rest = typeof told === 'function' ? args.slice(0, -1) : args;
      inner.listen(...(rest as [number]));
      return this;
    }

    override address(): ReturnType<NetServer['address']> {
      return this.inner?.address() ?? null;
    }

    override close(told?: (error?: Error) => void): this {
      const { inner } = this;
      if (inner === null) return super.close(told);
      this.inner = null;
      if (told !== undefined) this.once('close', () => told());
      // Node's server never listened itself: once ours is closed, its own close only ends its book-keeping.
      inner.once('close', () => void super.close());
      inner.close();
      this.closeIdleConnections();
      return this;
    }

    override getConnections(told: (error: Error | null, count: number) => void): this {
      if (this.inner === null) super.getConnections(told);
      else this.inner.getConnections(told);
      return this;
    }

    override ref(): this {
      this.inner?.ref();
      return this;
    }

    override unref(): this {
      this.inner?.unref();
      return this;
    }
  }

  const globalAgent = new Agent({ keepAlive: true, scheduling: 'lifo', timeout: KEPT });
  const agentFor = (options: nodeHttp.RequestOptions): nodeHttp.RequestOptions => {
    const { agent, createConnection } = options;
    if (agent === false) return { ...options, agent: new Agent() };
    return agent !== undefined || createConnection !== undefined ? options : { ...options, agent: globalAgent };
  };
  const request = (
    first: string | URL | nodeHttp.RequestOptions,
    second?: nodeHttp.RequestOptions | Answer,
    third?: Answer,
  ): nodeHttp.ClientRequest => {
    if (typeof first !== 'string' && !(first instanceof URL))
      return nodeHttp.request(agentFor(first), second as Answer | undefined);
    return typeof second === 'function'
      ? nodeHttp.request(first, agentFor({}), second)
      : nodeHttp.request(first, agentFor(second ?? {}), third);
  };
  const get = (...args: Parameters<typeof request>): nodeHttp.ClientRequest => request(...args).end();

  const { ServerResponse, IncomingMessage, METHODS, STATUS_CODES } = nodeHttp;
  return {
    Agent,
    Server,
    ServerResponse,
    IncomingMessage,
    METHODS,
    STATUS_CODES,
    createServer: (...args: ConstructorParameters<typeof Server>) => new Server(...args),
    request,
    get,
    globalAgent,
  };
}

/** Its Date header is of the clock that the program has: Node's own keeps the text of the real one. */
class DatedResponse extends nodeHttp.ServerResponse {
  override writeHead(...args: unknown[]): this {
    if (this.sendDate && !this.headersSent && !this.hasHeader('date')) this.setHeader('Date', new Date().toUTCString());
    return super.writeHead(...(args as [number]));
  }
}
