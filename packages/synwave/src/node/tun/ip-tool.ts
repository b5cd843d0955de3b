/** The tool `ip` of iproute2: what a device is, and how it becomes what it should be. */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { LinkError } from '../../link/link-error.ts';

/** A device of the kernel's, as far as it matters here. */
export interface DeviceState {
  readonly mtu: number;
  readonly up: boolean;
}

export interface DeviceSettings {
  readonly mtu?: number;
  /** Addresses of the kernel's end. */
  readonly addresses: readonly string[];
  /** Packets that may wait to be read. */
  readonly queue: number;
}

/** Rejects with LinkError when there is no such device, or no tool. */
export async function deviceState(name: string): Promise<DeviceState> {
  const text = await ip('-o', 'link', 'show', 'dev', name);
  const flags = /<([^>]*)>/.exec(text)?.[1]?.split(',') ?? [];
  return { mtu: Number(/ mtu (\d+)/.exec(text)?.[1] ?? 0), up: flags.includes('UP') };
}

/** Sets a device up. Rejects with LinkError, which says what the kernel would not have. */
export async function setUpDevice(name: string, settings: DeviceSettings): Promise<void> {
  const { mtu, addresses, queue } = settings;
  const size = mtu === undefined ? [] : ['mtu', String(mtu)];
  const six = addresses.some((address) => isIPv6(bare(address)));
  if (six) allowSix(name);
  await ip('link', 'set', 'dev', name, 'txqueuelen', String(queue), ...size, 'up');
  for (const address of addresses) {
    // Nobody else is on the device whose address it could be.
    await ip('address', 'replace', address, 'dev', name, ...(isIPv6(bare(address)) ? ['nodad'] : []));
  }
}

function bare(address: string): string {
  return address.split('/')[0] ?? '';
}

/** Where new devices get no IPv6, this one does all the same. */
function allowSix(name: string): void {
  const file = `/proc/sys/net/ipv6/conf/${name}/disable_ipv6`;
  try {
    if (existsSync(file)) writeFileSync(file, '0');
  } catch {
    // Read-only in many containers: the kernel says below whether it matters.
  }
}

function ip(...words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ip', words, { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        reject(new LinkError('ENOENT', 'there is no tool ip to set the device up: apt-get install iproute2'));
      } else {
        const said = stderr.trim().replace(/\s*\n\s*/g, ' ') || error.message;
        const denied = /not permitted/i.test(said);
        const told = `ip ${words.join(' ')}: ${said}`;
        reject(denied ? new LinkError('EPERM', `${told}: be root (sudo)`) : new LinkError('EIO', told));
      }
    });
  });
}
