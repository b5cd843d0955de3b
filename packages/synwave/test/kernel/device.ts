/** A TUN device of the kernel's whose packets come to us in datagrams, by way of socat; made and removed by the tests. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { createHost, datagramLink } from '../../src/node/index.ts';
import type { Host } from '../../src/socket/host.ts';

/** The kernel's addresses on the device, and ours. */
export const KERNEL = { 4: '10.77.0.1', 6: 'fd77::1', link: 'fe80::77:1' } as const;
export const OURS = { 4: '10.77.0.2', 6: 'fd77::2', link: 'fe80::77:2' } as const;

/** What the kernel calls the device: at most 15 characters. */
export const DEVICE = 'synwave-test';

const DISABLED = '/proc/sys/net/ipv6/conf/default/disable_ipv6';

/** Whether the kernel knows IPv6, and devices get addresses of it. */
export const SIX: boolean = existsSync(DISABLED) && readFileSync(DISABLED, 'utf8').trim() === '0';
/** A device, and both addresses on it. Tests that run at the same time have devices of their own. */
export interface Meeting {
  /** At most 15 characters. */
  readonly device: string;
  readonly kernel: string;
  readonly ours: string;
}

const MEETING: Meeting = { device: DEVICE, kernel: KERNEL[4], ours: OURS[4] };

/** What is missing here, of what all such tests need and of `tools`; '' when the kernel can be met. */
export function lacking(...tools: string[]): string {
  if (process.getuid?.() !== 0) return 'root';
  if (!existsSync('/dev/net/tun')) return '/dev/net/tun';
  for (const tool of ['socat', 'ip', ...tools]) {
    if (spawnSync('which', [tool]).status !== 0) return tool;
  }
  return '';
}

export interface Kernel {
  readonly host: Host;
  /** Takes the device away. */
  close(): Promise<void>;
}

/** A host of ours at the kernel's device. */
export async function meetKernel({ device, kernel, ours }: Meeting = MEETING): Promise<Kernel> {
  const link = await datagramLink({ listen: { port: 0 } });
  const host = createHost({ name: 'ours', seed: 1 });
  const addresses = device === DEVICE ? [`${ours}/24`, `${OURS[6]}/64`, `${OURS.link}/64`] : [`${ours}/24`];
  host.attach(link, addresses, { name: 'tun7' });
  const to = `UDP4:127.0.0.1:${link.local.port}`;
  const tun = `TUN:${kernel}/24,up,iff-no-pi,tun-type=tun,tun-name=${device}`;
  const socat: ChildProcess = spawn('socat', ['-b', '65535', tun, to], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => socat.once('exit', () => resolve()));
  const deadline = Date.now() + 5000;
  while (spawnSync('ip', ['-o', 'address', 'show', 'to', kernel], { encoding: 'utf8' }).stdout === '') {
    if (Date.now() > deadline) throw new Error('socat made no device');
    await wait(20);
  }
  for (const address of SIX && device === DEVICE ? [KERNEL[6], KERNEL.link] : []) {
    // Nobody else is on the device whose address it could be.
    const { status, stderr } = spawnSync('ip', ['-6', 'address', 'add', `${address}/64`, 'dev', DEVICE, 'nodad']);
    if (status !== 0) throw new Error(`the device got no ${address}: ${String(stderr)}`);
  }
  // The link learns where the device is from the first packet that comes of it; the device may have its address, and not be up.
  const caller = createSocket('udp4');
  while (host.counters().datagramsIn === 0) {
    if (Date.now() > deadline) throw new Error('nothing comes from the device');
    await new Promise((resolve) => caller.send('here', 9, ours, resolve));
    await wait(5);
  }
  caller.close();
  return {
    host,
    async close() {
      socat.kill();
      await ended;
      link.close();
    },
  };
}
