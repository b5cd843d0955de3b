/** Every kind of link as a pair of ends, for the suite that all of them pass. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BroadcastChannel, MessageChannel } from 'node:worker_threads';
import { Random } from '../../src/base/random.ts';
import { SECOND } from '../../src/base/time.ts';
import { impaired } from '../../src/link/impaired.ts';
import type { Link } from '../../src/link/link.ts';
import { pipe } from '../../src/link/pipe.ts';
import { broadcastLink, type PortLike, portLink } from '../../src/link/port-link.ts';
import { datagramLink } from '../../src/node/datagram-link.ts';
import { NodeLoop } from '../../src/node/loop.ts';
import { streamLink } from '../../src/node/stream/index.ts';
import { tun } from '../../src/node/tun/index.ts';
import { packetServer, wsLink } from '../../src/node/ws/index.ts';

interface Counters {
  readonly sent: number;
  readonly received: number;
  readonly dropped: number;
}

/** One end; those out of the process count, and can be closed. */
export interface End extends Link {
  readonly counters?: Counters;
  close?(): void;
}

export interface Pair {
  readonly ends: readonly [End, End];
  /** What goes when both are closed. */
  end(): Promise<void> | void;
}

export interface Kind {
  readonly name: string;
  /** What is missing here; '' when nothing is. */
  readonly lacking: string;
  /** Whether its ends count and can be closed; false of those inside of the process, where the stack alone holds to the MTU. */
  readonly counts: boolean;
  readonly make: () => Promise<Pair>;
}

const MACS = ['02:00:00:00:00:0a', '02:00:00:00:00:0b'] as const;

function closing(ends: readonly [End, End], more: () => Promise<void> | void = () => undefined): Pair {
  return {
    ends,
    end: () => {
      for (const end of ends) end.close?.();
      return more();
    },
  };
}

async function stream(where: (home: string) => { path: string } | { port: number }, macs: boolean): Promise<Pair> {
  const home = mkdtempSync(join(tmpdir(), 'synwave-link-'));
  const mac = (i: 0 | 1): { mac?: string } => (macs ? { mac: MACS[i] } : {});
  const there = where(home);
  const a = await streamLink({ ...there, ...mac(0), listen: true });
  const place = 'path' in there ? there : { port: a.port };
  const b = await streamLink({ ...place, ...mac(1) });
  while (!a.connected) await new Promise((resolve) => setImmediate(resolve));
  return closing([a, b], () => rmSync(home, { recursive: true }));
}

async function webSocket(): Promise<Pair> {
  let joined: (link: End) => void = () => undefined;
  const first = new Promise<End>((resolve) => {
    joined = resolve;
  });
  const server = await packetServer({ token: 'secret', onJoin: (link) => joined(link) });
  const b = await wsLink({ url: server.url, token: 'secret' });
  return closing([await first, b], () => server.close());
}

/** Two TAP devices on one bridge: what the kernel gets by the one it hands out by the other. */
async function taps(vnet: boolean): Promise<Pair> {
  const bridge = 'sw-links-br';
  const ip = (...words: string[]): void => {
    const { status, stderr } = spawnSync('ip', words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`);
  };
  const a = await tun({ name: 'sw-links-a', mode: 'tap', mac: MACS[0], vnet });
  const b = await tun({ name: 'sw-links-b', mode: 'tap', mac: MACS[1], vnet });
  ip('link', 'add', bridge, 'type', 'bridge');
  for (const { name } of [a, b]) ip('link', 'set', name, 'master', bridge);
  ip('link', 'set', bridge, 'up');
  return closing([a, b], () => ip('link', 'del', bridge));
}

function noTap(): string {
  if (process.getuid?.() !== 0) return 'root';
  if (!existsSync('/dev/net/tun')) return '/dev/net/tun';
  const { status, error } = spawnSync('ip', ['link', 'add', 'sw-links-try', 'type', 'bridge']);
  if (error !== undefined) return 'ip';
  if (status !== 0) return 'bridges in this kernel';
  spawnSync('ip', ['link', 'del', 'sw-links-try']);
  return '';
}

const missing = noTap();

export const kinds: readonly Kind[] = [
  { name: 'pipe', lacking: '', counts: false, make: async () => closing(pipe()) },
  {
    name: 'impaired pipe',
    lacking: '',
    counts: false,
    make: async () => {
      const clock = new NodeLoop();
      const ends = pipe({ mtu: 1500 }).map((link, i) =>
        impaired(link, { clock, random: new Random(i), impairments: { delay: SECOND / 1000 } }),
      ) as unknown as [End, End];
      return closing(ends);
    },
  },
  {
    name: 'datagrams',
    lacking: '',
    counts: true,
    make: async () => {
      // Both know the other from the beginning: nothing has to be learned.
      const a = await datagramLink({ listen: { port: 0 } });
      const b = await datagramLink({ peer: a.local });
      const [first, second] = [a.local, b.local];
      a.close();
      b.close();
      const mine = await datagramLink({ listen: first, peer: second });
      return closing([mine, await datagramLink({ listen: second, peer: first })]);
    },
  },
  { name: 'stream, Unix', lacking: '', counts: true, make: () => stream((home) => ({ path: join(home, 's') }), false) },
  { name: 'stream, TCP, Ethernet', lacking: '', counts: true, make: () => stream(() => ({ port: 0 }), true) },
  { name: 'WebSocket', lacking: '', counts: true, make: webSocket },
  {
    name: 'MessagePort',
    lacking: '',
    counts: true,
    make: async () => {
      const { port1, port2 } = new MessageChannel();
      return closing([portLink(port1 as unknown as PortLike), portLink(port2 as unknown as PortLike)]);
    },
  },
  {
    name: 'BroadcastChannel',
    lacking: '',
    counts: true,
    make: async () => {
      const channel = (): PortLike => new BroadcastChannel('synwave-links') as unknown as PortLike;
      return closing([broadcastLink(channel()), broadcastLink(channel())]);
    },
  },
  { name: 'TAP devices on a bridge', lacking: missing, counts: true, make: () => taps(false) },
  { name: 'TAP devices on a bridge, VNET_HDR', lacking: missing, counts: true, make: () => taps(true) },
];
