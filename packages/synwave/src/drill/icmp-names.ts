/** The names that packet scripts have for types and codes of ICMP, in both families. */
import type { Family } from '../base/address.ts';
import { Icmpv4Type } from '../wire/icmpv4.ts';
import { Icmpv6Type } from '../wire/icmpv6.ts';

interface Kind {
  readonly type: number;
  readonly codes: Readonly<Record<string, number>>;
}

const none: Readonly<Record<string, number>> = {};

/** RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1. */
const kinds4: Readonly<Record<string, Kind>> = {
  echo_reply: { type: Icmpv4Type.EchoReply, codes: none },
  echo_request: { type: Icmpv4Type.Echo, codes: none },
  unreachable: {
    type: 3,
    codes: {
      net_unreachable: 0,
      host_unreachable: 1,
      protocol_unreachable: 2,
      port_unreachable: 3,
      frag_needed: 4,
      source_route_failed: 5,
      net_unknown: 6,
      host_unknown: 7,
      source_host_isolated: 8,
      net_prohibited: 9,
      host_prohibited: 10,
      net_unreachable_for_tos: 11,
      host_unreachable_for_tos: 12,
      packet_filtered: 13,
      communication_prohibited: 13,
      precedence_violation: 14,
      precedence_cutoff: 15,
    },
  },
  source_quench: { type: 4, codes: none },
  redirect: { type: 5, codes: { net: 0, host: 1, tos_net: 2, tos_host: 3 } },
  time_exceeded: { type: 11, codes: { exceeded_ttl: 0, exceeded_fragment_time: 1, ttl: 0, fragment: 1 } },
  parameter_problem: { type: 12, codes: none },
};

/** RFC 4443. */
const kinds6: Readonly<Record<string, Kind>> = {
  unreachable: {
    type: 1,
    codes: {
      no_route: 0,
      admin_prohibited: 1,
      not_neighbour: 2,
      beyond_scope: 2,
      addr_unreachable: 3,
      address_unreachable: 3,
      port_unreachable: 4,
      net_unreachable: 0,
      host_unreachable: 3,
    },
  },
  packet_too_big: { type: 2, codes: none },
  time_exceeded: {
    type: 3,
    codes: { exceeded_hop_limit: 0, exceeded_fragment_time: 1, hop_limit: 0, ttl: 0, fragment: 1 },
  },
  parameter_problem: { type: 4, codes: { header_field: 0, next_header: 1, option: 2 } },
  echo_request: { type: Icmpv6Type.EchoRequest, codes: none },
  echo_reply: { type: Icmpv6Type.EchoReply, codes: none },
};

/** Whether a word is a type or a code in any family. */
export function isIcmpName(word: string): boolean {
  return [kinds4, kinds6].some((kinds) => word in kinds || Object.values(kinds).some(({ codes }) => word in codes));
}

/** The numbers that stand for a type and a code, each a name or a number; null: that family has none of the kind. */
export function icmpNumbers(family: Family, type: string, code: string | null): { type: number; code: number } | null {
  const kind = (family === 4 ? kinds4 : kinds6)[type];
  const number = kind?.type ?? (/^\d+$/.test(type) ? Number(type) : -1);
  if (number < 0) return null;
  if (code === null) return { type: number, code: 0 };
  const second = kind?.codes[code] ?? (/^\d+$|^0x/.test(code) ? Number(code) : -1);
  return second < 0 ? null : { type: number, code: second };
}
