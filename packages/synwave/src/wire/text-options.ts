/** The text of TCP options as tcpdump prints it, from the raw octets, so that padding, unknown kinds and mistakes show. */

const END = 0;
const NOP = 1;

/** Kinds with one number of a fixed width as their value: name, octets. */
const NUMBERS: Readonly<Record<number, readonly [string, 1 | 2 | 4]>> = {
  2: ['mss', 2],
  3: ['wscale', 1],
  6: ['echo', 4],
  7: ['echoreply', 4],
  11: ['cc', 4],
  12: ['ccnew', 4],
  13: ['', 4],
};

/** What tcpdump says for want of a key. The parser knows it as well. */
export const MD5_UNCHECKED = "shared secret not supplied with -M, can't check - ";

/** The experiment id of TCP Fast Open (RFC 7413 appendix A). */
export const EXPERIMENT_TFO = 0xf989;

/** Where octets are read from: a frame, or the part of one that is captured; nothing from `end` on is there. */
export interface Octets {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly end: number;
}

/** How the list of options reads, and whether it could be read to its end. */
export interface OptionsText {
  readonly text: string;
  /** False when the text ends in a complaint: tcpdump then says nothing more of the packet. */
  readonly whole: boolean;
}

/** One option: its text, and how many octets of value tcpdump takes for it. `null` when these are not all there. */
type OptionText = readonly [text: string, taken: number] | null;

/**
 * The options in `frame.bytes[at, end)`, as they stand between tcpdump's brackets: `mss 1460,sackOK,nop,wscale 7`.
 * `sackBase` is taken from the edges of SACK blocks, for relative numbers. `end` may lie past the frame (a capture that
 * was cut): then the text ends in ` [|tcp]`.
 *
 * Differs from tcpdump in MPTCP (kind 30) alone, which is shown as an unknown kind is.
 */
export function optionsText(frame: Octets, at: number, end: number, sackBase = 0): OptionsText {
  const { bytes } = frame;
  let text = '';
  let i = at;
  while (i < end) {
    if (i > at) text += ',';
    if (i >= frame.end) return { text: `${text} [|tcp]`, whole: false };
    const kind = bytes[i] as number;
    if (kind === NOP || kind === END) {
      text += kind === NOP ? 'nop' : 'eol';
      if (kind === END) break;
      i++;
      continue;
    }
    if (i + 1 >= frame.end) return { text: `${text} [|tcp]`, whole: false };
    const length = bytes[i + 1] as number;
    if (length < 2 || length > end - i) return { text: `${text}[bad opt]`, whole: false };
    const option = optionText(frame, kind, i + 2, length - 2, end, sackBase);
    if (option === null) return { text: `${text}${nameOf(kind)}[bad opt]${i > at ? ']' : ''}`, whole: false };
    text += option[0];
    // What is taken is what the kind needs, not what the length says: a wrong length shows, and the next option
    // is looked for where it would stand with the right one.
    if (option[1] + 2 !== length) text += `[len ${length}]`;
    i += 2 + option[1];
  }
  return { text, whole: true };
}

function nameOf(kind: number): string {
  const number = NUMBERS[kind];
  if (number !== undefined) return number[0];
  switch (kind) {
    case 8:
      return 'TS';
    case 19:
      return 'md5';
    case 20:
      return 'scps';
    case 28:
      return 'uto';
    case 254:
      return 'exp';
    default:
      return `unknown-${kind}`;
  }
}

/** One option other than NOP and end-of-options; its value begins at `at`, and `given` octets are its own by its length. */
function optionText(frame: Octets, kind: number, at: number, given: number, end: number, sackBase: number): OptionText {
  const { view } = frame;
  const room = Math.min(end, frame.end) - at;
  const number = NUMBERS[kind];
  if (number !== undefined) {
    const [name, octets] = number;
    if (room < octets) return null;
    const value = octets === 1 ? view.getUint8(at) : octets === 2 ? view.getUint16(at) : view.getUint32(at);
    return [`${name} ${value}`, octets];
  }
  switch (kind) {
    case 4:
      return ['sackOK', 0];
    case 5:
      return room < given ? null : [sackText(frame, at, given, sackBase), given];
    case 8:
      return room < 8 ? null : [`TS val ${view.getUint32(at)} ecr ${view.getUint32(at + 4)}`, 8];
    case 19:
      return room < 16 ? null : [`md5 ${MD5_UNCHECKED}${hexText(frame, at, 16)}`, 16];
    case 20:
      return room < 2
        ? null
        : [`scps cap ${view.getUint8(at).toString(16).padStart(2, '0')} id ${view.getUint8(at + 1)}`, 2];
    case 28:
      return room < 2 ? null : [userTimeoutText(view.getUint16(at)), 2];
    case 29:
      return room < given ? null : [authenticationText(frame, at, given), given];
    case 34:
      return room < given ? null : [`tfo ${fastOpenText(frame, at, given)}`, given];
    case 254:
      return room < given || given < 2 ? null : [experimentText(frame, at, given), given];
    default:
      return room < given
        ? null
        : [given === 0 ? nameOf(kind) : `${nameOf(kind)} 0x${hexText(frame, at, given)}`, given];
  }
}

function sackText(frame: Octets, at: number, length: number, base: number): string {
  if (length % 8 !== 0) return 'sack invalid sack';
  let text = `sack ${length / 8} `;
  for (let i = at; i < at + length; i += 8) {
    text += `{${(frame.view.getUint32(i) - base) >>> 0}:${(frame.view.getUint32(i + 4) - base) >>> 0}}`;
  }
  return text;
}

/** RFC 5482 §3.1 has the granularity in the highest bit; tcpdump looks for it in the lowest, and so does its text. */
function userTimeoutText(value: number): string {
  return `uto 0x${value.toString(16)} ${(value >> 1) * ((value & 1) === 1 ? 60 : 1)}`;
}

/** RFC 5925 §2.2. */
function authenticationText(frame: Octets, at: number, length: number): string {
  if (length < 2) return 'tcp-ao (invalid)';
  const mac = length > 2 ? ` mac 0x${hexText(frame, at + 2, length - 2)}` : '';
  return `tcp-ao keyid ${frame.bytes[at]} rnextkeyid ${frame.bytes[at + 1]}${mac}`;
}

/** RFC 7413 §4.1: a cookie has 4 to 16 octets, an even number of them; none asks for one. */
function fastOpenText(frame: Octets, at: number, length: number): string {
  if (length === 0) return ' cookiereq';
  if (length % 2 !== 0 || length < 4 || length > 16) return ' (invalid)';
  return ` cookie ${hexText(frame, at, length)}`;
}

/** RFC 6994: the first two octets name the experiment. */
function experimentText(frame: Octets, at: number, length: number): string {
  const id = frame.view.getUint16(at);
  if (id === EXPERIMENT_TFO) return `exp-tfo${fastOpenText(frame, at + 2, length - 2)}`;
  return `exp-${id.toString(16).padStart(4, '0')}`;
}

function hexText(frame: Octets, at: number, length: number): string {
  let text = '';
  for (let i = at; i < at + length; i++) text += (frame.bytes[i] as number).toString(16).padStart(2, '0');
  return text;
}
