/** DnsError: why a name was not resolved, with the codes that node:dns has. */

/** Node's codes, without their prefix; ECONNREFUSED: no server could be reached. */
export type DnsErrorCode =
  | 'EBADNAME'
  | 'EBADRESP'
  | 'ECANCELLED'
  | 'ECONNREFUSED'
  | 'EFORMERR'
  | 'ENODATA'
  | 'ENOTFOUND'
  | 'ENOTIMP'
  | 'EREFUSED'
  | 'ESERVFAIL'
  | 'ETIMEOUT';

const sentences: Readonly<Record<DnsErrorCode, string>> = {
  EBADNAME: 'that is no domain name',
  EBADRESP: 'the answer makes no sense',
  ECANCELLED: 'the resolver was closed',
  ECONNREFUSED: 'no name server could be reached',
  EFORMERR: 'the name server does not understand the question',
  ENODATA: 'the name has no record of that type',
  ENOTFOUND: 'there is no such name',
  ENOTIMP: 'the name server does not do that',
  EREFUSED: 'the name server refuses to answer',
  ESERVFAIL: 'the name server failed',
  ETIMEOUT: 'no name server answered in time',
};

/** What a call of a resolver rejects with. The message reads "what: sentence (CODE)". */
export class DnsError extends Error {
  readonly code: DnsErrorCode;
  /** As node:dns has it: `queryAaaa`. */
  readonly syscall: string;
  readonly hostname: string;

  constructor(code: DnsErrorCode, type: string, hostname: string) {
    super(`query ${type} of ${hostname}: ${sentences[code]} (${code})`);
    this.name = 'DnsError';
    this.code = code;
    this.syscall = `query${type.charAt(0)}${type.slice(1).toLowerCase()}`;
    this.hostname = hostname;
  }
}
