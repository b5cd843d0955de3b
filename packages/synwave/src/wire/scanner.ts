/** Scanner: walks one line of packet text for the parsers; what does not fit is a TextError that names the column. */

/** A line that is not packet text: `column` counts from 1. */
export class TextError extends Error {
  override readonly name: string = 'TextError';
  readonly column: number;

  constructor(column: number, problem: string) {
    super(`column ${column}: ${problem}`);
    this.column = column;
  }
}

/** A place in a line. Each reader moves it forward over what it took. */
export class Scanner {
  readonly line: string;
  at = 0;

  constructor(line: string) {
    this.line = line;
  }

  get done(): boolean {
    return this.at >= this.line.length;
  }

  /** Throws a TextError for the present column, or for that of `at`. */
  fail(problem: string, at: number = this.at): never {
    throw new TextError(at + 1, problem);
  }

  /** Whether `text` comes next; moves only if so. */
  take(text: string): boolean {
    if (!this.line.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Moves over `text`, which must come next. */
  expect(text: string): void {
    if (!this.take(text)) this.fail(`expected "${text}"`);
  }

  /** A decimal number of at most `most`; with `least` below 0 it may have a minus sign. */
  number(what: string, most: number, least = 0): number {
    const from = this.at;
    const negative = least < 0 && this.take('-');
    const digits = this.run(isDigit);
    if (digits === '') this.fail(`expected ${what}, a number`, from);
    const value = negative ? -Number(digits) : Number(digits);
    if (value > most || value < least) this.fail(`${what} ${negative ? '-' : ''}${digits} is beyond its field`, from);
    return value;
  }

  /** A number below 2^32. */
  word(what: string): number {
    return this.number(what, 0xffff_ffff);
  }

  /** Pairs of hexadecimal digits, as octets; there may be none. */
  hex(): number[] {
    const from = this.at;
    const digits = this.run(isHex);
    if (digits.length % 2 !== 0) this.fail('an octet has two hexadecimal digits', from);
    const octets: number[] = [];
    for (let i = 0; i < digits.length; i += 2) octets.push(Number.parseInt(digits.slice(i, i + 2), 16));
    return octets;
  }

  /** A hexadecimal number of at most `most`. */
  hexNumber(what: string, most: number): number {
    const from = this.at;
    const digits = this.run(isHex);
    const value = Number.parseInt(digits, 16);
    if (!(value <= most)) this.fail(`expected ${what}, a hexadecimal number in its field`, from);
    return value;
  }

  /** All up to the next blank or the end; at least one character. */
  token(what: string): string {
    const text = this.run((c) => c !== ' ');
    if (text === '') this.fail(`expected ${what}`);
    return text;
  }

  /** The longest run of characters that `wanted` says yes to. */
  run(wanted: (character: string) => boolean): string {
    const from = this.at;
    while (this.at < this.line.length && wanted(this.line[this.at] as string)) this.at++;
    return this.line.slice(from, this.at);
  }
}

/** At the beginning of a line, or behind the time of day where one stands in front. */
export function lineScanner(line: string): Scanner {
  const scanner = new Scanner(line);
  if (/^\d\d:\d\d:\d\d\.\d+ /.test(line)) scanner.at = line.indexOf(' ') + 1;
  return scanner;
}

function isDigit(c: string): boolean {
  return c >= '0' && c <= '9';
}

function isHex(c: string): boolean {
  return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
