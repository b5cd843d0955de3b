/** wire/dhcp.ts: any octets as a DHCP message; what was read is written and read again. */
import { parseAddress } from '../../packages/synwave/dist/base/address-text.js';
import { DhcpFault, DhcpMessage, DhcpOp, DhcpType, readDhcp, writeDhcp } from '../../packages/synwave/dist/wire/dhcp.js';
import { setShort } from '../packets.mjs';
import { holds, Places, readTwice } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/address.js').Address} Address */
/** @typedef {import('../../packages/synwave/dist/base/frame.js').Frame} Frame */
/** @typedef {import('../target.mjs').Log} Log */

const MOST = 768;
/** What is written may be longer than what was read: texts that are no UTF-8 grow. */
const MOST_WRITTEN = 4096;
const places = new Places(MOST);
const others = new Places(MOST_WRITTEN);
const message = new DhcpMessage();
const encoder = new TextEncoder();

const HARDWARE = 1;
const COOKIE = 236;

/**
 * @param {Frame} frame
 * @param {Log} log
 */
function read(frame, log) {
  const fault = readDhcp(message, frame.bytes, frame.at, frame.end);
  log.put(fault);
  if (fault !== DhcpFault.None) return;
  const { subnetMask, mtu, clientId, parameters } = message;
  holds(subnetMask >= -1 && subnetMask <= 32, `mask of ${subnetMask} bits`);
  holds(mtu === 0 || mtu >= 68, `MTU ${mtu}`);
  log.put(message.op, message.type, message.xid, message.secs, Number(message.broadcast), message.chaddr, subnetMask, mtu);
  log.put(message.leaseTime, message.t1, message.t2);
  for (const each of [message.requestedAddress, message.serverId]) {
    log.put(Number(each !== null));
    if (each !== null) log.address(each);
  }
  for (const each of [message.ciaddr, message.yiaddr, message.siaddr, message.giaddr]) log.address(each);
  for (const list of [message.routers, message.dns]) {
    log.put(list.length);
    for (const each of list) log.address(each);
  }
  for (const text of [message.domainName, message.hostName, message.message]) {
    const octets = encoder.encode(text);
    log.octets(octets, 0, octets.length);
  }
  log.octets(clientId ?? new Uint8Array(0), 0, clientId?.length ?? 0);
  log.put(parameters.length, ...parameters);
}

/** @param {string} text */
function address(text) {
  return /** @type {Address} */ (parseAddress(text));
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'dhcp',
  most: MOST,
  words: [
    Uint8Array.of(52, 1, 1),
    Uint8Array.of(52, 1, 2),
    Uint8Array.of(52, 1, 3),
    Uint8Array.of(53, 1, 5),
    Uint8Array.of(255),
    Uint8Array.of(1, 4, 255, 255, 255, 0),
    Uint8Array.of(3, 4, 10, 0, 0, 1),
  ],
  seeds() {
    const discover = Object.assign(new DhcpMessage(), {
      type: DhcpType.Discover,
      op: DhcpOp.Request,
      xid: 0x1234_5678,
      broadcast: true,
      hostName: 'host',
      parameters: [1, 3, 6, 15, 26],
      clientId: Uint8Array.of(1, 2, 0, 0, 0, 0, 1),
    });
    const offer = Object.assign(new DhcpMessage(), {
      type: DhcpType.Ack,
      op: DhcpOp.Reply,
      subnetMask: 24,
      routers: [address('10.0.0.1')],
      dns: [address('10.0.0.1'), address('10.0.0.2')],
      domainName: 'example.net',
      message: 'welcome',
      leaseTime: 3600,
      t1: 1800,
      t2: 3150,
      mtu: 1400,
      serverId: address('10.0.0.1'),
      requestedAddress: address('10.0.0.9'),
    });
    // Options in the fields `file` and `sname`, and one in two pieces.
    const overloaded = writeDhcp(discover);
    overloaded.set([52, 1, 3, 12, 2, 97, 98, 12, 1, 99, 255], 240 + 3);
    overloaded.set([15, 3, 97, 98, 99, 255], 108);
    overloaded.set([56, 2, 111, 107, 255], 44);
    return [writeDhcp(discover), writeDhcp(offer), overloaded];
  },
  /** What is in front of the options, as it must be. */
  repair(input) {
    if (input.length < COOKIE + 4) return;
    input[HARDWARE] = 1;
    input[HARDWARE + 1] = 6;
    setShort(input, COOKIE, 0x6382);
    setShort(input, COOKIE + 2, 0x5363);
  },
  run(input) {
    const log = readTwice(places, input, read);
    const fault = log.values[0] ?? DhcpFault.None;
    if (fault !== DhcpFault.None) return -fault;
    log.same(readTwice(others, writeDhcp(message), read), 'written and read again');
    return message.type;
  },
};
