/** Lan: switches that are joined, which is one network, and the addresses that its hosts have unless they are given others. */
import { fail } from '../base/errors.ts';
import type { Switch } from './switch.ts';

/** The second octet of IPv4 addresses begins here, and IPv6 has it as a group. */
const FIRST = 200;
/** Hosts of a network with 24 bits of prefix, and networks of 256 that there are. */
const MOST_HOSTS = 254;
const MOST_LANS = (256 - FIRST) << 8;

export class Lan {
  /** Of its first switch, counted from 1. */
  readonly number: number;
  readonly switches: Switch[];
  private hosts = 0;

  constructor(number: number, first: Switch) {
    this.number = number;
    this.switches = [first];
  }

  /**
   * Of its next host, number K: 10.200.N.K/24 and fd00:0:c8:N::K/64. Throws SynwaveError EADDRNOTAVAIL when there is
   * none left: after 254 hosts, and in a world with more networks than such addresses.
   */
  nextAddresses(): string[] {
    const { number, hosts } = this;
    if (hosts === MOST_HOSTS || number >= MOST_LANS) fail('EADDRNOTAVAIL', `host ${hosts + 1} of network ${number}`);
    const host = ++this.hosts;
    const network = `fd00:0:${FIRST.toString(16)}:${number.toString(16)}`;
    return [`10.${FIRST + (number >> 8)}.${number & 0xff}.${host}/24`, `${network}::${host.toString(16)}/64`];
  }
}
