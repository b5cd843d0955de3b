/** Cursor: walks over the tokens of a filter. */
import { nearest } from '../../nearest.ts';
import { filterError, type Token, tokensOf } from './tokens.ts';

export class Cursor {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(text: string) {
    this.tokens = tokensOf(text);
  }

  /** The token that is next, or so many behind it; from the end on it is the end. */
  peek(ahead = 0): Token {
    return (this.tokens[this.at + ahead] ?? this.tokens.at(-1)) as Token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  /** Takes the next token if it is that word or sign. */
  take(...texts: readonly string[]): boolean {
    const { kind, text } = this.peek();
    if ((kind !== 'word' && kind !== 'sign') || !texts.includes(text)) return false;
    this.at++;
    return true;
  }

  /** Takes a sign that must come. */
  expect(sign: string): void {
    const { text, kind, column } = this.next();
    if (text !== sign || kind !== 'sign') {
      const found = kind === 'end' ? 'the expression ends' : `${text} stands there`;
      throw filterError(column, `${sign} is missing: ${found}`);
    }
  }

  /** Where the cursor is, to come back to by `back`. */
  mark(): number {
    return this.at;
  }

  back(mark: number): void {
    this.at = mark;
  }

  /** ` (did you mean x?)`, or nothing. */
  suggestion(text: string, names: readonly string[]): string {
    const near = nearest(text, names);
    return near === null ? '' : ` (did you mean ${near}?)`;
  }
}
