/** A TUN or TAP device is opened: the descriptor, its name, and what was agreed on with the kernel. */
import { closeSync, constants, openSync } from 'node:fs';
import { LinkError } from '../../link/link-error.ts';
import { type Calls, errorName } from './native.ts';

/** `tun`: IP packets. `tap`: Ethernet frames. */
export type Mode = 'tun' | 'tap';

export interface Device {
  readonly fd: number;
  readonly name: string;
}

const NODE = '/dev/net/tun';

// linux/if_tun.h
const TUNSETIFF = 0x400454ca;
const TUNSETOFFLOAD = 0x400454d0;
const TUNSETVNETLE = 0x400454dc;
const FLAGS = { tun: 0x0001, tap: 0x0002, noInformation: 0x1000, vnet: 0x4000 } as const;
const OFFLOAD = { sums: 1, tso4: 2, tso6: 4, ecn: 8 } as const;

/** struct ifreq, and where its name and its flags stand. */
const IFREQ = 40;
const NAME_MOST = 15;
const FLAGS_AT = 16;

/** What the kernel takes for a name: `tun0`, or `tun%d` for the next that is free. */
const NAME = /^[^\s/:%]+(?:%d)?$/;

/**
 * Attaches to the device of that name, or has one made that lasts as long as the descriptor is open. `vnet`: packets come
 * and go with a virtio header. Throws LinkError: what is missing, and what to type.
 */
export function openDevice(calls: Calls, name: string, mode: Mode, vnet: boolean): Device {
  const length = Buffer.byteLength(name);
  if (!NAME.test(name) || length > NAME_MOST) {
    throw new LinkError('EINVAL', `${name} is no name for a device: at most ${NAME_MOST} octets, no blank, / or :`);
  }
  const fd = openNode();
  const request = Buffer.alloc(IFREQ);
  request.write(name, 0);
  request.writeUInt16LE(FLAGS[mode] | FLAGS.noInformation | (vnet ? FLAGS.vnet : 0), FLAGS_AT);
  let failed = calls.ioctl(fd, TUNSETIFF, request) < 0 ? attachFails(errorName(calls.errno()), name, mode) : null;
  if (failed === null && vnet) {
    const one = Buffer.alloc(4);
    one.writeInt32LE(1);
    const offload = OFFLOAD.sums | OFFLOAD.tso4 | OFFLOAD.tso6 | OFFLOAD.ecn;
    if (calls.ioctl(fd, TUNSETVNETLE, one) < 0 || calls.ioctlNumber(fd, TUNSETOFFLOAD, offload) < 0) {
      const code = errorName(calls.errno());
      failed = new LinkError(code, `this kernel cuts no segments for ${name} (${code}): ask for it with vnet: false`);
    }
  }
  if (failed !== null) {
    closeSync(fd);
    throw failed;
  }
  return { fd, name: request.toString('latin1', 0, FLAGS_AT).replace(/\0.*$/s, '') };
}

/** Node.js closes it in child processes, and with the worker that has it. */
function openNode(): number {
  try {
    return openSync(NODE, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    throw cannotOpen((error as NodeJS.ErrnoException).code ?? 'EIO');
  }
}

function cannotOpen(code: string): LinkError {
  const remedies: Readonly<Record<string, string>> = {
    ENOENT: 'modprobe tun, or docker run --device /dev/net/tun --cap-add NET_ADMIN',
    ENODEV: 'modprobe tun',
    EACCES: 'sudo chmod 666 /dev/net/tun, or be root (sudo)',
    EPERM: 'docker run --device /dev/net/tun --cap-add NET_ADMIN',
  };
  const remedy = remedies[code];
  return new LinkError(code, `cannot open ${NODE} (${code})${remedy === undefined ? '' : `: ${remedy}`}`);
}

function attachFails(code: string, name: string, mode: Mode): LinkError {
  const own = name.includes('%') ? name.replace('%d', '0') : name;
  const remedies: Readonly<Record<string, string>> = {
    EPERM: `be root, or have it made beforehand: sudo ip tuntap add dev ${own} mode ${mode} user $USER`,
    EBUSY: 'another process has it: name another device',
    EINVAL: `it is there and is no ${mode} device, or a bridge or another kind: name another`,
  };
  const remedy = remedies[code];
  return new LinkError(code, `cannot have device ${name} (${code})${remedy === undefined ? '' : `: ${remedy}`}`);
}
