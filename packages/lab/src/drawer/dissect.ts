/** Dissect: the fields of a packet, octet by octet, with what each means. */

import { FIN, SYN } from 'synwave';
import { flagNames } from 'synwave/sim';
import { text } from '../text/texts.ts';

export type Layer = 'ip' | 'transport' | 'options' | 'payload';

export interface Field {
  readonly layer: Layer;
  readonly name: string;
  readonly at: number;
  readonly length: number;
  readonly value: string;
  readonly meaning: string;
}

const protocols: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6' };

/** All of it, without gaps, in the order of the packet. */
export function dissect(octets: Uint8Array): Field[] {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const fields = (octets[0] ?? 0) >> 4 === 6 ? ipv6(octets, view) : ipv4(octets, view);
  const begin = fields.at(-1);
  const at = begin === undefined ? 0 : begin.at + begin.length;
  const protocol = octets[(octets[0] ?? 0) >> 4 === 6 ? 6 : 9] ?? 0;
  if (protocol === 6 && octets.length >= at + 20) fields.push(...tcp(octets, view, at));
  else if (protocol === 17 && octets.length >= at + 8) fields.push(...udp(view, at));
  else if (octets.length > at) fields.push(...icmp(octets, view, at));
  const last = fields.at(-1);
  const end = last === undefined ? 0 : last.at + last.length;
  if (octets.length > end) {
    const length = octets.length - end;
    const m = text.value.fields;
    fields.push({
      layer: 'payload',
      name: m.payload,
      at: end,
      length,
      value: text.value.octets(length),
      meaning: printable(octets.subarray(end)),
    });
  }
  return fields;
}

function maker(
  layer: Layer,
): (name: string, at: number, length: number, value: string | number, meaning?: string) => Field {
  return (name, at, length, value, meaning = '') => ({ layer, name, at, length, value: String(value), meaning });
}

function ipv4(octets: Uint8Array, view: DataView): Field[] {
  const f = maker('ip');
  const m = text.value.fields;
  const header = ((octets[0] ?? 0) & 15) * 4;
  const flags = view.getUint16(6);
  const fields = [
    f(m.version, 0, 1, `4, ${header}`, m.versionMeaning(header)),
    f('DSCP, ECN', 1, 1, octets[1] ?? 0, m.ecn),
    f(m.total, 2, 2, view.getUint16(2), m.totalMeaning),
    f(m.identification, 4, 2, view.getUint16(4), m.identificationMeaning),
    f(m.fragment, 6, 2, hex(flags, 4), (flags & 0x4000) !== 0 ? m.dontFragment : m.mayFragment),
    f('TTL', 8, 1, octets[8] ?? 0, m.ttl),
    f(m.protocol, 9, 1, octets[9] ?? 0, protocols[octets[9] ?? 0] ?? ''),
    f(m.checksum, 10, 2, hex(view.getUint16(10), 4), m.ipChecksum),
    f(m.source, 12, 4, octets.subarray(12, 16).join('.')),
    f(m.destination, 16, 4, octets.subarray(16, 20).join('.')),
  ];
  if (header > 20) fields.push(f(m.ipOptions, 20, header - 20, ''));
  return fields;
}

function ipv6(octets: Uint8Array, view: DataView): Field[] {
  const f = maker('ip');
  const m = text.value.fields;
  const address = (at: number): string =>
    Array.from({ length: 8 }, (_, i) => view.getUint16(at + 2 * i).toString(16)).join(':');
  return [
    f(m.version, 0, 4, '6', m.flow),
    f(m.total, 4, 2, view.getUint16(4)),
    f(m.protocol, 6, 1, octets[6] ?? 0, protocols[octets[6] ?? 0] ?? ''),
    f('Hop Limit', 7, 1, octets[7] ?? 0, m.ttl),
    f(m.source, 8, 16, address(8)),
    f(m.destination, 24, 16, address(24)),
  ];
}

