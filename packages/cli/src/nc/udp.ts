/** `nc -u`: standard input and output over datagrams: each piece that is read is one. */
import type { Readable } from 'node:stream';
import { MILLISECOND, type Micros, parseAddress, type UdpMessage, type UdpSocket } from 'synwave';
import { Exit, UserError } from '../errors.ts';
import { failed } from '../failures.ts';
import type { Station } from '../station.ts';

interface Shared {
  readonly station: Station;
  readonly port: number;
  /** What goes out; null: nothing. */
  readonly source: Readable | null;
  readonly say: (line: string) => void;
  /** Silence that ends it. */
  readonly silence: Micros | undefined;
  /** How long after the end of `source`; null or undefined: that ends nothing. */
  readonly quit: Micros | null | undefined;
  /** Ends it: with an error as the reason, if it is one. */
  readonly signal: AbortSignal;
}

/** The largest piece of input for one datagram: what every path of the internet takes would be less, nc takes as much. */
const LARGEST = 16_384;

export interface TalkOptions extends Shared {
  readonly name: string;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
}

/** Calls a host. Rejects with UserError. */
export async function talkUdp(options: TalkOptions): Promise<void> {
  const { station, name, port, localAddress, localPort, say } = options;
  const what = `connect to ${name} port ${port} (udp)`;
  const address = parseAddress(name) === null ? station.hosts[name] : name;
  if (address === undefined) throw failed(what, Object.assign(new Error('unknown name'), { code: 'ENOTFOUND' }));
  let socket: UdpSocket;
  try {
    socket = station.host.udp({
      ...(localAddress === undefined ? {} : { address: localAddress }),
      port: localPort ?? 0,
    });
    socket.connect(address, port);
  } catch (error) {
    throw failed(what, error);
  }
  say(`Connection to ${name} ${port} port [udp/*] succeeded!`);
  await exchange(socket, options, what);
}

export interface HearOptions extends Shared {
  readonly address: string | undefined;
  /** Hears everybody, and says nothing; else the first to speak is who it talks with. */
  readonly keepOpen: boolean;
}

/** Waits for whoever speaks first. Rejects with UserError. */
export async function hearUdp(options: HearOptions): Promise<void> {
  const { station, address = station.listensOn, port, keepOpen, say, signal } = options;
  let socket: UdpSocket;
  try {
    socket = station.host.udp({ address, port });
  } catch (error) {
    throw failed(`listen on ${address} port ${port} (udp)`, error);
  }
  say(`Bound on ${address} ${port} (${station.link})`);
  const close = (): void => socket.close();
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  const first = await socket.receive();
  signal.removeEventListener('abort', close);
  if (first === null) return aborted(signal);
  say(`Connection received on ${first.address} ${first.port}`);
  process.stdout.write(first.octets);
  if (!keepOpen) socket.connect(first.address, first.port);
  await exchange(socket, keepOpen ? { ...options, source: null } : options, `datagrams from ${first.address}`);
}

/** Both ways, until silence, the time after the end of input, or a signal ends it. */
async function exchange(socket: UdpSocket, options: Shared, what: string): Promise<void> {
  const { source, silence, quit, signal } = options;
  const end = (): void => socket.close();
  let timer: NodeJS.Timeout | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    if (silence !== undefined) timer = setTimeout(end, silence / MILLISECOND);
  };
  let last: NodeJS.Timeout | undefined;
  const send = (chunk: Buffer): void => {
    heard();
    for (let at = 0; at < chunk.length; at += LARGEST) {
      const code = socket.trySend(chunk.subarray(at, at + LARGEST));
      if (code === null || code === 'ECONNREFUSED' || code === 'EBADF') continue; // `receive` tells
      socket.close();
      refused = failed(what, Object.assign(new Error(code), { code }));
    }
  };
  const leave = (): void => {
    if (typeof quit === 'number') last = setTimeout(end, quit / MILLISECOND);
  };
  let refused: UserError | null = null;
  source?.on('data', send).once('end', leave);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  heard();
  try {
    for (let message: UdpMessage | null = await socket.receive(); message !== null; message = await socket.receive()) {
      heard();
      process.stdout.write(message.octets);
    }
  } catch (error) {
    throw failed(what, error);
  } finally {
    clearTimeout(timer);
    clearTimeout(last);
    source?.off('data', send).off('end', leave);
    socket.close();
  }
  if (refused !== null) throw refused as UserError;
  aborted(signal);
}

function aborted({ aborted: is, reason }: AbortSignal): void {
  if (is && reason instanceof UserError) throw new UserError(reason.message, Exit.Failed);
}
