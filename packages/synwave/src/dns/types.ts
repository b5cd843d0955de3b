/** The numbers of the DNS (RFC 1035 §3.2, §4.1.1) and their names; what has no name here is written TYPE65 (RFC 3597 §5). */

/** Types of which a record is read field by field. */
const recordNumbers = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
} as const;

/** Types that only questions have (RFC 1035 §3.2.3, RFC 1995). */
const questionNumbers = { IXFR: 251, AXFR: 252, ANY: 255 } as const;

const numbers: Readonly<Record<string, number>> = { ...recordNumbers, ...questionNumbers };

const names: ReadonlyMap<number, string> = new Map(Object.entries(numbers).map(([name, number]) => [number, name]));

export type KnownType = keyof typeof recordNumbers;
/** A type that is carried as octets. */
export type OtherType = `TYPE${number}`;
export type RecordType = KnownType | OtherType;
export type QuestionType = RecordType | keyof typeof questionNumbers;

/** The number of a type, 0 to 65535; -1 for what is no type's name. */
export function typeNumber(type: string): number {
  const known = numbers[type];
  if (known !== undefined) return known;
  const number = Number(/^TYPE(0|[1-9]\d{0,4})$/.exec(type)?.[1] ?? -1);
  return number <= 0xffff ? number : -1;
}

/** The name of a number. */
export function typeName(number: number): QuestionType {
  return (names.get(number) ?? `TYPE${number}`) as QuestionType;
}

/** The class of the Internet: the one that anybody asks for. */
export const IN = 1;
/** QCLASS *, "any class" (RFC 1035 §3.2.5). */
export const ANY_CLASS = 255;

export const Opcode = { Query: 0 } as const;

/** Response codes: RFC 1035 §4.1.1, and BADVERS of RFC 6891 §9. */
export const Rcode = {
  NoError: 0,
  FormErr: 1,
  ServFail: 2,
  NXDomain: 3,
  NotImp: 4,
  Refused: 5,
  BadVers: 16,
} as const;
