/** A TUN device without any native package: socat has it, and its packets come and go in datagrams. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame } from '../../base/frame.ts';
import { type Link, type Offloads, onTheWire, type Receiver } from '../../link/link.ts';
import { LinkError } from '../../link/link-error.ts';
import { type DatagramCounters, type DatagramLink, datagramLink } from '../datagram-link.ts';
import { deviceState, setUpDevice } from './ip-tool.ts';

export interface SocatOptions {
  /** What the kernel calls the device; `socat` and a number unless given. */
  readonly name?: string;
  /** The largest IP packet; 1500 unless given. */
  readonly mtu?: number;
  /** Addresses of the kernel's end, as `10.9.0.1/24`. */
  readonly addresses?: readonly string[];
  /** Packets that may wait in the kernel; 5000 unless given. */
  readonly queue?: number;
  /** Told when socat has ended; the link is closed then. */
  readonly onEnd?: (error: LinkError) => void;
}

const MTU = 1500;
const QUEUE = 5000;
/** Milliseconds that socat may take to make the device, and between two looks. */
const PATIENCE = 5000;
const LOOK = 20;

/** Numbers of devices within this process. */
let made = 0;

class SocatLink implements Link {
  readonly name: string;
  readonly mtu: number;
  readonly offloads: Offloads = onTheWire;
  private readonly link: DatagramLink;
  private readonly socat: ChildProcess;
  /** The device does not outlive us, whichever way we end. */
  private readonly kill = (): void => void this.socat.kill('SIGKILL');

  constructor(name: string, mtu: number, link: DatagramLink, socat: ChildProcess) {
    this.name = name;
    this.mtu = mtu;
    this.link = link;
    this.socat = socat;
    process.on('exit', this.kill);
  }

  get counters(): DatagramCounters {
    return this.link.counters;
  }

  send(frame: Frame): void {
    this.link.send(frame);
  }

  attach(receiver: Receiver): void {
    this.link.attach(receiver);
  }

  /** The device is gone with socat; packets are dropped from now on. */
  close(): void {
    this.kill();
    process.off('exit', this.kill);
    this.link.close();
  }
}

export type { SocatLink };

/**
 * A TUN device that socat opens, as root: about a tenth as fast as `tun`, with no native package. It keeps no process
 * alive and goes with `close`, or with the process. Rejects with LinkError: what is missing, and what to type.
 */
export async function socatTun(options: SocatOptions = {}): Promise<SocatLink> {
  const { mtu = MTU, addresses = [], queue = QUEUE, onEnd } = options;
  const name = options.name ?? `socat${process.pid % 100_000}-${made++}`;
  if (!/^[^\s/:,!%]{1,15}$/.test(name)) throw new LinkError('EINVAL', `${name} is no name for a device of socat's`);
  const port = await freePort();
  const link = await datagramLink({ listen: { port: 0 }, peer: { port }, mtu });
  const socat = start(name, port, link.local.port);
  let said = '';
  socat.stderr?.on('data', (text: Buffer) => {
    said += String(text);
  });
  const ended = once(socat, 'exit').then(
    () => 'ended',
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'missing' : 'ended'),
  );
  const opened = new SocatLink(name, mtu, link, socat);
  try {
    await appears(name, ended, () => said);
    await setUpDevice(name, { mtu, addresses, queue });
  } catch (error) {
    opened.close();
    throw error;
  }
  let closed = false;
  const close = opened.close.bind(opened);
  opened.close = () => {
    closed = true;
    close();
  };
  const afterwards = async (): Promise<void> => {
    await ended;
    if (closed) return;
    opened.close();
    onEnd?.(new LinkError('EPIPE', `socat, which had device ${name}, has ended${reason(said)}`));
  };
  void afterwards();
  socat.unref();
  return opened;
}

/** Where the kernel would end socat with us whatever becomes of us, it is asked to. */
function start(name: string, port: number, ours: number): ChildProcess {
  const words = ['socat', '-b', '65535', `TUN,iff-no-pi,tun-type=tun,tun-name=${name},iff-up`];
  words.push(`UDP4:127.0.0.1:${ours},bind=127.0.0.1:${port}`);
  const tied = spawnSync('setpriv', ['--version']).error === undefined;
  const [program = '', ...rest] = tied ? ['setpriv', '--pdeathsig', 'KILL', ...words] : words;
  return spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function appears(name: string, ended: Promise<string>, said: () => string): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += LOOK) {
    const state = await Promise.race([ended, sleep(LOOK, '')]);
    const missing = state === 'missing' || /No such file or directory.*socat|socat.*No such file/.test(said());
    if (missing) throw new LinkError('ENOENT', 'there is no socat: apt-get install socat');
    if (state !== '') throw new LinkError('EIO', `socat cannot have device ${name}${reason(said())}`);
    try {
      if ((await deviceState(name)).up) return;
    } catch (error) {
      if ((error as LinkError).code === 'ENOENT') throw error;
    }
  }
  throw new LinkError('ETIMEDOUT', `socat made no device ${name} within ${PATIENCE / 1000} s`);
}

/** What socat complained of last, without its date and number. */
function reason(said: string): string {
  const last = said.trim().split('\n').at(-1) ?? '';
  const words = last.replace(/^.*?\] [A-Z] /, '');
  if (words === '') return '';
  return /not permitted/i.test(words) ? `: ${words}: be root (sudo)` : `: ${words}`;
}

/** A UDP port that nobody has now. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
