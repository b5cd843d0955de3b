/** Filter expressions in the language of pcap-filter, read into a test of packets. */
import { isIPv4 } from 'node:net';
import type { UserError } from '../../errors.ts';
import { beginsTerm, comparison } from './arithmetic.ts';
import { Cursor } from './cursor.ts';
import { bySide, Layers, type Side } from './layers.ts';
import {
  constants,
  etherTypes,
  ipProtocols,
  portOf,
  protocolNumbers,
  type ServicePort,
  serviceNames,
} from './names.ts';
import { any, both, either, load, type Network, OUTSIDE, octetsOf, type Seen, type Test, within } from './octets.ts';
import { filterError, type Token } from './tokens.ts';

/** What an identifier is: words that stand in front of it. */
const KINDS = ['host', 'net', 'port', 'portrange', 'proto', 'protochain', 'gateway'] as const;

type Kind = (typeof KINDS)[number];

/** The words in front of an identifier; those that follow without any have the same. */
interface Qualifiers {
  /** `ip`, `tcp`, `ether` ...; '' for none. */
  readonly protocol: string;
  readonly side: Side | null;
  readonly kind: Kind;
}

/** Words that say by themselves which packets are meant. */
const PLAIN = ['broadcast', 'multicast', 'inbound', 'outbound', 'vlan', 'less', 'greater'] as const;

const ETHER_WORDS: readonly string[] = ['ether', 'link'];

/** Of tcpdump's language, and not of ours. */
const FOREIGN: readonly string[] = [
  'gateway',
  'mpls',
  'pppoed',
  'pppoes',
  'geneve',
  'wlan',
  'type',
  'subtype',
  'dir',
  'atalk',
  'aarp',
  'decnet',
  'iso',
  'stp',
  'ipx',
  'netbeui',
  'moprc',
  'mopdl',
  'lat',
  'sca',
  'llc',
  'fddi',
  'tr',
  'ppp',
  'slip',
  'clnp',
  'esis',
  'isis',
  'ifname',
  'on',
  'rnr',
  'rulenum',
  'reason',
  'action',
];

const WORDS: readonly string[] = [
  ...KINDS,
  ...PLAIN,
  ...ETHER_WORDS,
  ...Object.keys(etherTypes),
  ...Object.keys(ipProtocols),
  ...Object.keys(constants),
  'src',
  'dst',
  'and',
  'or',
  'not',
  'len',
];

/**
 * Reads an expression for packets of that link type. Answers whether a packet is wanted: never one that ends before
 * what had to be looked at. Throws UserError, with the column, when the expression makes no sense; `''` wants all.
 */
export function parseFilter(text: string, linkType: number, hosts: Hosts = {}): (packet: Seen) => boolean {
  if (text.trim() === '') return () => true;
  const test = new Parser(text, linkType, hosts).parse();
  return (packet) => {
    try {
      return test(packet);
    } catch (error) {
      if (error === OUTSIDE) return false;
      throw error;
    }
  };
}

/** Addresses of hosts by their names. */
export type Hosts = Readonly<Record<string, string | readonly string[]>>;

class Parser {
  private readonly cursor: Cursor;
  private readonly layers: Layers;
  private readonly hosts: Hosts;
  /** Of the identifier before. */
  private last: Qualifiers | null = null;

  constructor(text: string, linkType: number, hosts: Hosts) {
    this.cursor = new Cursor(text);
    this.layers = new Layers(linkType);
    this.hosts = hosts;
  }

  parse(): Test {
    const test = this.expression();
    const { kind, text, column } = this.cursor.peek();
    if (kind === 'end') return test;
    throw filterError(column, text === ')' ? ') closes nothing' : `and or or must stand in front of ${text}`);
  }

  /** `and` and `or` bind alike, from left to right. */
  private expression(): Test {
    let left = this.factor();
    for (;;) {
      if (this.cursor.take('and', '&&')) left = both(left, this.factor());
      else if (this.cursor.take('or', '||')) left = either(left, this.factor());
      else return left;
    }
  }

