/** The profiles of packet scripts: how a host that behaves as Linux does, as FreeBSD does, or as the RFCs say, is set up. */
import { bsdProfile, linuxProfile, rfcProfile, type TcpConfig } from '../tcp/config.ts';
import type { Script } from './script.ts';

export type ProfileName = 'linux' | 'freebsd' | 'rfc';

export const profileNames: readonly ProfileName[] = ['linux', 'freebsd', 'rfc'];

interface Profile {
  readonly tcp: TcpConfig;
  readonly backlogMost: number;
}

/** Linux, rmem and wmem as it comes: half of the receive buffer is window, whole segments of it at first. */
const linux: TcpConfig = {
  ...linuxProfile,
  receiveBuffer: 65_536,
  sendBuffer: 87_040,
  windowShift: 7,
  mtuProbing: 'off',
};
/** FreeBSD: recvspace and sendspace. */
const freebsd: TcpConfig = { ...bsdProfile, receiveBuffer: 65_536, sendBuffer: 32_768, windowShift: 6 };
const rfc: TcpConfig = rfcProfile;

const table: Readonly<Record<ProfileName, Profile>> = {
  linux: { tcp: linux, backlogMost: 4096 },
  freebsd: { tcp: freebsd, backlogMost: 128 },
  rfc: { tcp: rfc, backlogMost: 4096 },
};

/** What only FreeBSD has: names of its settings, its tools, its socket options. */
const FREEBSD = /\b(?:net\.inet6?\.|kern\.(?:ipc|timecounter|hz)|kldload|kldstat|sockstat)/;
const freebsdOptions: ReadonlySet<string> = new Set(['TCP_FUNCTION_BLK', 'TCP_NOOPT', 'TCP_KEEPINIT', 'TCP_DELACK']);

/** The system that a script was written for, where its commands or its socket options say so; Linux otherwise. */
export function profileFor({ init, steps, cleanup }: Script): ProfileName {
  const commands = [init, cleanup, ...steps.map(({ action }) => action)];
  const isFreebsd = commands.some((action) => {
    if (action?.kind === 'command') return FREEBSD.test(action.command);
    return action?.kind === 'call' && action.args.some((arg) => arg.kind === 'number' && freebsdOptions.has(arg.text));
  });
  return isFreebsd ? 'freebsd' : 'linux';
}

export function profileOf(name: ProfileName): Profile {
  return table[name];
}
