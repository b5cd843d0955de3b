/** Columns: text measured, filled up and cut by what a terminal shows of it; a Chinese character takes two. */
import { eastAsianWidth } from 'get-east-asian-width';

export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += eastAsianWidth(character.codePointAt(0) as number);
  return width;
}

/** Filled up with blanks behind, to `width`; what is wider stays as it is. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Filled up with blanks in front. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** In the middle of `width`. */
export function center(text: string, width: number): string {
  const front = Math.max(0, (width - widthOf(text)) >> 1);
  return padEnd(' '.repeat(front) + text, width);
}

/** Cut to `width`, with `dots` at the end of what was cut. */
export function cut(text: string, width: number, dots: string): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let room = width - widthOf(dots);
  for (const character of text) {
    room -= widthOf(character);
    if (room < 0) break;
    kept += character;
  }
  return kept + dots;
}

/** Signs that no line begins with. */
const CLOSING = /^[，。、；：？！）》」』”’…,.;:?!)\]}]$/u;

/** In lines of at most `width`: parted at blanks, and anywhere between Chinese characters but in front of a closing sign. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces(text)) {
    if (widthOf(line) + widthOf(piece.trimEnd()) <= width || line === '') line += piece;
    else {
      lines.push(line.trimEnd());
      line = piece.trimStart();
    }
  }
  return line === '' ? lines : [...lines, line.trimEnd()];
}

/** What stays together: a word with its blank, a Chinese character with the closing signs behind it. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (const character of text) {
    const last = found.at(-1);
    const joins =
      CLOSING.test(character) || (last !== undefined && !isWide(last) && !isWide(character) && !last.endsWith(' '));
    if (last !== undefined && (joins || character === ' ')) found[found.length - 1] = last + character;
    else found.push(character);
  }
  return found;
}

function isWide(text: string): boolean {
  return widthOf(text.slice(-1)) > 1;
}
