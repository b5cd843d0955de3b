/**
 * stack/stack.ts on Ethernet: any frames, calls and times at a host or router with neighbours, who asks, is asked, is told
 * of routes, and puts fragments together. What holds: `host.mjs`.
 */
import { parseAddress } from '../../packages/synwave/dist/base/address-text.js';
import { Frame } from '../../packages/synwave/dist/base/frame.js';
import { EtherType } from '../../packages/synwave/dist/wire/ethernet.js';
import { addressSum, Packet, Protocol } from '../../packages/synwave/dist/wire/ip.js';
import { writeIpv6 } from '../../packages/synwave/dist/wire/ipv6.js';
import { clearNd, NdMessage, NdType, writeNd } from '../../packages/synwave/dist/wire/nd.js';
import { parseEthernetText } from '../../packages/synwave/dist/wire/text-ethernet-parse.js';
import { parseText } from '../../packages/synwave/dist/wire/text-parse.js';
import { callWords, KINDS, MOST_SCRIPT, runScript, scriptText } from '../host.mjs';
import { extended, inPieces, octet } from '../packets.mjs';
import { arrival, call, stepsOf } from '../script.mjs';

/** @typedef {import('../../packages/synwave/dist/base/address.js').Address} Address */

const MAC = [2, 0, 0, 0, 0, 1];
const PEER_MAC = [2, 0, 0, 0, 0, 2];
const ALL = [255, 255, 255, 255, 255, 255];
const PEER = '10.1.0.2';
/** The second interface leads to where only a router passes packets on. */
const INTERFACES = [
  { addresses: ['10.1.0.1/24', 'fd01::1/64'], mac: 0x0200_0000_0001 },
  { addresses: ['10.2.0.1/24', 'fd02::1/64'] },
];

/**
 * @param {Uint8Array} packet
 * @param {readonly number[]} to
 */
function framed(packet, to = MAC) {
  const v4 = octet(packet, 0) >> 4 === 4;
  const type = v4 ? EtherType.Ipv4 : EtherType.Ipv6;
  return Uint8Array.from([...to, ...PEER_MAC, type >> 8, type & 0xff, ...packet]);
}

/** @param {string} line */
const comes = (line) => arrival(framed(parseText(line)));

/** An ARP packet, with our MAC as the sender's replaced by the peer's. @param {string} line */
function arpComes(line) {
  const frame = parseEthernetText(line);
  frame.set(PEER_MAC, 6);
  frame.set(PEER_MAC, 22);
  return arrival(frame);
}

/** @param {string} text */
function address(text) {
  return /** @type {Address} */ (parseAddress(text));
}

/**
 * A message of neighbor discovery, which `say` fills in.
 * @param {number} type
 * @param {string} from
 * @param {string} to
 * @param {(message: NdMessage) => void} say
 */