  private factor(): Test {
    const { cursor } = this;
    if (cursor.take('not', '!')) {
      const inner = this.factor();
      return (packet) => !inner(packet);
    }
    if (cursor.peek().text === '(' && cursor.peek().kind === 'sign') return this.parentheses();
    if (beginsTerm(cursor) && !this.isIdentifier()) return comparison(cursor, this.layers);
    return this.primitive();
  }

  /** Around an expression, or around a term of arithmetic: which one shows behind them. */
  private parentheses(): Test {
    const { cursor } = this;
    const mark = cursor.mark();
    let problem: unknown;
    const tags = this.layers.snapshot();
    try {
      cursor.next();
      const inner = this.expression();
      cursor.expect(')');
      if (!isOperator(cursor.peek().text)) return inner;
    } catch (error) {
      problem = error;
    }
    cursor.back(mark);
    this.layers.restore(tags);
    try {
      return comparison(cursor, this.layers);
    } catch (error) {
      // The reading that got further knows better what is wrong.
      throw furthest(problem, error);
    }
  }

  /** A number that stands for itself where numbers are identifiers: `port 80 or 443`. */
  private isIdentifier(): boolean {
    const { cursor } = this;
    if (this.last === null || cursor.peek().kind !== 'number') return false;
    const behind = cursor.peek(1).text;
    return !isOperator(behind) && !['=', '==', '!=', '<', '>', '<=', '>='].includes(behind);
  }

  private primitive(): Test {
    const { cursor, layers } = this;
    const token = cursor.peek();
    const { kind, text, column } = token;
    if (kind === 'end') throw filterError(column, 'the expression ends where a test must stand');
    if (kind !== 'word') return this.bare(token);
    if (FOREIGN.includes(text)) throw filterError(column, `${text} is not known here`);
    if (cursor.take('vlan')) return this.vlan(column);
    if (cursor.take('less')) return this.length((length, limit) => length <= limit);
    if (cursor.take('greater')) return this.length((length, limit) => length >= limit);
    if (cursor.take('inbound')) return this.direction('in');
    if (cursor.take('outbound')) return this.direction('out');
    if (cursor.take('broadcast')) return this.toMany('ether', 'broadcast', column);
    if (cursor.take('multicast')) return this.toMany('ether', 'multicast', column);
    const isProtocol = ETHER_WORDS.includes(text) || text in etherTypes || text in ipProtocols;
    if (!isProtocol && !isQualifier(text)) return this.bare(token);
    if (isProtocol) cursor.next();
    const protocol = isProtocol ? text : '';
    if (isProtocol && cursor.take('broadcast')) return this.toMany(text, 'broadcast', column);
    if (isProtocol && cursor.take('multicast')) return this.toMany(text, 'multicast', column);
    const side = this.side();
    const named = this.kind();
    if (side === null && named === null) {
      if (ETHER_WORDS.includes(protocol)) throw filterError(column, `what of ${text}? host, src, dst, proto ...`);
      this.last = null;
      return packetsOf(layers, protocol);
    }
    const qualifiers: Qualifiers = { protocol, side, kind: named ?? 'host' };
    this.last = qualifiers;
    if (cursor.take('(')) {
      const inner = this.identifiers(qualifiers);
      cursor.expect(')');
      return inner;
    }
    return this.identifier(qualifiers);
  }

  /** An identifier alone: it is of the kind of the one before. */
  private bare(token: Token): Test {
    const { last, cursor } = this;
    const { text, column, kind } = token;
    if (last !== null && kind !== 'sign' && !(kind === 'word' && WORDS.includes(text))) return this.identifier(last);
    const near = kind === 'word' ? cursor.suggestion(text, WORDS) : '';
    const why =
      kind === 'sign' ? 'is not where a test begins' : 'says nothing by itself: write host, net or port first';
    throw filterError(column, `${text} ${kind === 'word' && near !== '' ? 'is no word of filters' : why}${near}`);
  }

