/** synwave/stream: packets, or Ethernet frames, over a Unix or TCP socket, with their lengths in front, as QEMU's `-netdev stream` has them. */
import { once } from 'node:events';
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { fail } from '../../base/errors.ts';
import { isGroupMac, type Mac, parseMac } from '../../base/mac.ts';
import { LinkError } from '../../link/link-error.ts';
import { MESSAGE_MTU, type MessageCounters, MessageLink } from '../../link/message-link.ts';
import { Redial } from '../../link/redial.ts';
import { FrameReader, LENGTH, MalformedLength } from './frame-reader.ts';

export { LinkError, type MessageCounters };

export interface StreamOptions {
  /** A Unix socket; or else: */
  readonly path?: string;
  /** An address, 127.0.0.1 unless given, and a port of TCP. */
  readonly host?: string;
  readonly port?: number;
  /** We are called, by one at a time; otherwise we call. */
  readonly listen?: boolean;
  /** The largest IP packet; 1500 unless given. */
  readonly mtu?: number;
  /** The link carries Ethernet frames, as QEMU does, and this is the address of our end: `02:00:00:00:00:01`. */
  readonly mac?: string;
  /** Octets that may wait to leave; what is sent beyond that is dropped and counted. 1 MiB unless given. */
  readonly bound?: number;
  /** Whether we call again when the other end is gone: true unless given. */
  readonly reconnect?: boolean;
  /** Told when somebody is at the other end, and when nobody is any more. */
  readonly onChange?: (connected: boolean) => void;
  /** Told why the other end was hung up on, and of calls that were refused. */
  readonly onError?: (error: LinkError) => void;
}

const LOOPBACK = '127.0.0.1';

class StreamLink extends MessageLink {
  private readonly options: StreamOptions;
  private readonly redial: Redial;
  private server: Server | null = null;
  private socket: Socket | null = null;

  constructor(options: StreamOptions, mac: Mac | undefined) {
    const { mtu = MESSAGE_MTU, bound } = options;
    super({ name: `stream ${placeOf(options)}`, mtu, mac, bound });
    this.options = options;
    this.redial = new Redial(after, () => this.call(() => undefined));
  }

  /** The port that a listening end of TCP has got; 0 otherwise. */
  get port(): number {
    const own = this.server?.address() ?? null;
    return own === null || typeof own === 'string' ? 0 : own.port;
  }

  override close(): void {
    this.redial.stop();
    super.close();
    this.socket?.destroy();
    this.server?.close();
  }

  /** Awaits calls. */
  async listen(): Promise<void> {
    const { path } = this.options;
    const server = createServer((socket) => {
      if (this.connected) {
        socket.destroy();
        this.options.onError?.(
          new LinkError('EBUSY', `${this.name}: a second caller is refused, the link has one other end`),
        );
      } else this.take(socket);
    });
    try {
      await listening(server, this.options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || path === undefined) throw error;
      // A file of somebody's is not ours to take away.
      if (!isSocket(path) || (await answers(path))) throw error;
      // Who listened there has ended without taking it away.
      unlinkSync(path);
      await listening(server, this.options);
    }
    this.server = server.unref();
  }

  /** `done` is called once: with null when somebody is there, or with why nobody is. */
  call(done: (error: NodeJS.ErrnoException | null) => void): void {
    const socket = connect(addressOf(this.options));
    this.socket = socket;
    let opened = false;
    let why: NodeJS.ErrnoException | null = null;
    socket.on('error', (error) => {
      why = error;
    });
    socket.on('connect', () => {
      opened = true;
      this.redial.answered();
      this.take(socket);
      done(null);
    });
    socket.on('close', () => {
      if (!opened) done(why ?? new Error('closed before it was open'));
      const { reconnect = true } = this.options;
      if (!this.isClosed && reconnect && this.counters.connects > 0) this.redial.missed();
    });
  }

