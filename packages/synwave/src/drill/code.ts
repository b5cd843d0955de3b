/** The `%{ code }%` of a packet script: the part of Python that such code is written in, on the values of TCP_INFO. */
import { Mismatch, Unsupported } from './errors.ts';
import { symbols } from './symbols.ts';

type Datum = number | string | boolean | null | readonly Datum[];

const NUMBER = /0[xX][0-9a-fA-F]+|\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+(?:[eE][-+]?\d+)?/y;
const STRING = /[fFbBrR]?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/y;
const NAME = /[A-Za-z_][A-Za-z0-9_.]*/y;
const OPERATOR = /\*\*|\/\/|<<|>>|<=|>=|==|!=|<>|[-+*/%<>&|^~()[\],:]/y;
const BLANK = /(?:[ \t\r]|\\\r?\n)*/y;
const ASSIGNMENT = /^([A-Za-z_]\w*)\s*(\+|-|\*|\/\/|\/|%|\||&|\^|<<|>>)?=(?!=)/;
/** Expressions are not nested deeper than that. */
const DEPTH = 64;

/**
 * Runs statements: `assert`, assignments, `print` (which says nothing here), `pass`, `import`, and `if` on one line.
 * Throws Mismatch for an assertion that does not hold, Unsupported for what is beyond that.
 */
export function runCode(code: string, info: Readonly<Record<string, number>>, variables: Map<string, unknown>): void {
  for (const statement of statements(code)) runStatement(statement, info, variables);
}

/** One statement each: lines, and what `;` separates; a bracket that is open goes on in the next line. */
function statements(code: string): string[] {
  const found: string[] = [];
  let from = 0;
  let depth = 0;
  for (let i = 0; i <= code.length; i++) {
    const c = code[i] ?? '\n';
    if (c === '"' || c === "'") {
      for (i++; i < code.length && code[i] !== c && code[i] !== '\n'; i++) if (code[i] === '\\') i++;
    } else if (c === '#') {
      const end = code.indexOf('\n', i);
      const rest = end < 0 ? code.length : end;
      return [...found, code.slice(from, i), ...statements(code.slice(rest))]
        .map((each) => each.trim())
        .filter(Boolean);
    } else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth--;
    else if (c === ';' || (c === '\n' && depth <= 0 && code[i - 1] !== '\\')) {
      found.push(code.slice(from, i));
      from = i + 1;
    }
  }
  return found.map((each) => each.trim()).filter(Boolean);
}

function runStatement(
  statement: string,
  info: Readonly<Record<string, number>>,
  variables: Map<string, unknown>,
): void {
  if (/^(?:print\b|import\b|from\b|pass\b|global\b)/.test(statement)) return;
  const lookUp = (name: string): Datum => valueOf(name, info, variables);
  if (/^assert\b/.test(statement)) {
    runAssert(statement, lookUp);
    return;
  }
  if (/^if\b/.test(statement)) {
    const expression = new Expression(statement.slice(2), lookUp);
    const holds = isTrue(expression.test());
    if (!expression.take(':')) expression.unknown();
    if (holds) runStatement(expression.rest().trim(), info, variables);
    return;
  }
  const assignment = ASSIGNMENT.exec(statement);
  if (assignment === null) throw new Unsupported(`code of this kind is not supported: ${statement.split('\n')[0]}`);
  const [all, name = '', operator] = assignment;
  const right = statement.slice(all.length);
  const text = operator === undefined ? right : `${name} ${operator} (${right})`;
  const expression = new Expression(text, lookUp);
  variables.set(name, expression.whole());
}

function runAssert(statement: string, lookUp: (name: string) => Datum): void {
  const expression = new Expression(statement.slice('assert'.length), lookUp);
  const holds = isTrue(expression.test());
  const names = expression.named;
  if (expression.take(',')) expression.test();
  expression.end();
  if (holds) return;
  const values = [...names].map(([name, value]) => `${name} is ${show(value)}`).join(', ');
  throw new Mismatch(`${statement.split('\n')[0]?.trim()} does not hold${values === '' ? '' : `: ${values}`}`);
}

