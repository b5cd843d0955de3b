/** Which sockets are wanted: ss's `state established '( dport = :80 or src 10.0.0.0/8 )'`. */
import { parseAddress } from 'synwave';
import { UserError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { parsePort } from '../values.ts';
import type { Row } from './row.ts';

type Test = (row: Row) => boolean;

export interface Wanted {
  /** The names of the states that were asked for; null: none were. */
  readonly states: ReadonlySet<string> | null;
  readonly test: Test;
}

const CONNECTED = [
  'ESTAB',
  'SYN-SENT',
  'SYN-RECV',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'CLOSE-WAIT',
  'LAST-ACK',
  'CLOSING',
];
const ALL = [...CONNECTED, 'LISTEN', 'UNCONN'];
const BUCKET = ['SYN-RECV', 'TIME-WAIT'];

const states: Readonly<Record<string, readonly string[]>> = {
  established: ['ESTAB'],
  'syn-sent': ['SYN-SENT'],
  'syn-recv': ['SYN-RECV'],
  'fin-wait-1': ['FIN-WAIT-1'],
  'fin-wait-2': ['FIN-WAIT-2'],
  'time-wait': ['TIME-WAIT'],
  closed: ['UNCONN'],
  'close-wait': ['CLOSE-WAIT'],
  'last-ack': ['LAST-ACK'],
  listening: ['LISTEN'],
  listen: ['LISTEN'],
  closing: ['CLOSING'],
  all: ALL,
  connected: CONNECTED,
  synchronized: CONNECTED.filter((name) => name !== 'SYN-SENT'),
  bucket: BUCKET,
  big: ALL.filter((name) => !BUCKET.includes(name)),
};

type Comparison = (a: number, b: number) => boolean;

const equal: Comparison = (a, b) => a === b;
const unequal: Comparison = (a, b) => a !== b;
const atLeast: Comparison = (a, b) => a >= b;
const atMost: Comparison = (a, b) => a <= b;
const above: Comparison = (a, b) => a > b;
const below: Comparison = (a, b) => a < b;

const comparisons: Readonly<Record<string, Comparison>> = {
  '=': equal,
  '==': equal,
  eq: equal,
  '!=': unequal,
  ne: unequal,
  neq: unequal,
  '>=': atLeast,
  ge: atLeast,
  geq: atLeast,
  '<=': atMost,
  le: atMost,
  leq: atMost,
  '>': above,
  gt: above,
  '<': below,
  lt: below,
};

const SIGNS = ['and', 'or', 'not', '&', '&&', '|', '||', '!', '(', ')'];

/** Reads the words behind the options. Throws UserError for what is no filter. */
export function parseWanted(words: readonly string[]): Wanted {
  const tokens = words.join(' ').match(/[()]|&&?|\|\|?|[!=<>]=|[!=<>]|[^\s()&|!=<>]+/g) ?? [];
  const asked = new Set<string>();
  let any = false;
  while (tokens[0] === 'state' || tokens[0] === 'exclude') {
    const [word, name = ''] = tokens.splice(0, 2);
    const these = statesOf(name);
    if (word === 'state') for (const state of these) asked.add(state);
    else {
      if (!any) for (const state of ALL) asked.add(state);
      for (const state of these) asked.delete(state);
    }
    any = true;
  }
  const test = tokens.length === 0 ? () => true : new Parser(tokens).whole();
  return { states: any ? asked : null, test };
}

function statesOf(name: string): readonly string[] {
  const found = states[name.toLowerCase()];
  if (found !== undefined) return found;
  const near = nearest(name, Object.keys(states));
  throw new UserError(
    `${name || 'nothing'} is not a state${near === null ? ': see synwave ss --help' : `: did you mean ${near}?`}`,
  );
}

class Parser {
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  whole(): Test {
    const test = this.either();
    if (this.at < this.tokens.length) throw new UserError(`filter: nothing is open that this ) could close`);
    return test;
  }

  private take(...wanted: readonly string[]): boolean {
    const found = wanted.includes(this.tokens[this.at] ?? '');
    if (found) this.at++;
    return found;
  }

  private either(): Test {
    let left = this.both();
    while (this.take('or', '|', '||')) {
      const [one, other] = [left, this.both()];
      left = (row) => one(row) || other(row);
    }
    return left;
  }

  /** `and` may be left out. */
  private both(): Test {
    let left = this.one();
    while (this.at < this.tokens.length && !['or', '|', '||', ')'].includes(this.tokens[this.at] ?? '')) {
      this.take('and', '&', '&&');
      const [one, other] = [left, this.one()];
      left = (row) => one(row) && other(row);
    }
    return left;
  }

  private one(): Test {
    if (this.take('not', '!')) {
      const test = this.one();
      return (row) => !test(row);
    }
    if (this.take('(')) {
      const test = this.either();
      if (!this.take(')')) throw new UserError('filter: a ( is not closed');
      return test;
    }
    return this.condition();
  }

  private condition(): Test {
    const what = this.tokens[this.at++];
    if (what !== 'sport' && what !== 'dport' && what !== 'src' && what !== 'dst') throw unknown(what);
    const compares = this.comparison();
    const value = this.tokens[this.at++];
    if (value === undefined || SIGNS.includes(value))
      throw new UserError(`filter: what is ${what} to be? As in ${what} = :80`);
    const ours = what === 'sport' || what === 'src';
    return what.endsWith('port') ? portTest(ours, compares ?? equal, value) : hostTest(ours, compares ?? equal, value);
  }

  private comparison(): Comparison | null {
    const found = comparisons[this.tokens[this.at] ?? ''];
    if (found !== undefined) this.at++;
    return found ?? null;
  }
}

function unknown(word: string | undefined): UserError {
  if (word === undefined) return new UserError('filter: it ends where a condition should stand');
  const near = nearest(word, ['sport', 'dport', 'src', 'dst', 'not', 'state']);
  return new UserError(
    `filter: ${word} is not known: ${near === null ? 'sport, dport, src and dst are' : `did you mean ${near}?`}`,
  );
}

function portTest(ours: boolean, compares: Comparison, value: string): Test {
  const port = parsePort(value.slice(value.lastIndexOf(':') + 1));
  return ({ socket }) => compares(ours ? socket.localPort : socket.remotePort, port);
}

/** `10.0.0.1`, `10.0.0.0/8`, `10.0.0.1:80`, `[::1]:80`, `:80`. */
function hostTest(ours: boolean, compares: Comparison, value: string): Test {
  const whole = parseAddress(value) !== null;
  // What stands behind the last colon is a port, unless all of it is an address of IPv6.
  const [, host = '', behind = ''] = whole ? ['', value] : (/^(.*?)(?::(\d+|\*))?$/.exec(value) ?? []);
  const [, address = '', prefix] = /^\[?([^\]/]*)\]?(?:\/(\d+))?$/.exec(host) ?? ['', host];
  const port = behind === '' || behind === '*' ? null : parsePort(behind);
  const network = networkOf(address === '*' ? '' : address, prefix, value);
  return ({ socket }) => {
    const own = ours ? socket.local : socket.remote;
    const same =
      (network === null || network(own)) && (port === null || port === (ours ? socket.localPort : socket.remotePort));
    return compares === unequal ? !same : same;
  };
}

function networkOf(text: string, prefix: string | undefined, whole: string): ((address: string) => boolean) | null {
  if (text === '') return null;
  const bits = bitsOf(text);
  if (bits === null) throw new UserError(`filter: ${whole} is not an address: write 10.0.0.1, 10.0.0.0/8 or [::1]:80`);
  const length = prefix === undefined ? bits.length : Number(prefix);
  if (length > bits.length) throw new UserError(`filter: ${whole} has a prefix longer than the address`);
  return (address) => {
    const others = bitsOf(address);
    return others?.length === bits.length && others.slice(0, length) === bits.slice(0, length);
  };
}

/** An address as 32 or 128 binary digits; null: it is none. */
function bitsOf(text: string): string | null {
  const address = parseAddress(text);
  if (address === null) return null;
  const words = address.family === 4 ? [address.d] : [address.a, address.b, address.c, address.d];
  return words.map((word) => (word >>> 0).toString(2).padStart(32, '0')).join('');
}
