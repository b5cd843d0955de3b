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
/** The same where the capture holds only a part of the segment. */
const MD5_CUT = "snaplen too short, can't check - ";

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

/** What became of one option. */
interface OptionText {
  readonly text: string;
  /** Octets of value that tcpdump takes for it. */
  readonly taken: number;
  /** Set where the value ends early: at the end of the header, or of the capture. */
  readonly fault: Fault;
}

type Fault = 'none' | 'header' | 'capture';

/**
 * The options in `frame.bytes[at, end)`, as they stand between tcpdump's brackets: `mss 1460,sackOK,nop,wscale 7`.
 * `sackBase` is taken from the edges of SACK blocks, for relative numbers. `end` may lie past the frame (a capture that
 * was cut): then the text ends in ` [|tcp]`; `segmentWhole`: whether the segment's text is there to its end.
 *
 * Differs from tcpdump in MPTCP (kind 30) alone, which is shown as an unknown kind is.
 */
export function optionsText(frame: Octets, at: number, end: number, sackBase = 0, segmentWhole = true): OptionsText {
  const { bytes } = frame;
  let text = '';
  for (let i = at; i < end; ) {
    const first = i === at;
    if (!first) text += ',';
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
    const fits = length >= 2 && length <= end - i;
    const option = fits ? optionText(frame, kind, i + 2, length - 2, end, sackBase, segmentWhole) : UNREADABLE;
    text += option.text;
    // tcpdump closes the bracket, with one sign or another, unless this was the first option.
    if (option.fault === 'header') return { text: `${text}[bad opt]${first ? '' : ']'}`, whole: false };
    if (option.fault === 'capture') return { text: `${text} [|tcp]${first ? '' : '>'}`, whole: false };
    // What is taken is what the kind needs, not what the length says: a wrong length shows, and the next option
    // is looked for where it would stand with the right one.
    if (option.taken + 2 !== length) text += `[len ${length}]`;
    i += 2 + option.taken;
  }
  return { text, whole: true };
}

const UNREADABLE: OptionText = { text: '', taken: 0, fault: 'header' };

/** One option other than NOP and end-of-options; its value begins at `at`, and `given` octets are its own by its length. */
function optionText(
  frame: Octets,
  kind: number,
  at: number,
  given: number,
  end: number,
  sackBase: number,
  segmentWhole: boolean,
): OptionText {
  const { view } = frame;
  /** What stands in the way of reading `octets` of value. */
  const fault = (octets: number): Fault =>
    at + octets > end ? 'header' : at + octets > frame.end ? 'capture' : 'none';
  /** A value that is printed only when all of it is there. */
  const all = (name: string, taken: number, value: () => string): OptionText => {
    const found = fault(taken);
    return { text: found === 'none' ? name + value() : name, taken, fault: found };
  };
  /** A value that is printed octet by octet, as far as it goes. */
  const hex = (before: string, from: number, taken: number): OptionText => {
    let text = before;
    for (let i = from; i < taken; i++) {
      const found = fault(i + 1);
      if (found !== 'none') return { text, taken, fault: found };
      text += hexText(frame, at + i, 1);
    }
    return { text, taken, fault: 'none' };
  };

  const number = NUMBERS[kind];
  if (number !== undefined) {
    const [name, octets] = number;
    return all(name, octets, () => {
      const value = octets === 1 ? view.getUint8(at) : octets === 2 ? view.getUint16(at) : view.getUint32(at);
      return ` ${value}`;
    });
  }
  switch (kind) {
    case 4:
      return { text: 'sackOK', taken: 0, fault: 'none' };
    case 5:
      return sackText(frame, at, given, sackBase, fault);
    case 8:
      return all('TS', 8, () => ` val ${view.getUint32(at)} ecr ${view.getUint32(at + 4)}`);
    case 19:
      if (fault(16) !== 'none') return { text: 'md5', taken: 16, fault: fault(16) };
      return hex(`md5 ${segmentWhole ? MD5_UNCHECKED : MD5_CUT}`, 0, 16);
    case 20:
      return all('scps', 2, () => ` cap ${hexText(frame, at, 1)} id ${view.getUint8(at + 1)}`);
    case 28:
      return all('uto', 2, () => userTimeoutText(view.getUint16(at)));
    case 29: {
      // RFC 5925 §2.2.
      if (given < 2) return { text: 'tcp-ao (invalid)', taken: given, fault: 'none' };
      const ids = all('tcp-ao', 2, () => ` keyid ${view.getUint8(at)} rnextkeyid ${view.getUint8(at + 1)}`);
      return ids.fault !== 'none' || given === 2 ? ids : hex(`${ids.text} mac 0x`, 2, given);
    }
    case 34:
      return all('tfo', given, () => ` ${fastOpenText(frame, at, given)}`);
    case 254:
      if (given < 2) return { text: 'exp', taken: given, fault: 'header' };
      return all('exp', given, () => experimentText(frame, at, given));
    default:
      return hex(given === 0 ? `unknown-${kind}` : `unknown-${kind} 0x`, 0, given);
  }
}

function sackText(
  frame: Octets,
  at: number,
  given: number,
  base: number,
  fault: (octets: number) => Fault,
): OptionText {
  if (given % 8 !== 0) return { text: 'sack invalid sack', taken: given, fault: 'none' };
  let text = `sack ${given / 8} `;
  for (let i = 0; i < given; i += 8) {
    const found = fault(i + 8);
    if (found !== 'none') return { text, taken: given, fault: found };
    const left = frame.view.getUint32(at + i);
    const right = frame.view.getUint32(at + i + 4);
    text += `{${(left - base) >>> 0}:${(right - base) >>> 0}}`;
  }
  return { text, taken: given, fault: 'none' };
}

/** RFC 5482 §3.1 has the granularity in the highest bit; tcpdump looks for it in the lowest, and so does its text. */
function userTimeoutText(value: number): string {
  return ` 0x${value.toString(16)} ${(value >> 1) * ((value & 1) === 1 ? 60 : 1)}`;
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
  if (id === EXPERIMENT_TFO) return `-tfo${fastOpenText(frame, at + 2, length - 2)}`;
  return `-${id.toString(16).padStart(4, '0')}`;
}

function hexText(frame: Octets, at: number, length: number): string {
  let text = '';
  for (let i = at; i < at + length; i++) text += (frame.bytes[i] as number).toString(16).padStart(2, '0');
  return text;
}