  /** Somebody is at the other end. */
  private take(socket: Socket): void {
    const { onChange } = this.options;
    const reader = new FrameReader((packet) => this.arrives(packet));
    socket.unref();
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      try {
        reader.push(chunk);
      } catch (error) {
        if (!(error instanceof MalformedLength)) throw error;
        this.counters.malformed++;
        socket.destroy();
        this.options.onError?.(new LinkError('EPROTO', `${this.name}: ${error.message}: the other end is hung up on`));
      }
    });
    socket.on('error', () => undefined); // a close follows
    socket.on('end', () => socket.destroy());
    const channel = channelOf(socket);
    socket.on('close', () => {
      if (this.holds(channel)) this.leave();
      onChange?.(false);
    });
    if (this.join(channel)) onChange?.(true);
  }
}

export type { StreamLink };

/**
 * Listens, or connects and calls again whenever the other end is gone, until the link is closed. It keeps no process alive.
 * Rejects with LinkError when the place cannot be had, or nobody is there at the first call; SynwaveError EINVAL for a
 * MAC address that cannot be read.
 */
export async function streamLink(options: StreamOptions): Promise<StreamLink> {
  const { path, port, listen = false } = options;
  if ((path === undefined) === (port === undefined)) {
    throw new LinkError('EINVAL', 'a stream link has a path or a port, and not both');
  }
  const mac = options.mac === undefined ? undefined : parseMac(options.mac);
  if (mac === null || (mac !== undefined && isGroupMac(mac))) fail('EINVAL', `MAC address ${options.mac}`);
  const link = new StreamLink(options, mac);
  try {
    if (listen) await link.listen();
    else await called(link);
    return link;
  } catch (error) {
    link.close();
    throw cannot(options, error as NodeJS.ErrnoException);
  }
}

function called(link: StreamLink): Promise<void> {
  return new Promise((resolve, reject) => {
    link.call((error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** Packets of one turn of the event loop leave together. */
function channelOf(socket: Socket): { send(packet: Uint8Array): void; readonly buffered: number; close(): void } {
  let corked = false;
  return {
    send(packet) {
      if (!corked) {
        corked = true;
        socket.cork();
        setImmediate(() => {
          corked = false;
          socket.uncork();
        });
      }
      const octets = Buffer.allocUnsafe(LENGTH + packet.length);
      octets.writeUInt32BE(packet.length, 0);
      octets.set(packet, LENGTH);
      socket.write(octets);
    },
    get buffered() {
      return socket.writableLength;
    },
    close: () => socket.destroySoon(),
  };
}

async function listening(server: Server, options: StreamOptions): Promise<void> {
  server.listen(addressOf(options));
  await once(server, 'listening');
}

/** Whether what stands at that path is a socket. */
function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

/** Whether somebody listens at that path. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'));
  });
}

function addressOf({
  path,
  host = LOOPBACK,
  port = 0,
}: StreamOptions): { path: string } | { host: string; port: number } {
  return path === undefined ? { host, port } : { path };
}

function placeOf({ path, host = LOOPBACK, port = 0 }: StreamOptions): string {
  return path ?? (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
}

function cannot(options: StreamOptions, { code = 'EIO', message }: NodeJS.ErrnoException): LinkError {
  const place = placeOf(options);
  const { path, listen = false } = options;
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nobody listens there',
    ENOENT: listen ? 'there is no such directory' : 'nobody listens there: there is no such file',
    EADDRINUSE: 'another process listens there',
    EACCES: 'permission denied',
    ENOTSOCK: 'it is no socket',
  };
  let reason = reasons[code] ?? message;
  // The kernel says "in use" and "refused" of any file, and Node.js "permission denied" of a folder that is not there.
  if (path !== undefined && existsSync(path) && !isSocket(path)) reason = reasons['ENOTSOCK'] ?? '';
  else if (path !== undefined && listen && !existsSync(dirname(path))) reason = reasons['ENOENT'] ?? '';
  return new LinkError(code, `cannot ${listen ? 'listen on' : 'connect to'} ${place} (${code}): ${reason}`);
}

function after(act: () => void, wait: number): () => void {
  const timer = setTimeout(act, wait).unref();
  return () => clearTimeout(timer);
}
