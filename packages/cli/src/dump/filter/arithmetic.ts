/** The arithmetic of filters: numbers, octets of headers, and what is worked out of them; all of it in 32 bits. */
import type { Cursor } from './cursor.ts';
import type { Layers } from './layers.ts';
import { constants, etherTypes, ipProtocols } from './names.ts';
import { both, load, type Seen, type Test, type Value } from './octets.ts';
import { filterError, type Token } from './tokens.ts';

/** A number, and what must hold of a packet for it to have that number at all. */
interface Term {
  readonly value: Value;
  readonly gate: Test | null;
  /** The number, where it is the same for all packets. */
  readonly constant: number | null;
}

/** From the weakest: operators of one row bind alike, from left to right. */
const ROWS: readonly (readonly string[])[] = [['|'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '%', '^']];

/** Words that open `proto[...]` and are no protocol above IP. */
const BELOW: readonly string[] = ['ether', 'link', ...Object.keys(etherTypes)];

const RELATIONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

/** Whether a term of arithmetic begins at the token, rather than a primitive. */
export function beginsTerm(cursor: Cursor): boolean {
  const { text, kind } = cursor.peek();
  if (kind === 'number' || text === '-') return true;
  if (kind !== 'word') return false;
  return text === 'len' || text in constants || (isOpener(text) && cursor.peek(1).text === '[');
}

function isOpener(text: string): boolean {
  return BELOW.includes(text) || text in ipProtocols;
}

/** `term relation term`. */
export function comparison(cursor: Cursor, layers: Layers): Test {
  const left = term(cursor, layers);
  const sign = cursor.next();
  const holds = RELATIONS[sign.text];
  if (holds === undefined) throw filterError(sign.column, `= != < > <= or >= must stand here${instead(sign)}`);
  const right = term(cursor, layers);
  const compare: Test = (packet) => holds(left.value(packet), right.value(packet));
  const gate = gates(left.gate, right.gate);
  return gate === null ? compare : both(gate, compare);
}

function instead({ kind, text }: Token): string {
  return kind === 'end' ? '' : `, not ${text}`;
}

function term(cursor: Cursor, layers: Layers, row = 0): Term {
  const signs = ROWS[row];
  if (signs === undefined) return unary(cursor, layers);
  let left = term(cursor, layers, row + 1);
  while (signs.includes(cursor.peek().text)) {
    const sign = cursor.next();
    const right = term(cursor, layers, row + 1);
    if ((sign.text === '/' || sign.text === '%') && right.constant === 0)
      throw filterError(sign.column, 'nothing is divided by zero');
    left = combine(sign.text, left, right);
  }
  return left;
}

function combine(sign: string, left: Term, right: Term): Term {
  const value: Value = (packet) => work(sign, left.value(packet), right.value(packet));
  const known = left.constant !== null && right.constant !== null;
  const constant = known ? work(sign, left.constant, right.constant) : null;
  return { value, gate: gates(left.gate, right.gate), constant };
}

function work(sign: string, a: number, b: number): number {
  switch (sign) {
    case '+':
      return (a + b) >>> 0;
    case '-':
      return (a - b) >>> 0;
    case '*':
      return Math.imul(a, b) >>> 0;
    case '/':
      return b === 0 ? 0 : Math.floor(a / b);
    case '%':
      return b === 0 ? 0 : a % b;
    case '&':
      return (a & b) >>> 0;
    case '|':
      return (a | b) >>> 0;
    case '^':
      return (a ^ b) >>> 0;
    case '<<':
      return b > 31 ? 0 : (a << b) >>> 0;
    default:
      return b > 31 ? 0 : a >>> b;
  }
}

function unary(cursor: Cursor, layers: Layers): Term {
  const token = cursor.next();
  const { text, kind, column } = token;
  if (text === '-') {
    const inner = unary(cursor, layers);
    const constant = inner.constant === null ? null : -inner.constant >>> 0;
    return { value: (packet) => -inner.value(packet) >>> 0, gate: inner.gate, constant };
  }
  if (text === '(') {
    const inner = term(cursor, layers);
    cursor.expect(')');
    return inner;
  }
  if (kind === 'number') return fixed(Number(text) >>> 0);
  if (text === 'len') return { value: ({ original }) => original, gate: null, constant: null };
  if (kind === 'word' && isOpener(text) && cursor.peek().text === '[') return accessor(cursor, layers, text);
  const constant = kind === 'word' ? constants[text] : undefined;
  if (constant !== undefined) return fixed(constant);
  const near = kind === 'word' ? cursor.suggestion(text, [...Object.keys(constants), 'len']) : '';
  throw filterError(column, `a number or a part of a header, as tcp[13], must stand here${instead(token)}${near}`);
}

function fixed(constant: number): Term {
  return { value: () => constant, gate: null, constant };
}

/** `proto[at]` or `proto[at:size]`. */
function accessor(cursor: Cursor, layers: Layers, name: string): Term {
  cursor.expect('[');
  const at = term(cursor, layers);
  let size = 1;
  if (cursor.peek().text === ':') {
    cursor.next();
    const { text, column } = cursor.next();
    size = Number(text);
    if (size !== 1 && size !== 2 && size !== 4) throw filterError(column, '1, 2 or 4 octets can be read at once');
  }
  cursor.expect(']');
  const here = layers.snapshot();
  const { gate, base } = beginning(here, name);
  const value: Value = (packet) => load(packet, base(packet) + at.value(packet), size);
  return { value, gate: gates(at.gate, gate), constant: null };
}

/** Where octets of that protocol are counted from, and which packets have any. */
function beginning(layers: Layers, name: string): { gate: Test | null; base: (packet: Seen) => number } {
  if (name === 'ether' || name === 'link') return { gate: null, base: () => 0 };
  const type = etherTypes[name];
  if (type !== undefined) return { gate: layers.carries(type), base: () => layers.header };
  const [number, families] = ipProtocols[name] ?? [0, []];
  if (families.length === 1 && families[0] === 6)
    return {
      gate: both(layers.carries(0x86dd), (packet) => load(packet, layers.header + 6, 1) === number),
      base: () => layers.header + 40,
    };
  const gate = both(layers.protocol(number, [4]), layers.firstFragment());
  return { gate, base: (packet) => layers.behindIpv4(packet) };
}

function gates(a: Test | null, b: Test | null): Test | null {
  return a === null ? b : b === null ? a : both(a, b);
}
