/**
 * Scripts for the targets that run a whole host, as octets that mutations make sense of: packets that arrive, calls of the user, time
 * that passes. An octet says which step it is; what is cut off at the end is no step.
 */

/** How far time may move in one step, in microseconds. */
const TIMES = [0, 1, 1000, 40_000, 200_000, 1_000_000, 60_000_000, 7_200_000_000];

/** Calls by number: the low four bits of a step's octet. */
export const calls = /** @type {const} */ ([
  'wait',
  'accept',
  'send',
  'sendUrgent',
  'receive',
  'close',
  'abort',
  'release',
  'connect',
  'udpSend',
  'udpReceive',
  'askEcho',
  'keepAlive',
  'noDelay',
  'listen',
  'nextDeadline',
]);

const PACKET = 0x80;
const RELATIVE = 0x40;
const AS_IT_IS = 0x20;
const TURN = 0x10;
const SECOND_INTERFACE = 0x08;

/** Steps that are run of one script. */
const MOST_STEPS = 64;

/** A packet arrives, some microseconds after the step before. @typedef {object} Arrival
 * @property {'packet'} type
 * @property {number} after
 * @property {boolean} relative Whether its numbers count from where the connection's numbers stand.
 * @property {boolean} repaired Whether length and checksums are put right.
 * @property {boolean} turn Whether the stack has a turn behind it.
 * @property {number} on The interface, 0 or 1.
 * @property {Uint8Array} octets
 */

/** The user calls. @typedef {object} Call
 * @property {'call'} type
 * @property {(typeof calls)[number]} call
 * @property {number} which
 * @property {number} argument
 */

/** @typedef {Arrival | Call} Step */

/**
 * The steps of a script.
 * @param {Uint8Array} script
 * @param {number} from
 * @returns {Step[]}
 */
export function stepsOf(script, from) {
  /** @type {Step[]} */
  const steps = [];
  for (let at = from; at + 1 < script.length && steps.length < MOST_STEPS; ) {
    const op = script[at] ?? 0;
    if ((op & PACKET) === 0) {
      const argument = script[at + 1] ?? 0;
      steps.push({ type: 'call', call: calls[op & 0x0f] ?? 'wait', which: op >> 4, argument });
      at += 2;
      continue;
    }
    const length = ((script[at + 1] ?? 0) << 8) | (script[at + 2] ?? 0);
    steps.push({
      type: 'packet',
      after: timeOf(op),
      relative: (op & RELATIVE) !== 0,
      repaired: (op & AS_IT_IS) === 0,
      turn: (op & TURN) !== 0,
      on: (op & SECOND_INTERFACE) === 0 ? 0 : 1,
      octets: script.subarray(at + 3, at + 3 + length),
    });
    at += 3 + length;
  }
  return steps;
}

/** @param {number} octet */
export function timeOf(octet) {
  return /** @type {number} */ (TIMES[octet & 7]);
}

/**
 * The step of a packet whose numbers are relative, followed by a turn.
 * @param {Uint8Array} packet
 * @param {0 | 1} on The interface.
 * @param {number} time Its place in the list of times.
 */
export function arrival(packet, on = 0, time = 2) {
  return [PACKET | RELATIVE | TURN | (on * SECOND_INTERFACE) | time, packet.length >> 8, packet.length & 0xff, ...packet];
}

/**
 * @param {(typeof calls)[number]} name
 * @param {number} which
 * @param {number} argument
 */
export function call(name, which = 0, argument = 0) {
  return [(which << 4) | calls.indexOf(name), argument];
}
