/** An internet layer by itself, for tests of its parts: interfaces whose links lose everything. */
import { Random } from '../../src/base/random.ts';
import { type Micros, NEVER } from '../../src/base/time.ts';
import { addAddress } from '../../src/ip/addresses.ts';
import { IpInterface, parseInterfaceAddress } from '../../src/ip/interface.ts';
import { Ip } from '../../src/ip/ip.ts';
import { type Link, onTheWire } from '../../src/link/link.ts';
import { macOf } from './station.ts';

export class Bench {
  readonly clock: { now: Micros } = { now: 0 };
  readonly ip: Ip;

  constructor() {
    const nothing = (): void => undefined;
    this.ip = new Ip(
      new Random(1),
      this.clock,
      {
        drop: nothing,
        undeliverable: nothing,
        incomplete: nothing,
        neighbourMoves: nothing,
        addressMoves: nothing,
      },
      nothing,
    );
  }

  /**
   * An interface with these addresses; `!` behind one: it is deprecated. Networks are on the link with `onLink`. `mac` -1:
   * its link carries IP packets.
   */
  plug(
    addresses: readonly string[],
    { onLink = true, mac = macOf(this.ip.interfaces.length + 1), name = 'eth' } = {},
  ): IpInterface {
    const { ip, clock } = this;
    const link: Link = {
      name,
      mtu: 1500,
      ...(mac < 0 ? {} : { mac }),
      offloads: onTheWire,
      send: (frame) => frame.release(),
      attach: () => undefined,
    };
    const via = new IpInterface(ip.interfaces.length, link);
    ip.interfaces.push(via);
    if (via.isLoopback) ip.loopback = via;
    for (const text of addresses) {
      const entry = parseInterfaceAddress(text.replace('!', ''));
      entry.preferredUntil = text.endsWith('!') ? clock.now : NEVER;
      addAddress(ip, via, entry, false, onLink);
    }
    return via;
  }
}
