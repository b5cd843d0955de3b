/** RFC 6056 §3.3.3: ephemeral ports, by a keyed hash of the peer and a counter. */
import type { Address } from '../base/address.ts';
import type { Core } from './core.ts';

/** The range: the upper half, as far as possible from the ports that servers use. */
const FIRST = 32_768;
const COUNT = 65_536 - FIRST;

/** A port of `from` with which no connection to that peer exists; -1 when every one is in use. */
export function choosePort(core: Core, from: Address, to: Address, remotePort: number): number {
  const offset = core.secrets.port(from, to, remotePort);
  for (let tries = 0; tries < COUNT; tries++) {
    const port = FIRST + ((offset + core.portCounter++) % COUNT);
    const taken = core.slots.tuples.find(from, port, to, remotePort) >= 0 || core.listeners.find(from, port) !== null;
    if (!taken) return port;
  }
  return -1;
}
