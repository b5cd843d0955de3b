/** Service: what runs on a host for as long as the host is there, like DHCP: it hears what befalls the host itself. */
import type { AddressMove } from '../stack/events.ts';

export interface Service {
  /** An address of the host came or went, or somebody else turned out to have it. Told from the host's turn. */
  addressMoves?(move: AddressMove): void;
  /** Packets leave and arrive by that interface from now on, or do not. */
  interfaceMoves?(index: number, up: boolean): void;
  /** Power is cut: its sockets are dead. */
  crash?(): void;
  /** Power is back. */
  boot?(): void;
}