  /** `port (80 or 443)`. */
  private identifiers(qualifiers: Qualifiers): Test {
    const { cursor } = this;
    const one = (): Test => {
      if (cursor.take('not', '!')) {
        const inner = one();
        return (packet) => !inner(packet);
      }
      if (!cursor.take('(')) return this.identifier(qualifiers);
      const inner = this.identifiers(qualifiers);
      cursor.expect(')');
      return inner;
    };
    let left = one();
    for (;;) {
      if (cursor.take('and', '&&')) left = both(left, one());
      else if (cursor.take('or', '||')) left = either(left, one());
      else return left;
    }
  }

  private side(): Side | null {
    const { cursor } = this;
    const first = cursor.peek().text;
    if (first !== 'src' && first !== 'dst') return null;
    cursor.next();
    const how = cursor.peek().text;
    const second = cursor.peek(1).text;
    const joins = how === 'or' || how === '||' ? 'or' : how === 'and' || how === '&&' ? 'and' : null;
    if (joins === null || second === first || (second !== 'src' && second !== 'dst')) return first;
    cursor.next();
    cursor.next();
    return `src ${joins} dst`;
  }

  private kind(): Kind | null {
    const { text, kind } = this.cursor.peek();
    const found = kind === 'word' ? KINDS.find((each) => each === text) : undefined;
    if (found === undefined) return null;
    this.cursor.next();
    return found;
  }

  private identifier(qualifiers: Qualifiers): Test {
    const token = this.cursor.next();
    if (token.kind === 'end' || token.kind === 'sign')
      throw filterError(token.column, `${missing(qualifiers.kind)} must stand here`);
    switch (qualifiers.kind) {
      case 'host':
        return this.host(qualifiers, token);
      case 'net':
        return this.net(qualifiers, token);
      case 'port':
      case 'portrange':
        return this.port(qualifiers, token);
      case 'proto':
        return this.proto(qualifiers, token);
      default:
        throw filterError(token.column, `${qualifiers.kind} is not known here`);
    }
  }

  private host({ protocol, side, kind }: Qualifiers, token: Token): Test {
    const { layers, cursor } = this;
    const { column, text } = token;
    const which = side ?? 'src or dst';
    if (token.kind === 'mac') {
      if (!ETHER_WORDS.includes(protocol))
        throw filterError(column, `${text} is a MAC address: write ether host ${text}`);
      return this.mac(which, macOctets(text), column);
    }
    if (ETHER_WORDS.includes(protocol)) throw filterError(column, `${text} is no MAC address, as 02:00:00:00:00:01 is`);
    if (protocol in ipProtocols)
      throw filterError(column, `${protocol} has no addresses: write ${protocol} and ${kind}`);
    if (cursor.peek().text === '/') throw filterError(cursor.peek().column, `a mask goes with net: net ${text}/...`);
    const addresses = token.kind === 'ipv4' || token.kind === 'ipv6' ? [text] : this.addressesOf(token);
    const tests = addresses.flatMap((address) => {
      const octets = octetsOf(address);
      const types = typesFor(protocol, octets.length === 4 ? 4 : 6);
      return types.length === 0 ? [] : [layers.snapshot().address(types, which, { octets, bits: octets.length * 8 })];
    });
    if (tests.length === 0) throw filterError(column, `${text} is not an address of ${protocol}`);
    return any(tests);
  }