function ndComes(type, from, to, say) {
  const message = new NdMessage();
  clearNd(message, type);
  say(message);
  const packet = new Packet();
  packet.family = 6;
  packet.src.copy(address(from));
  packet.dst.copy(address(to));
  packet.protocol = Protocol.Icmpv6;
  packet.hopLimit = 255;
  const frame = Frame.from(new Uint8Array(0), 512);
  writeNd(frame, message, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
  writeIpv6(frame, packet);
  return arrival(framed(frame.copy()));
}

const SOURCE = 0x0200_0000_0002;
const LINK_LOCAL = 'fe80::2';
const request = arpComes(`ARP, Request who-has 10.1.0.1 tell ${PEER}, length 28`);
const solicitation = ndComes(NdType.NeighborSolicitation, 'fd01::2', 'fd01::1', (message) => {
  message.target.copy(address('fd01::1'));
  message.sourceMac = SOURCE;
});

/** Before any script: neighbours that are known, and a connection with each. */
const PROLOGUE = stepsOf(
  Uint8Array.from([
    ...request,
    ...solicitation,
    ...comes(`IP ${PEER}.4000 > 10.1.0.1.80: Flags [S], seq 7000, win 9000, length 0`),
    ...comes(`IP ${PEER}.4000 > 10.1.0.1.80: Flags [.], ack 0, win 9000, length 0`),
    ...call('accept'),
    ...comes('IP6 fd01::2.4001 > fd01::1.80: Flags [S], seq 8000, win 9000, length 0'),
    ...comes('IP6 fd01::2.4001 > fd01::1.80: Flags [.], ack 0, win 9000, length 0'),
    ...call('accept'),
    ...call('wait', 0, 6),
  ]),
  0,
);

function scenarios() {
  const advertised = ndComes(NdType.RouterAdvertisement, LINK_LOCAL, 'ff02::1', (message) => {
    Object.assign(message, { hopLimit: 64, lifetime: 1800, mtu: 1400, sourceMac: SOURCE, prefixCount: 1, dnsCount: 1 });
    Object.assign(message.prefixes[0] ?? {}, { length: 64, onLink: true, autonomous: true });
    Object.assign(message.prefixes[0] ?? {}, { validLifetime: 3600, preferredLifetime: 1800 });
    message.prefixes[0]?.prefix.copy(address('fd03::'));
    message.dns[0]?.copy(address('fd03::53'));
    message.dnsLifetime = 600;
  });
  const neighbour = ndComes(NdType.NeighborAdvertisement, 'fd01::2', 'fd01::1', (message) => {
    Object.assign(message, { solicited: true, override: true, targetMac: SOURCE });
    message.target.copy(address('fd01::2'));
  });
  const claimed = ndComes(NdType.NeighborAdvertisement, 'fd01::2', 'ff02::1', (message) => {
    Object.assign(message, { override: true, targetMac: SOURCE });
    message.target.copy(address('fd01::1'));
  });
  const redirected = ndComes(NdType.Redirect, LINK_LOCAL, 'fd01::1', (message) => {
    message.target.copy(address('fe80::9'));
    message.destination.copy(address('fd01::2'));
    message.targetMac = SOURCE;
  });
  const asked = ndComes(NdType.RouterSolicitation, LINK_LOCAL, 'ff02::2', (message) => void (message.sourceMac = SOURCE));
  const long = [`IP ${PEER}.9 > 10.1.0.1.54: UDP, length 60`, 'IP6 fd01::2.9 > fd01::1.54: UDP, length 60']
    .map(parseText)
    .map((packet) => inPieces(packet, 24, 9).toReversed());
  const [four = [], six = []] = long;
  const through = [`IP ${PEER}.9 > 10.2.0.9.9: UDP, length 40`, 'IP6 fd01::2.9 > fd02::9.9: UDP, length 40'];
  const options = extended(parseText('IP6 fd01::2.9 > fd01::1.53: UDP, length 9'), [[60, 0, 0xc2, 4, 0, 0, 0, 0]]);
  return [
    [...request, ...call('send', 0, 100), ...call('wait', 0, 6), ...call('nextDeadline'), ...call('nextDeadline')],
    [...arpComes(`ARP, Reply ${PEER} is-at 02:00:00:00:00:02, length 46`), ...call('udpSend', 0, 200)],
    [...arpComes('ARP, Request who-has 10.1.0.9 tell 10.1.0.1, length 28'), ...call('wait', 0, 5)],
    [...arpComes('ARP, Request who-has 10.1.0.1 tell 0.0.0.0, length 28'), ...call('askEcho', 0, 1)],
    [...advertised, ...call('nextDeadline'), ...call('nextDeadline'), ...call('wait', 0, 7), ...call('nextDeadline')],
    [...solicitation, ...neighbour, ...call('send', 1, 40), ...call('wait', 0, 6), ...neighbour],
    [...claimed, ...call('nextDeadline'), ...redirected, ...asked, ...call('nextDeadline')],
    [...four.flatMap((piece) => arrival(framed(piece))), ...call('udpReceive', 1)],
    [...six.flatMap((piece) => arrival(framed(piece))), ...call('udpReceive', 1), ...call('wait', 0, 6)],
    [...four.slice(1).flatMap((piece) => arrival(framed(piece))), ...call('wait', 0, 6), ...call('nextDeadline')],
    [...through.flatMap(comes), ...arrival(parseText('IP 10.2.0.9.9 > 10.1.0.7.9: UDP, length 30'), 1)],
    [...through.flatMap((line) => inPieces(parseText(line), 16, 3).flatMap((piece) => arrival(framed(piece))))],
    [...arrival(parseText('IP6 fd02::9.9 > fd01::7.9: UDP, length 30'), 1), ...call('nextDeadline')],
    [...arrival(framed(parseText('IP 10.1.0.2.9 > 10.1.0.255.53: UDP, length 8'), ALL)), ...call('udpReceive', 0)],
    [...arrival(framed(parseText('IP6 fd01::2 > ff02::1: ICMP6, echo request, id 1, seq 2, length 16'), ALL))],
    [...arrival(framed(options)), ...comes(`IP ${PEER} > 10.1.0.1: ICMP echo request, id 1, seq 2, length 16`)],
    [...comes(`IP ${PEER}.4000 > 10.1.0.1.80: Flags [F.], seq 0, ack 0, win 900, length 0`), ...call('close', 0)],
  ];
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'station',
  most: MOST_SCRIPT,
  words: callWords,
  seeds: () => scenarios().flatMap((steps) => KINDS.map((kind) => Uint8Array.from([kind, ...steps]))),
  show: (input) => scriptText(input, true),
  run: (input) => runScript(INTERFACES, PEER, PROLOGUE, input),
};
