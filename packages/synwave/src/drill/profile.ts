/** The profiles of packet scripts: how a host that behaves as Linux does, as FreeBSD does, or as the RFCs say, is set up. */
import { bsdProfile, linuxProfile, rfcProfile, type TcpConfig } from '../tcp/config.ts';

export type ProfileName = 'linux' | 'freebsd' | 'rfc';

export const profileNames: readonly ProfileName[] = ['linux', 'freebsd', 'rfc'];

interface Profile {
  readonly tcp: TcpConfig;
  readonly backlogMost: number;
}

/** Linux, rmem and wmem as it comes: half of the receive buffer is window, whole segments of it at first. */
const linux: TcpConfig = {
  ...linuxProfile,
  receiveBuffer: 65_535,
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

export function profileOf(name: ProfileName): Profile {
  return table[name];
}
