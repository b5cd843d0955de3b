/** Captures for seeds, and what readers of any format promise. */
import { CaptureError } from '../packages/synwave/dist/capture/error.js';
import { readCapture } from '../packages/synwave/dist/capture/read.js';
import { ipAt, LinkType } from '../packages/synwave/dist/capture/record.js';
import { samplePackets } from './packets.mjs';
import { holds, Log } from './target.mjs';

/** @typedef {import('../packages/synwave/dist/capture/record.js').CapturePacket} CapturePacket */
/** @typedef {import('../packages/synwave/dist/capture/record.js').CaptureInterface} CaptureInterface */
/** @typedef {import('../packages/synwave/dist/capture/record.js').Recorder} Recorder */

/** What was read of a file; `broken`: it made no sense from some place on, or from its beginning. */
/** @typedef {{ format: 'pcap' | 'pcapng' | null, interfaces: readonly CaptureInterface[], packets: CapturePacket[], broken: boolean }} Contents */

/**
 * Reads it all. Throws where a reader breaks its word: it throws something else than a CaptureError, points outside of
 * the file, names an interface that is not there.
 * @param {Uint8Array} file
 * @returns {Contents}
 */
export function contentsOf(file) {
  /** @type {CapturePacket[]} */
  const packets = [];
  /** @type {readonly CaptureInterface[]} */
  let interfaces = [];
  /** @type {Contents['format']} */
  let format = null;
  try {
    const capture = readCapture(file);
    format = capture.format;
    interfaces = capture.interfaces;
    for (const packet of capture.packets) {
      check(file, interfaces, packet);
      packets.push(packet);
      holds(12 * packets.length <= file.length, `${packets.length} packets in ${file.length} octets`);
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    holds(error.offset >= 0 && error.offset <= file.length, `offset ${error.offset} in ${file.length} octets`);
    return { format, interfaces, packets, broken: true };
  }
  return { format, interfaces, packets, broken: false };
}

/**
 * @param {Uint8Array} file
 * @param {readonly CaptureInterface[]} interfaces
 * @param {CapturePacket} packet
 */
function check(file, interfaces, { interfaceId, data, original, lost }) {
  const at = data.byteOffset - file.byteOffset;
  holds(data.buffer === file.buffer && at >= 0 && at + data.length <= file.length, 'the packet lies in the file');
  const { linkType } = interfaces[interfaceId] ?? {};
  holds(linkType !== undefined, `there is no interface ${interfaceId}`);
  holds(original >= 0 && lost >= 0, `original length ${original}, ${lost} lost`);
  const ip = ipAt(linkType ?? LinkType.Raw, data);
  holds(ip === -1 || (ip >= 0 && ip < data.length), `IP at ${ip} of ${data.length}`);
}

const logs = { first: new Log(), second: new Log() };

/**
 * Throws unless both say the same of their packets: interface, time, lengths, octets.
 * @param {Contents} some
 * @param {Contents} others
 * @param {string} what
 */
export function samePackets(some, others, what) {
  note(logs.first, some.packets);
  note(logs.second, others.packets);
  logs.first.same(logs.second, what);
}

/**
 * @param {Log} log
 * @param {readonly CapturePacket[]} packets
 */
function note(log, packets) {
  log.clear();
  for (const { interfaceId, time, data, original } of packets) {
    log.put(interfaceId, Number(BigInt.asUintN(53, time)), Number(time >> 53n), original);
    log.octets(data, 0, data.length);
  }
}

/**
 * A file of a few packets.
 * @param {(sink: (octets: Uint8Array) => void) => Recorder} make
 * @param {readonly number[]} linkTypes
 */
export function sampleCapture(make, linkTypes) {
  return gathered((sink) => {
    const recorder = make(sink);
    const ids = linkTypes.map((linkType, i) => recorder.addInterface({ name: `if${i}`, linkType, description: 'wire' }));
    for (const [i, packet] of samplePackets().slice(0, 4).entries()) {
      recorder.packet(ids[i % ids.length] ?? 0, BigInt(i) * 1_500_000_000n, packet, {
        ...(i === 1 ? { comment: 'a comment', direction: 'in', lost: 3 } : {}),
        ...(i === 2 ? { direction: 'out', original: 2000 } : {}),
      });
    }
  });
}

/**
 * All that goes into the sink, as one file.
 * @param {(sink: (octets: Uint8Array) => void) => void} write
 */
export function gathered(write) {
  /** @type {Uint8Array[]} */
  const parts = [];
  write((octets) => parts.push(octets));
  const file = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}
