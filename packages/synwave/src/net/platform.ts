/** What `net` needs of its platform, handed in: streams, events, buffers, the queue of ticks. Only what is used is named. */

type Listener = (...args: never[]) => void;

/** An object that tells its events, as node:events has it. */
export interface Emitter {
  on(event: string | symbol, listener: Listener): this;
  once(event: string | symbol, listener: Listener): this;
  off(event: string | symbol, listener: Listener): this;
  removeListener(event: string | symbol, listener: Listener): this;
  emit(event: string | symbol, ...args: unknown[]): boolean;
  listenerCount(event: string | symbol): number;
}

/** A stream both ways, as node:stream has it. */
export interface Stream extends Emitter {
  readonly destroyed: boolean;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly readableEnded: boolean;
  readonly writableFinished: boolean;
  readonly writableLength: number;
  readableFlowing: boolean | null;
  allowHalfOpen: boolean;
  push(chunk: Uint8Array | null): boolean;
  read(size?: number): unknown;
  write(...args: unknown[]): boolean;
  end(...args: unknown[]): this;
  pause(): this;
  resume(): this;
  isPaused(): boolean;
  destroy(error?: Error): this;
  /** Makes a stream that was destroyed as good as new. */
  _undestroy(): void;
}

/** A constructor that may also be called on an object that inherits from it. */
interface Base<T> {
  new (options?: object): T;
  readonly prototype: T;
}

/** The part of `Buffer` that is used. */
interface Buffers {
  allocUnsafeSlow(size: number): Uint8Array<ArrayBuffer>;
  from(text: string, encoding?: string): Uint8Array<ArrayBuffer>;
  byteLength(text: string, encoding?: string): number;
}

/** A channel of node:diagnostics_channel. */
interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: object): void;
}

/** The context in which a program asked for something, and is called back. */
export interface Scope {
  asyncId(): number;
  runInAsyncScope(act: () => void): void;
}

export interface Platform {
  readonly Duplex: Base<Stream>;
  readonly EventEmitter: Base<Emitter>;
  readonly buffers: Buffers;
  /** Address tools that have nothing to do with a stack: they are the platform's own. */
  readonly tools: {
    readonly BlockList: unknown;
    readonly SocketAddress: unknown;
    readonly isIP: (text: string) => number;
    readonly isIPv4: (text: string) => boolean;
    readonly isIPv6: (text: string) => boolean;
  };
  /** Calls `act` after a whole turn of the platform's loop. */
  loopTurn(act: () => void): void;
  /** Calls `act` when the code that runs now has returned, before promises go on. */
  nextTick(act: () => void): void;
  channel(name: string): Channel;
  /** The context of the program that runs now. */
  scope(type: string): Scope;
  /** A value as a person reads it. */
  inspect(value: unknown, options?: { readonly depth?: number; readonly colors?: boolean }): string;
  /** Tells the user of something doubtful. */
  warn(text: string, name: string): void;
  readonly asyncDispose: symbol;
  /** What a stream holds before it asks its writer to wait, unless told otherwise: octets. */
  highWaterMark(): number;
}
