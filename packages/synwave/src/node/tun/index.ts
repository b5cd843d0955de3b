/** synwave/tun: links to the kernel's network, by a TUN or TAP device. */
import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { fail } from '../../base/errors.ts';
import { isGroupMac, type Mac, parseMac } from '../../base/mac.ts';
import { LinkError } from '../../link/link-error.ts';
import { type Device, type Mode, openDevice } from './device.ts';
import { type DeviceState, deviceState, setUpDevice } from './ip-tool.ts';
import { nativeCalls } from './native.ts';
import { type TunCounters, TunLink } from './tun-link.ts';

export { type SocatLink, type SocatOptions, socatTun } from './socat.ts';
export { LinkError, type TunCounters, TunLink };

export interface TunOptions {
  /** What the kernel calls the device: `tun%d` or `tap%d`, the next that is free, unless given. One that is there is taken. */
  readonly name?: string;
  /** `tun`, the default, for IP packets; `tap` for Ethernet frames. */
  readonly mode?: Mode;
  /** The largest IP packet; what the device has unless given, and that is 1500 for a new one. */
  readonly mtu?: number;
  /** Addresses of the kernel's end, as `10.9.0.1/24`. Left out, those that the device has stay. */
  readonly addresses?: readonly string[];
  /** Checksums and the cutting of segments are left to the kernel, both ways; on unless it is false. */
  readonly vnet?: boolean;
  /** The address of our end of a TAP device; one by chance unless given. */
  readonly mac?: string;
  /** Packets that may wait in the kernel to be read; 5000 unless given. Without `vnet` each large send is 44 of them. */
  readonly queue?: number;
  /** Told when somebody has removed the device; the link is closed then. */
  readonly onEnd?: (error: LinkError) => void;
}

/** A device takes as much, less an Ethernet header, as an IPv4 packet can be. */
const MTU_MOST = 65_521;
const QUEUE = 5000;

/**
 * Opens a device of the kernel's, sets it up with the tool `ip` where it has to be, and answers the link to it. It keeps
 * no process alive; a device that was made here goes with `close`, or with the process however that ends. Rejects with
 * LinkError, whose message tells what is missing (root, /dev/net/tun, the package koffi ...) and what to type; RangeError for an MTU that no
 * device has; SynwaveError EINVAL for a MAC address that cannot be read.
 */
export async function tun(options: TunOptions = {}): Promise<TunLink> {
  const { mode = 'tun', mtu, vnet = true, onEnd } = options;
  if (mtu !== undefined && !(Number.isInteger(mtu) && mtu >= 68 && mtu <= MTU_MOST)) {
    throw new RangeError(`mtu ${mtu} is not within 68 to ${MTU_MOST}`);
  }
  const mac = mode === 'tap' ? macOf(options.mac) : null;
  const calls = nativeCalls();
  const device = openDevice(calls, options.name ?? `${mode}%d`, mode, vnet);
  try {
    const state = await deviceState(device.name);
    await setUp(device, state, options);
    return new TunLink(calls, device, { mtu: mtu ?? state.mtu, mac, vnet, onEnd });
  } catch (error) {
    closeSync(device.fd);
    throw error;
  }
}

/** A device that is as it should be is left alone: it may be another user's, who has it made for us. */
async function setUp({ name }: Device, state: DeviceState, options: TunOptions): Promise<void> {
  const { mtu = state.mtu, addresses = [], queue = QUEUE } = options;
  const asIs = state.up && state.mtu === mtu && addresses.length === 0;
  try {
    await setUpDevice(name, { mtu, addresses, queue });
  } catch (error) {
    if (!(error instanceof LinkError) || error.code !== 'EPERM') throw error;
    if (asIs) return; // a longer queue would have been welcome
    const words = addresses.map((address) => `sudo ip address add ${address} dev ${name}; `).join('');
    const up = `sudo ip link set ${name} mtu ${mtu} up`;
    throw new LinkError('EPERM', `only root may set up ${name}: ${words}${up}`);
  }
}

function macOf(text: string | undefined): Mac {
  // Of our own making, and of one station (IEEE 802, §8.4).
  const bytes = randomBytes(6);
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 2;
  const mac = parseMac(text ?? [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':'));
  if (mac === null || isGroupMac(mac)) return fail('EINVAL', `MAC address ${text}`);
  return mac;
}
