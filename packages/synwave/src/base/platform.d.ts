/** The few names that every platform has and that the rooms below `node` and `web` may use; nothing more compiles there. */

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(octets?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

/** What a caller hands in to give an operation up. */
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** One turn of the platform's event loop, where a microtask would not let it go on. */
declare class MessageChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}

interface MessagePort {
  addEventListener(type: 'message', listener: () => void): void;
  start(): void;
  postMessage(message: unknown): void;
  close(): void;
}

declare function queueMicrotask(callback: () => void): void;