function tcp(octets: Uint8Array, view: DataView, at: number): Field[] {
  const f = maker('transport');
  const m = text.value.fields;
  const header = ((octets[at + 12] ?? 0) >> 4) * 4;
  const flags = octets[at + 13] ?? 0;
  const takes = ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
  return [
    f(m.sourcePort, at, 2, view.getUint16(at)),
    f(m.destinationPort, at + 2, 2, view.getUint16(at + 2)),
    f(m.seq, at + 4, 4, view.getUint32(at + 4), takes > 0 ? m.seqTakes : m.seqMeaning),
    f(m.ack, at + 8, 4, view.getUint32(at + 8), (flags & 16) !== 0 ? m.ackMeaning : m.ackNone),
    f(m.offset, at + 12, 1, header, m.offsetMeaning(header)),
    f(m.flags, at + 13, 1, flagNames(flags).join(' '), flags.toString(2).padStart(8, '0')),
    f(m.window, at + 14, 2, view.getUint16(at + 14), m.windowMeaning),
    f(m.checksum, at + 16, 2, hex(view.getUint16(at + 16), 4), m.tcpChecksum),
    f(m.urgent, at + 18, 2, view.getUint16(at + 18)),
    ...tcpOptions(octets, view, at + 20, Math.min(at + header, octets.length)),
  ];
}

function tcpOptions(octets: Uint8Array, view: DataView, from: number, end: number): Field[] {
  const f = maker('options');
  const m = text.value.fields;
  const fields: Field[] = [];
  let at = from;
  while (at < end) {
    const kind = octets[at] ?? 0;
    if (kind <= 1) {
      fields.push(f(kind === 0 ? 'End' : 'NOP', at, 1, kind, m.padding));
      at++;
      continue;
    }
    const length = Math.max(2, Math.min(octets[at + 1] ?? 2, end - at));
    fields.push(option(f, view, kind, at, length));
    at += length;
  }
  return fields;
}

function option(f: ReturnType<typeof maker>, view: DataView, kind: number, at: number, length: number): Field {
  const m = text.value.fields;
  if (kind === 2 && length === 4) return f('MSS', at, length, view.getUint16(at + 2), m.mss);
  if (kind === 3 && length === 3) {
    const shift = view.getUint8(at + 2);
    return f('Window Scale', at, length, shift, m.scale(2 ** shift));
  }
  if (kind === 4) return f('SACK Permitted', at, length, '', m.sackPermitted);
  if (kind === 5) {
    const blocks = Array.from({ length: Math.floor((length - 2) / 8) }, (_, i) => {
      const block = at + 2 + 8 * i;
      return `${view.getUint32(block)}–${view.getUint32(block + 4)}`;
    });
    return f('SACK', at, length, blocks.join(', '), m.sack);
  }
  if (kind === 8 && length === 10) {
    return f(
      'Timestamps',
      at,
      length,
      `TSval ${view.getUint32(at + 2)}, TSecr ${view.getUint32(at + 6)}`,
      m.timestamps,
    );
  }
  return f(`Kind ${kind}`, at, length, '');
}

function udp(view: DataView, at: number): Field[] {
  const f = maker('transport');
  const m = text.value.fields;
  return [
    f(m.sourcePort, at, 2, view.getUint16(at)),
    f(m.destinationPort, at + 2, 2, view.getUint16(at + 2)),
    f(m.udpLength, at + 4, 2, view.getUint16(at + 4)),
    f(m.checksum, at + 6, 2, hex(view.getUint16(at + 6), 4)),
  ];
}

function icmp(octets: Uint8Array, view: DataView, at: number): Field[] {
  const f = maker('transport');
  if (octets.length < at + 4) return [];
  return [
    f('Type', at, 1, octets[at] ?? 0),
    f('Code', at + 1, 1, octets[at + 1] ?? 0),
    f(text.value.fields.checksum, at + 2, 2, hex(view.getUint16(at + 2), 4)),
  ];
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function printable(octets: Uint8Array): string {
  return Array.from(octets.subarray(0, 120), (octet) =>
    octet >= 32 && octet < 127 ? String.fromCharCode(octet) : '·',
  ).join('');
}
