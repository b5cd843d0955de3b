/** A filter expression cut into tokens, each with the place where it stands. */
import { isIPv6 } from 'node:net';
import { UserError } from '../../errors.ts';

/** What a token is; `end` stands behind the last. */
type TokenKind = 'word' | 'escaped' | 'number' | 'ipv4' | 'ipv6' | 'mac' | 'sign' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As it was written; of an escaped word what stands behind the backslash. */
  readonly text: string;
  /** The column of its first character, from 1 on. */
  readonly column: number;
}

/** An expression that makes no sense, and where. */
export function filterError(column: number, message: string): UserError {
  return new UserError(`filter, column ${column}: ${message}`);
}

const MAC =
  /(?:[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}|[0-9a-f]{1,2}(?:-[0-9a-f]{1,2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})(?![\w:.-])/iy;
/** What may be an IPv6 address: it has two colons at least. */
const IPV6 = /[0-9a-f]*:[0-9a-f]*:[0-9a-f:]*(?:\d+\.\d+\.\d+\.\d+)?(?![\w:])/iy;
/** An address, or the first parts of one, as networks have it. */
const IPV4 = /\d+(?:\.\d+){1,3}(?![\w.])/y;
const NUMBER = /(?:0x[0-9a-f]+|\d+)(?![\w.-])/iy;
/** Names may have dashes within: what stands around a minus needs a blank. */
const WORD = /[a-z0-9](?:[-\w.]*[\w.])?/iy;
const SIGN = /&&|\|\||<<|>>|<=|>=|==|!=|[()[\]!&|=<>+\-*/%^:]/y;
const BLANK = /\s+/y;

/** The tokens of `text`, the end among them. Throws UserError at a character that begins none. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  const put = (kind: TokenKind, written: string, shown = written): void => {
    tokens.push({ kind, text: shown, column: at + 1 });
    at += written.length;
  };
  while (at < text.length) {
    const blank = take(BLANK);
    if (blank !== null) {
      at += blank.length;
      continue;
    }
    if (text[at] === '\\') {
      at++;
      const word = take(WORD);
      if (word === null) throw filterError(at, 'a name must stand behind \\');
      put('escaped', word);
      continue;
    }
    const six = take(IPV6);
    const mac = take(MAC);
    if (mac !== null) put('mac', mac);
    else if (six !== null && isIPv6(six)) put('ipv6', six);
    else {
      const four = take(IPV4);
      const number = take(NUMBER);
      const word = take(WORD);
      const sign = take(SIGN);
      if (four !== null) put('ipv4', four);
      else if (number !== null) put('number', number);
      else if (word !== null) put('word', word);
      else if (sign !== null) put('sign', sign);
      else throw filterError(at + 1, `${JSON.stringify(text[at])} has no meaning here`);
    }
  }
  tokens.push({ kind: 'end', text: '', column: text.length + 1 });
  return tokens;
}