function valueOf(name: string, info: Readonly<Record<string, number>>, variables: Map<string, unknown>): Datum {
  if (name === 'True') return true;
  if (name === 'False') return false;
  if (name === 'None') return null;
  const own = variables.get(name);
  if (own !== undefined) return own as Datum;
  const value = info[name] ?? symbols[name];
  if (value !== undefined) return value;
  if (name.startsWith('tcpi_')) {
    if (Object.keys(info).length === 0) throw new Mismatch(`${name} is asked for, and there is no socket`);
    throw new Unsupported(`TCP_INFO has no ${name} here`);
  }
  throw new Unsupported(`nothing is called ${name}`);
}

function show(value: Datum): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  return Array.isArray(value) ? `(${value.map(show).join(', ')})` : String(value);
}

function isTrue(value: Datum): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function isEqual(a: Datum, b: Datum): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i] as Datum));
  if (typeof a === 'boolean' || typeof b === 'boolean') return Number(a) === Number(b);
  return a === b;
}

/** Reads an expression and works it out as it goes, with Python's precedence. */
class Expression {
  /** The names that were looked up, for the message of an assertion. */
  readonly named = new Map<string, Datum>();
  private readonly text: string;
  private readonly lookUp: (name: string) => Datum;
  private at = 0;
  private depth = 0;

  constructor(text: string, lookUp: (name: string) => Datum) {
    this.text = text;
    this.lookUp = lookUp;
    this.skip();
  }

  whole(): Datum {
    const value = this.test();
    if (!this.take(',')) {
      this.end();
      return value;
    }
    const items = [value];
    while (this.at < this.text.length) {
      items.push(this.test());
      if (!this.take(',')) break;
    }
    this.end();
    return items;
  }

  end(): void {
    if (this.at < this.text.length) this.unknown();
  }

  rest(): string {
    return this.text.slice(this.at);
  }

  unknown(): never {
    throw new Unsupported(`the code cannot be read at ${this.text.slice(this.at, this.at + 24).trim() || 'its end'}`);
  }

  take(operator: string): boolean {
    OPERATOR.lastIndex = this.at;
    if (OPERATOR.exec(this.text)?.[0] !== operator) return false;
    this.at += operator.length;
    this.skip();
    return true;
  }

  /** `a if c else b`, `or`. */
  test(): Datum {
    if (++this.depth > DEPTH) throw new Unsupported('the code has too many brackets inside of each other');
    const value = this.or();
    this.depth--;
    if (!this.word('if')) return value;
    const condition = this.or();
    if (!this.word('else')) this.unknown();
    const other = this.test();
    return isTrue(condition) ? value : other;
  }

  private or(): Datum {
    let left = this.and();
    while (this.word('or')) {
      const right = this.and();
      left = isTrue(left) ? left : right;
    }
    return left;
  }

  private and(): Datum {
    let left = this.not();
    while (this.word('and')) {
      const right = this.not();
      left = isTrue(left) ? right : left;
    }
    return left;
  }

  private not(): Datum {
    if (this.word('not')) {
      if (++this.depth > DEPTH) this.unknown();
      const value = !isTrue(this.not());
      this.depth--;
      return value;
    }
    return this.comparison();
  }

  private comparison(): Datum {
    let left = this.binary(0);
    let holds: boolean | null = null;
    for (;;) {
      const operator = this.comparator();
      if (operator === null) return holds === null ? left : holds;
      const right = this.binary(0);
      const result = compare(operator, left, right);
      holds = holds === null ? result : holds && result;
      left = right;
    }
  }

  private comparator(): string | null {
    for (const operator of ['<=', '>=', '==', '!=', '<>', '<', '>']) if (this.take(operator)) return operator;
    if (this.word('in')) return 'in';
    if (this.word('is')) return this.word('not') ? '!=' : '==';
    const from = this.at;
    if (this.word('not')) {
      if (this.word('in')) return 'not in';
      this.at = from;
    }
    return null;
  }

