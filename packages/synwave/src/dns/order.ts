/** In which order the addresses of a name are tried: RFC 6724 §6 in essence. */
import type { Host } from '../socket/host.ts';
import { openSocket, reaches } from './ask-udp.ts';
import type { Chance } from './chance.ts';

/** Any port: nothing is sent there. */
const DISCARD = 9;

/**
 * Rule 1: what no way leads to comes last. Rule 6: IPv6 before IPv4; unlike the table of §2.1, also where it is the unique
 * local kind (fd00::/8), which in a world is as good as any. Otherwise they stay as they came (rule 10). The stack says
 * whether there is a way, as for getaddrinfo: by connecting a UDP socket, which sends nothing.
 */
export function inOrder(host: Host, chance: Chance, addresses: readonly string[]): string[] {
  const socket = openSocket(host, chance);
  const rank = (address: string): number => {
    const usable = socket !== null && reaches(socket, { address, port: DISCARD });
    return (usable ? 0 : 2) + (address.includes(':') ? 0 : 1);
  };
  const ranked = [...new Set(addresses)].map((address) => ({ address, rank: rank(address) }));
  socket?.close();
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ address }) => address);
}
