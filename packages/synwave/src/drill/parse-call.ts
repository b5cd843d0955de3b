/** Reads a call of a packet script: its name, arguments, result, error, and the note that nobody checks. */
import type { Micros } from '../base/time.ts';
import type { Reader } from './reader.ts';
import type { CallSpec, Field, Value } from './script.ts';
import { symbols } from './symbols.ts';

const NUMBER = /-?(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*/y;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const ERRNO = /E[A-Z0-9]+/y;
const NOTE = /\((?:[^()\n]|\([^()\n]*\))*\)/y;
const FIELD = /[A-Za-z_][A-Za-z0-9_.]*\s*(?:\([^()]*\)\s*)?=/y;
const NAME = /[A-Za-z_][A-Za-z0-9_.]*/y;
/** Deeper than any struct that a call takes. */
const DEPTH = 32;

export function parseCall(reader: Reader, end: Micros | null): CallSpec {
  const name = reader.word();
  if (name === null) return reader.expected('a packet (< or >), a call, a `command` or %{ code }%');
  reader.expect('(', `( behind ${name}`);
  const args = list(reader, ')', 0);
  reader.expect('=', `= and what ${name} answers`);
  const result: Value = reader.take('?') ? { kind: 'default' } : single(reader, 0);
  const errno = reader.match(ERRNO);
  reader.match(NOTE);
  return { kind: 'call', name, args, result, errno, end };
}

/** Values with commas between them, and the bracket that closes. */
function list(reader: Reader, close: string, depth: number): Value[] {
  const values: Value[] = [];
  if (reader.take(close)) return values;
  for (;;) {
    values.push(value(reader, depth));
    if (reader.take(close)) return values;
    reader.expect(',', `, or ${close}`);
  }
}

/** Sums of bits: `O_RDWR|O_NONBLOCK`. */
function value(reader: Reader, depth: number): Value {
  if (depth > DEPTH) reader.fail('too many brackets inside of each other');
  let left = product(reader, depth);
  while (reader.take('|')) {
    const right = product(reader, depth);
    const number = numberIn(reader, left) | numberIn(reader, right);
    left = { kind: 'number', number, text: `${textOf(left)}|${textOf(right)}` };
  }
  return left;
}

function product(reader: Reader, depth: number): Value {
  let left = single(reader, depth);
  while (reader.take('*')) {
    const right = single(reader, depth);
    const number = numberIn(reader, left) * numberIn(reader, right);
    left = { kind: 'number', number, text: `${textOf(left)}*${textOf(right)}` };
  }
  return left;
}

function single(reader: Reader, depth: number): Value {
  if (reader.take('...')) return { kind: 'default' };
  if (reader.take('[')) return { kind: 'list', items: list(reader, ']', depth + 1) };
  if (reader.take('{')) return { kind: 'struct', fields: fields(reader, depth + 1) };
  const string = reader.match(STRING);
  if (string !== null) return { kind: 'string', string: unescape(string.slice(1, -1)) };
  const number = reader.match(NUMBER);
  if (number !== null) {
    const digits = number.replace(/[uUlL]+$/, '');
    return {
      kind: 'number',
      number: digits.startsWith('-') ? -Number(digits.slice(1)) : Number(digits),
      text: number,
    };
  }
  return named(reader, depth);
}

/** A constant, or something like `htons(8080)`. */
function named(reader: Reader, depth: number): Value {
  const from = reader.at;
  const name = reader.word();
  if (name === null) return reader.expected('a value: a number, a name, "text", [a list], {a struct} or ...');
  if (reader.take('(')) return { kind: 'call', name, args: list(reader, ')', depth + 1) };
  const number = symbols[name];
  if (number === undefined) return reader.failAt(from, `expected a value, and no constant is called ${name}`);
  return { kind: 'number', number, text: name };
}

/** `{sa_family = AF_INET, ...}`, `{1000, 2}`, `msg_name(16) = ...`. */
function fields(reader: Reader, depth: number): Field[] {
  const all: Field[] = [];
  if (reader.take('}')) return all;
  for (;;) {
    const has = reader.ahead(FIELD);
    const name = has ? reader.match(NAME) : null;
    if (has && reader.take('(')) list(reader, ')', depth);
    if (has) reader.expect('=');
    all.push({ name, value: value(reader, depth) });
    if (reader.take('}')) return all;
    reader.expect(',', ', or }');
  }
}

function numberIn(reader: Reader, of: Value): number {
  if (of.kind !== 'number') return reader.fail('only numbers can be put together by | and *');
  return of.number;
}

function textOf(of: Value): string {
  return of.kind === 'number' ? of.text : '';
}

function unescape(text: string): string {
  return text.replaceAll(/\\(x[0-9a-fA-F]{2}|.)/g, (_all, what: string) => {
    if (what.length === 3) return String.fromCharCode(Number.parseInt(what.slice(1), 16));
    return { n: '\n', t: '\t', r: '\r', '0': '\0' }[what] ?? what;
  });
}
