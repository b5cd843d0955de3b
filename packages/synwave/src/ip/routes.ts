/** Routes: which interface leads to an address: the longest matching prefix (RFC 1122 §3.3.1.1, RFC 1812 §5.2.4.3). */
import type { Address } from '../base/address.ts';
import { inPrefix } from '../base/address-text.ts';

interface Route {
  readonly network: Address;
  readonly prefixLength: number;
  readonly interfaceIndex: number;
}

export class Routes {
  /** Longest prefix first. */
  private readonly routes: Route[] = [];

  add(network: Address, prefixLength: number, interfaceIndex: number): void {
    const at = this.routes.findIndex((route) => route.prefixLength < prefixLength);
    this.routes.splice(at < 0 ? this.routes.length : at, 0, { network, prefixLength, interfaceIndex });
  }

  /** The interface's index, or -1: the network is unreachable. */
  find(to: Address): number {
    for (const { network, prefixLength, interfaceIndex } of this.routes) {
      if (network.family === to.family && inPrefix(to, network, prefixLength)) return interfaceIndex;
    }
    return -1;
  }
}
