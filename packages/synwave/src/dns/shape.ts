/**
 * The shape of a DNS message (RFC 1035 §4.1): where its records are, and that each is as long as it says. A codec that
 * has this looked at first meets no name that runs in circles and no record that reaches into the next.
 */
import { isLabelOctet, LABEL_MOST, NAME_MOST } from './name.ts';
import { IN, typeName } from './types.ts';

/** A record, from the octet of its type on. */
export interface RecordShape {
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly typeAt: number;
  readonly dataAt: number;
  readonly dataEnd: number;
}

export interface Shape {
  readonly questions: readonly { readonly type: number; readonly class: number }[];
  /** Answers, authorities and additionals, in their order. */
  readonly records: readonly RecordShape[];
  /** How many of them are answers, and how many authorities. */
  readonly answers: number;
  readonly authorities: number;
}

export const HEADER = 12;
/** RFC 1035 §4.1.4: two bits that make an octet the beginning of a pointer. */
const POINTER = 0xc0;
/** A name has 127 labels at most; more pointers than that lead nowhere. */
const JUMPS = 127;
const BAD = -1;

/**
 * Null for what is malformed, and for what cannot be written down: a label with octets that do not print, or with a dot
 * inside, which as text would be another name. What follows the last record is not looked at.
 */
export function shapeOf(octets: Uint8Array): Shape | null {
  if (octets.length < HEADER) return null;
  return new Reader(octets).message();
}

class Reader {
  private readonly octets: Uint8Array;
  private readonly view: DataView;

  constructor(octets: Uint8Array) {
    this.octets = octets;
    this.view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  message(): Shape | null {
    const { view, octets } = this;
    const [asked, answers, authorities, additionals] = [4, 6, 8, 10].map((at) => view.getUint16(at)) as Four;
    const questions: { type: number; class: number }[] = [];
    let at = HEADER;
    for (let i = 0; i < asked; i++) {
      const end = this.nameEnd(at);
      if (end === BAD || end + 4 > octets.length) return null;
      questions.push({ type: view.getUint16(end), class: view.getUint16(end + 2) });
      at = end + 4;
    }
    const records: RecordShape[] = [];
    for (let i = 0; i < answers + authorities + additionals; i++) {
      const record = this.record(at);
      if (record === null || !this.holds(record, at)) return null;
      records.push(record);
      at = record.dataEnd;
    }
    return { questions, records, answers, authorities };
  }

  /** §4.1.3: name, type, class, TTL, length, data. */
  private record(at: number): RecordShape | null {
    const { view, octets } = this;
    const typeAt = this.nameEnd(at);
    const dataAt = typeAt + 10;
    if (typeAt === BAD || dataAt > octets.length) return null;
    const dataEnd = dataAt + view.getUint16(typeAt + 8);
    if (dataEnd > octets.length) return null;
    const [type, cls] = [view.getUint16(typeAt), view.getUint16(typeAt + 2)];
    return { type, class: cls, ttl: view.getUint32(typeAt + 4), typeAt, dataAt, dataEnd };
  }

  /** Whether the data are of the length that their type has. */
  private holds({ type, class: cls, dataAt, dataEnd }: RecordShape, at: number): boolean {
    const name = typeName(type);
    if (name === 'OPT') return this.octets[at] === 0 && this.optionsEnd(dataAt, dataEnd) === dataEnd;
    if (cls !== IN) return true;
    switch (name) {
      case 'A':
        return dataEnd - dataAt === 4;
      case 'AAAA':
        return dataEnd - dataAt === 16;
      case 'CNAME':
      case 'NS':
      case 'PTR':
        return this.nameEnd(dataAt) === dataEnd;
      case 'MX':
        return this.nameEnd(dataAt + 2) === dataEnd;
      case 'SRV':
        return this.nameEnd(dataAt + 6) === dataEnd;
      case 'SOA': {
        const mailbox = this.nameEnd(dataAt);
        const numbers = mailbox === BAD ? BAD : this.nameEnd(mailbox, true);
        return numbers !== BAD && numbers + 20 === dataEnd;
      }
      case 'TXT':
        return this.stringsEnd(dataAt, dataEnd) === dataEnd;
      default:
        return true;
    }
  }

  /** RFC 6891 §6.1.2: pairs of a code and a length, then as many octets. */
  private optionsEnd(from: number, end: number): number {
    let at = from;
    while (at + 4 <= end) at += 4 + this.view.getUint16(at + 2);
    return at;
  }

  /** §3.3: a length in one octet, then as many octets. */
  private stringsEnd(from: number, end: number): number {
    let at = from;
    while (at < end) at += 1 + (this.octets[at] as number);
    return at;
  }

  /**
   * Where the name at `from` ends, or its pointer. A pointer leads to before where the reading began, or began anew, so
   * that it cannot lead in circles (§4.1.4: to a prior occurrence). `mailbox`: the first label may have dots in it,
   * though neither in front nor at the end: no mailbox has, and a codec that takes them for the name's own loses them.
   */
  private nameEnd(from: number, mailbox = false): number {
    const { octets, view } = this;
    let [at, began, end, length] = [from, from, BAD, 1];
    for (let jumps = 0, first = true; ; ) {
      const size = octets[at];
      if (size === undefined) return BAD;
      if (size === 0) return end === BAD ? at + 1 : end;
      if ((size & POINTER) === POINTER) {
        if (at + 2 > octets.length || ++jumps > JUMPS) return BAD;
        if (end === BAD) end = at + 2;
        at = view.getUint16(at) & 0x3fff;
        if (at < HEADER || at >= began) return BAD;
        began = at;
      } else {
        length += size + 1;
        if (size > LABEL_MOST || length > NAME_MOST || !this.isLabel(at + 1, at + 1 + size, mailbox && first))
          return BAD;
        at += 1 + size;
        first = false;
      }
    }
  }

  private isLabel(from: number, end: number, dots: boolean): boolean {
    const { octets } = this;
    if (end > octets.length) return false;
    for (let i = from; i < end; i++) {
      const octet = octets[i] as number;
      const inside = i > from && i + 1 < end;
      if (!isLabelOctet(octet) && !(dots && inside && octet === 0x2e)) return false;
    }
    return true;
  }
}

type Four = [number, number, number, number];
