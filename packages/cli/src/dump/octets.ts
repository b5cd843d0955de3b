/** Octets as tcpdump shows them: `-x`, `-X` and `-A`. */

/** Octets of a line. */
const LINE = 16;

/** How octets are shown: in hexadecimal, with characters beside them, or as characters alone. */
export type OctetsLook = 'hex' | 'both' | 'text';

/** The lines for the octets, each with its line end in front. */
export function octetLines(data: Uint8Array, look: OctetsLook): string {
  if (look === 'text') return `\n${textOf(data)}`;
  let lines = '';
  for (let at = 0; at < data.length; at += LINE) {
    const part = data.subarray(at, at + LINE);
    const hex = hexText(part);
    const place = `\n\t0x${at.toString(16).padStart(4, '0')}:  `;
    lines += look === 'hex' ? `${place}${hex}` : `${place}${hex.padEnd(39)}  ${Array.from(part, character).join('')}`;
  }
  return lines;
}

/** Two octets a group. */
function hexText(data: Uint8Array): string {
  let text = '';
  for (const [i, octet] of data.entries())
    text += `${i > 0 && i % 2 === 0 ? ' ' : ''}${octet.toString(16).padStart(2, '0')}`;
  return text;
}

function character(octet: number): string {
  return octet > 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.';
}

/** Blanks and line ends remain, the latter without their carriage returns. */
function textOf(data: Uint8Array): string {
  let text = '';
  for (const [i, octet] of data.entries()) {
    if (octet === 0x0d && (i + 1 === data.length || data[i + 1] === 0x0a)) continue;
    const isKept = octet === 0x09 || octet === 0x0a || octet === 0x20;
    text += isKept ? String.fromCharCode(octet) : character(octet);
  }
  return text;
}
