/** Upper: a glance at the IP header of a packet on a cable: what stands above it, and where, without reading all of it. */

/** RFC 791 §3.1, RFC 8200 §3. */
const V4_PROTOCOL = 9;
const V6_NEXT = 6;
const V6_HEADER = 40;

function isV6(view: DataView, ip: number): boolean {
  return view.getUint8(ip) >> 4 === 6;
}

/** The protocol that the IP header at `ip` names; -1: no header is there. Of IPv6 that may be an extension header. */
export function upperProtocol(view: DataView, ip: number, end: number): number {
  if (ip < 0 || ip + V4_PROTOCOL >= end) return -1;
  return view.getUint8(ip + (isV6(view, ip) ? V6_NEXT : V4_PROTOCOL));
}

/** Where the header of that protocol begins; past `end`, perhaps. Only where there is an IP header. */
export function upperAt(view: DataView, ip: number): number {
  return ip + (isV6(view, ip) ? V6_HEADER : (view.getUint8(ip) & 0xf) << 2);
}
