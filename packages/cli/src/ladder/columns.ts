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
