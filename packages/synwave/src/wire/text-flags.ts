/** The control bits as letters, in tcpdump's order; both ways. */
import type { Scanner } from './scanner.ts';

/** From the lowest bit up: FIN, SYN, RST, PSH, ACK, URG, ECE, CWR. */
const LETTERS = 'FSRP.UEW';

/** The letters of the bits that are set: `S.`, `P.`; `none` without any. */
export function flagsText(flags: number): string {
  let text = '';
  for (let bit = 0; bit < LETTERS.length; bit++) if ((flags >> bit) & 1) text += LETTERS[bit];
  return text === '' ? 'none' : text;
}

/** Takes letters, in any order, or `none`, up to a blank or a closing bracket; throws a TextError at one that is no flag. */
export function parseFlags(scanner: Scanner): number {
  const from = scanner.at;
  const letters = scanner.run((c) => c !== ' ' && c !== ']');
  if (letters === 'none') return 0;
  if (letters === '') scanner.fail(`expected flags out of ${LETTERS}, or none`);
  let flags = 0;
  for (let i = 0; i < letters.length; i++) {
    const bit = LETTERS.indexOf(letters[i] as string);
    if (bit < 0) scanner.fail(`no flag is called ${letters[i]}`, from + i);
    flags |= 1 << bit;
  }
  return flags;
}
