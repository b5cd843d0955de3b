/** Reader: walks through a script's text, and says where it stands when something else was expected. */
import { ScriptError } from './errors.ts';
import type { Place } from './script.ts';

/** White space and comments. A `#` begins one at the start of a line only: elsewhere it means nothing. */
const SKIP = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const SHEBANG = /^[ \t]*#[^\n]*$/gm;
const INTEGER = /-?(?:0[xX][0-9a-fA-F]+|\d+)/y;
const UNSIGNED = /0[xX][0-9a-fA-F]+|\d+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
/** What is shown of the text that was not expected. */
const EXCERPT = /\S+/y;

export class Reader {
  readonly name: string;
  readonly text: string;
  at = 0;
  /** Where each line begins. */
  private readonly lines: number[] = [0];

  constructor(text: string, name: string) {
    this.name = name;
    // Blanked out, so that every place stays where it is.
    this.text = text.replaceAll(SHEBANG, (line) => ' '.repeat(line.length));
    for (let i = this.text.indexOf('\n'); i >= 0; i = this.text.indexOf('\n', i + 1)) this.lines.push(i + 1);
    this.skip();
  }

  /** Steps over white space and comments. */
  skip(): void {
    SKIP.lastIndex = this.at;
    if (SKIP.test(this.text)) this.at = SKIP.lastIndex;
    if (this.text.startsWith('/*', this.at)) this.fail('a comment without an end', 'expected */');
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** Takes what the sticky pattern matches, and what is blank behind it; null: it does not match here. */
  match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.at += found[0].length;
    this.skip();
    return found[0];
  }

  /** Whether the text goes on with that. */
  sees(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** Whether the sticky pattern matches here; nothing is taken. */
  ahead(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  take(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at += text.length;
    this.skip();
    return true;
  }

  expect(text: string, what: string = text): void {
    if (!this.take(text)) this.expected(what);
  }

  word(): string | null {
    return this.match(WORD);
  }

  /** Takes that word, if it stands here as a whole. */
  takeWord(word: string): boolean {
    WORD.lastIndex = this.at;
    if (WORD.exec(this.text)?.[0] !== word) return false;
    this.word();
    return true;
  }

  integer(what: string): number {
    const text = this.match(INTEGER);
    if (text === null) return this.expected(what);
    return text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
  }

  /** A whole number from 0 to `most`. */
  unsigned(what: string, most = 0xffff_ffff): number {
    const from = this.at;
    const text = this.match(UNSIGNED);
    if (text === null) return this.expected(what);
    const number = Number(text);
    if (number > most) this.failAt(from, `${what}: ${text} is larger than ${most}`);
    return number;
  }

  placeOf(at: number): Place {
    const { lines } = this;
    let [low, high] = [0, lines.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lines[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - (lines[low] as number) + 1 };
  }

  /** The line that `at` stands on, without blanks around it. */
  lineOf(at: number): string {
    const from = this.text.lastIndexOf('\n', at - 1) + 1;
    const end = this.text.indexOf('\n', at);
    return this.text.slice(from, end < 0 ? undefined : end).trim();
  }

  /** What stands here is not what may stand here. */
  expected(what: string): never {
    EXCERPT.lastIndex = this.at;
    const found = EXCERPT.exec(this.text)?.[0].slice(0, 24);
    return this.fail(`expected ${what}`, found === undefined ? 'found the end of the script' : `found ${found}`);
  }

  fail(reason: string, more = ''): never {
    return this.failAt(this.at, more === '' ? reason : `${reason}, ${more}`);
  }

  failAt(at: number, reason: string): never {
    throw new ScriptError(this.name, this.placeOf(at), reason);
  }
}