  private addressesOf({ kind, text, column }: Token): readonly string[] {
    if (kind === 'number') {
      // A number by itself is the whole address, as in the days of inet_aton.
      const value = Number(text) >>> 0;
      return [[24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.')];
    }
    const known = this.hosts[text];
    if (known !== undefined) return [known].flat();
    const near = this.cursor.suggestion(text, Object.keys(this.hosts));
    throw filterError(column, `no host is called ${text} here: write its address${near}`);
  }

  private net({ protocol, side }: Qualifiers, token: Token): Test {
    const { cursor, layers } = this;
    const { text, column } = token;
    const isFour = token.kind === 'ipv4' || token.kind === 'number';
    if (!isFour && token.kind !== 'ipv6')
      throw filterError(column, `${text} is no network: write 10.1.0.0/16 or fd00::/8`);
    if (protocol in ipProtocols) throw filterError(column, `${protocol} has no addresses: write ${protocol} and net`);
    const parts = isFour ? text.split('.') : [];
    const whole = isFour ? [...parts, '0', '0', '0'].slice(0, 4).join('.') : text;
    if (isFour && !isIPv4(whole)) throw filterError(column, `${text} is no network`);
    const octets = octetsOf(whole);
    let bits = isFour ? 8 * parts.length : 128;
    if (cursor.take('/')) bits = this.prefix(octets.length * 8);
    else if (cursor.take('mask')) bits = this.mask();
    const network: Network = { octets, bits };
    if (!isClean(network)) throw filterError(column, `${text} has bits behind the ${bits} that count`);
    const types = typesFor(protocol, isFour ? 4 : 6);
    if (types.length === 0) throw filterError(column, `${text} is not a network of ${protocol}`);
    return layers.snapshot().address(types, side ?? 'src or dst', network);
  }

  private prefix(most: number): number {
    const { kind, text, column } = this.cursor.next();
    if (kind === 'number' && Number(text) <= most) return Number(text);
    throw filterError(column, `a number of bits from 0 to ${most} must stand here`);
  }

  private mask(): number {
    const { kind, text, column } = this.cursor.next();
    const octets = kind === 'ipv4' && isIPv4(text) ? octetsOf(text) : null;
    if (octets === null) throw filterError(column, 'a mask, as 255.255.0.0, must stand here');
    const bits = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('');
    if (/01/.test(bits)) throw filterError(column, `${text} has holes: it is no mask`);
    return bits.indexOf('0') < 0 ? 32 : bits.indexOf('0');
  }

  private port({ protocol, side, kind }: Qualifiers, token: Token): Test {
    const { text, column } = token;
    const ported = ['', 'tcp', 'udp', 'sctp'];
    if (!ported.includes(protocol))
      throw filterError(column, `${protocol} has no ports: write ${kind} alone, or tcp ${kind}`);
    const [first = '', last = first] = kind === 'portrange' ? rangeOf(text) : [text];
    const low = this.portNumber(first, column);
    const high = last === first ? low : this.portNumber(last, column);
    // A name that the system knows for TCP alone means TCP's port.
    const by = protocol === '' && low.protocols?.length === 1 ? (low.protocols[0] as string) : protocol;
    const which = by === 'tcp' || by === 'udp' || by === 'sctp' ? by : null;
    const [from, to] = [low.port, high.port].toSorted((a, b) => a - b) as [number, number];
    return this.layers.snapshot().port(which, side ?? 'src or dst', from, to);
  }

  private portNumber(text: string, column: number): ServicePort {
    const isNumber = /^(0x[0-9a-f]+|\d+)$/i.test(text);
    const found = isNumber ? { port: Number(text), protocols: null } : portOf(text);
    if (found !== null && found.port <= 0xffff) return found;
    if (found !== null) throw filterError(column, `${text} is not a port: the highest is 65535`);
    throw filterError(column, `no service is called ${text}${this.cursor.suggestion(text, serviceNames())}`);
  }

  private proto({ protocol }: Qualifiers, { kind, text, column }: Token): Test {
    const layers = this.layers.snapshot();
    const isEther = ETHER_WORDS.includes(protocol);
    const names = isEther ? etherTypes : protocolNumbers;
    const number = kind === 'number' ? Number(text) : names[text];
    if (number === undefined)
      throw filterError(column, `no protocol is called ${text}${this.cursor.suggestion(text, Object.keys(names))}`);
    if (isEther) return layers.carries(number);
    if (protocol === 'ip') return layers.protocol(number, [4]);
    if (protocol === 'ip6') return layers.protocol(number, [6]);
    if (protocol !== '') throw filterError(column, `proto goes with ip, ip6 and ether, not with ${protocol}`);
    return layers.protocol(number, [4, 6]);
  }

  private vlan(column: number): Test {
    const { cursor, layers } = this;
    if (!layers.isEthernet && !layers.isTyped) throw filterError(column, 'packets of this capture have no VLAN tags');
    if (cursor.peek().kind !== 'number') return layers.vlan(null);
    const { text, column: at } = cursor.next();
    if (Number(text) > 0xfff) throw filterError(at, `${text} is no VLAN: the highest is 4095`);
    return layers.vlan(Number(text));
  }

  private length(holds: (length: number, limit: number) => boolean): Test {
    const { kind, text, column } = this.cursor.next();
    if (kind !== 'number') throw filterError(column, 'a number of octets must stand here');
    const limit = Number(text);
    return ({ original }) => holds(original, limit);
  }

  private direction(wanted: 'in' | 'out'): Test {
    return ({ direction }) => direction === wanted;
  }

  private toMany(protocol: string, what: 'broadcast' | 'multicast', column: number): Test {
    const layers = this.layers.snapshot();
    if (protocol === 'ip' && what === 'multicast')
      return both(layers.carries(0x0800), (packet) => load(packet, layers.header + 16, 1) >= 224);
    if (protocol === 'ip6' && what === 'multicast')
      return both(layers.carries(0x86dd), (packet) => load(packet, layers.header + 24, 1) === 255);
    if (!ETHER_WORDS.includes(protocol)) throw filterError(column, `${protocol} ${what} is not known here`);
    if (what === 'multicast') {
      this.needsEthernet(column);
      return (packet) => (load(packet, 0, 1) & 1) === 1;
    }
    return this.mac('dst', new Uint8Array(6).fill(0xff), column);
  }

  private mac(side: Side, octets: Uint8Array, column: number): Test {
    this.needsEthernet(column);
    const network: Network = { octets, bits: 48 };
    return bySide(
      side,
      (packet) => within(packet, 6, network),
      (packet) => within(packet, 0, network),
    );
  }

  private needsEthernet(column: number): void {
    if (!this.layers.isEthernet) throw filterError(column, 'packets of this capture have no MAC addresses');
  }
}

function isQualifier(text: string): boolean {
  return text === 'src' || text === 'dst' || (KINDS as readonly string[]).includes(text);
}

function isOperator(text: string): boolean {
  return ['+', '-', '*', '/', '%', '^', '&', '|', '<<', '>>', '=', '==', '!=', '<', '>', '<=', '>='].includes(text);
}

function packetsOf(layers: Layers, protocol: string): Test {
  const type = etherTypes[protocol];
  if (type !== undefined) return layers.snapshot().carries(type);
  const [number, families] = ipProtocols[protocol] ?? [0, []];
  return layers.snapshot().protocol(number, families);
}

/** Which headers hold addresses of that family, by the protocol that is asked for. */
function typesFor(protocol: string, family: 4 | 6): readonly ('ip' | 'ip6' | 'arp' | 'rarp')[] {
  const types = family === 4 ? (['ip', 'arp', 'rarp'] as const) : (['ip6'] as const);
  return protocol === '' ? types : types.filter((type) => type === protocol);
}

function macOctets(text: string): Uint8Array {
  const parts = text.includes('.') ? text.split('.').flatMap((part) => part.match(/../g) ?? []) : text.split(/[:-]/);
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}

/** `20-25`; names may have dashes of their own. */
function rangeOf(text: string): readonly string[] {
  const match = /^(\d+|[a-z][\w.]*)-(\d+|[a-z][\w.]*)$/i.exec(text);
  return match === null ? [text] : [match[1] as string, match[2] as string];
}

function missing(kind: Kind): string {
  if (kind === 'port') return 'a port';
  if (kind === 'portrange') return 'a range of ports, as 20-25,';
  return kind === 'net' ? 'a network' : kind === 'proto' ? 'a protocol' : 'an address';
}

function isClean({ octets, bits }: Network): boolean {
  return octets.every((octet, i) => {
    const own = Math.min(8, Math.max(0, bits - 8 * i));
    return (octet & (0xff >> own)) === 0;
  });
}

function furthest(a: unknown, b: unknown): unknown {
  const column = (error: unknown): number =>
    Number(/column (\d+)/.exec((error as UserError | undefined)?.message ?? '')?.[1] ?? 0);
  return column(a) >= column(b) ? a : b;
}