  private binary(level: number): Datum {
    const operators = LEVELS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = operators.find((each) => this.take(each));
      if (operator === undefined) return left;
      left = calculate(operator, left, this.binary(level + 1));
    }
  }

  private unary(): Datum {
    for (const sign of ['-', '+', '~']) {
      if (!this.take(sign)) continue;
      if (++this.depth > DEPTH) this.unknown();
      const value = numeric(this.unary());
      this.depth--;
      return sign === '-' ? -value : sign === '+' ? value : ~value;
    }
    const base = this.primary();
    return this.take('**') ? numeric(base) ** numeric(this.unary()) : base;
  }

  private primary(): Datum {
    if (this.take('(')) return this.group(')');
    if (this.take('[')) return this.group(']', true);
    const number = this.match(NUMBER);
    if (number !== null) return Number(number);
    const string = this.match(STRING);
    if (string !== null) return string.replace(/^[fFbBrR]/, '').slice(1, -1);
    const name = this.match(NAME);
    if (name === null) return this.unknown();
    if (this.take('(')) return apply(name, itemsIn(this.group(')', true)));
    const value = this.lookUp(name);
    this.named.set(name, value);
    return value;
  }

  /** What brackets hold: a value, or a tuple. */
  private group(close: string, isList = false): Datum {
    const items: Datum[] = [];
    let commas = 0;
    while (!this.take(close)) {
      items.push(this.test());
      if (this.take(',')) commas++;
      else if (this.take(close)) break;
      else this.unknown();
    }
    return isList || commas > 0 || items.length !== 1 ? items : (items[0] as Datum);
  }

  private word(word: string): boolean {
    NAME.lastIndex = this.at;
    if (NAME.exec(this.text)?.[0] !== word) return false;
    this.at += word.length;
    this.skip();
    return true;
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.at += found[0].length;
    this.skip();
    return found[0];
  }

  private skip(): void {
    BLANK.lastIndex = this.at;
    BLANK.exec(this.text);
    this.at = Math.max(this.at, BLANK.lastIndex);
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }
}

/** From the loosest to the tightest. */
const LEVELS: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '//', '/', '%']];

function itemsIn(value: Datum): readonly Datum[] {
  return Array.isArray(value) ? value : [value];
}

function numeric(value: Datum): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  throw new Unsupported(`${show(value)} is no number`);
}

function calculate(operator: string, left: Datum, right: Datum): Datum {
  if (operator === '%' && typeof left === 'string') return left;
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  const [a, b] = [numeric(left), numeric(right)];
  if (b === 0 && (operator === '/' || operator === '//' || operator === '%'))
    throw new Mismatch('the code divides by zero');
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '//':
      return Math.floor(a / b);
    case '%':
      return a - b * Math.floor(a / b);
    default:
      return Number(bits(operator, BigInt(Math.trunc(a)), BigInt(Math.trunc(b))));
  }
}

/** Python's integers have no end: 32 bits are not enough. */
function bits(operator: string, a: bigint, b: bigint): bigint {
  if (operator === '|') return a | b;
  if (operator === '&') return a & b;
  if (operator === '^') return a ^ b;
  if (b < 0n || b > 64n) throw new Unsupported(`a shift by ${b} is not supported`);
  return operator === '<<' ? a << b : a >> b;
}

function compare(operator: string, a: Datum, b: Datum): boolean {
  if (operator === '==') return isEqual(a, b);
  if (operator === '!=' || operator === '<>') return !isEqual(a, b);
  if (operator === 'in' || operator === 'not in') {
    const has = itemsIn(b).some((item) => isEqual(a, item));
    return operator === 'in' ? has : !has;
  }
  const [x, y] = [numeric(a), numeric(b)];
  if (operator === '<') return x < y;
  if (operator === '<=') return x <= y;
  return operator === '>' ? x > y : x >= y;
}

function apply(name: string, args: readonly Datum[]): Datum {
  const numbers = (): number[] => (args.length === 1 ? itemsIn(args[0] as Datum) : args).map(numeric);
  switch (name) {
    case 'abs':
      return Math.abs(numeric(args[0] ?? null));
    case 'min':
      return Math.min(...numbers());
    case 'max':
      return Math.max(...numbers());
    case 'int':
      return Math.trunc(numeric(args[0] ?? null));
    case 'float':
      return numeric(args[0] ?? null);
    case 'round':
      return Math.round(numeric(args[0] ?? null));
    case 'bool':
      return isTrue(args[0] ?? null);
    case 'str':
    case 'repr':
    case 'hex':
    case 'bin':
      return show(args[0] ?? null);
    case 'len':
      return itemsIn(args[0] ?? null).length;
    default:
      throw new Unsupported(`the function ${name} is not supported`);
  }
}
