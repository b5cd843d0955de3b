/** EtherPayload: where the payload of an Ethernet frame begins (RFC 894, RFC 2464 §3), VLAN tags stepped over (IEEE 802.1Q). */
import type { Frame } from '../base/frame.ts';

/** Octets of the header: destination, source, type. */
export const ETHER_HEADER = 14;

/** Octets of a VLAN tag. It stands in front of the type, and begins with a type of its own. */
const TAG = 4;
/** A customer's tag in a provider's one (IEEE 802.1ad); more is no header any more. */
const MOST_TAGS = 2;

const VLAN = 0x8100;
const PROVIDER_VLAN = 0x88a8;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;

/**
 * Where the payload of the Ethernet frame begins, in `frame.bytes`; its type stands in the two octets in front of that.
 * -1: the header, or a tag in it, is cut short.
 */
export function etherPayloadAt({ view, at, end }: Frame): number {
  let payload = at + ETHER_HEADER;
  for (let tags = 0; payload <= end && tags < MOST_TAGS && isTag(view.getUint16(payload - 2)); tags++) payload += TAG;
  return payload <= end ? payload : -1;
}

/** Where the IP packet in the Ethernet frame begins, in `frame.bytes`; -1 where there is none. */
export function ipBehindEthernet(frame: Frame): number {
  const at = etherPayloadAt(frame);
  if (at < 0) return -1;
  const type = frame.view.getUint16(at - 2);
  return type === IPV4 || type === IPV6 ? at : -1;
}

function isTag(type: number): boolean {
  return type === VLAN || type === PROVIDER_VLAN;
}
