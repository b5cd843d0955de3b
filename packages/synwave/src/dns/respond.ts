/** From a question to its answer, as far as a server's zones go (RFC 1034 §4.3.2, RFC 1035 §4.1.1, RFC 6891 §6). */
import type { Message, Question } from './codec.ts';
import { answerTo } from './message.ts';
import { HEADER } from './shape.ts';
import { ANY_CLASS, IN, Opcode, Rcode } from './types.ts';
import type { Zones } from './zones.ts';

/** An answer, and where it is to be completed from elsewhere: the name to ask for; null: it is complete. */
export interface Response {
  readonly message: Message;
  readonly next: string | null;
}

/** `query` is one, whatever it asks. `udpSize`: what this server takes. */
export function respond(query: Message, zones: Zones, udpSize: number): Response {
  const edns = query.edns === null ? null : { udpSize, version: 0, dnssecOk: query.edns.dnssecOk };
  const fault = faultOf(query);
  const blank = { ...answerTo(query, fault), edns };
  if (fault !== Rcode.NoError) return { message: blank, next: null };
  const { name, type } = query.questions[0] as Question;
  const asked = name.toLowerCase();
  const found = zones.find(asked, type);
  if (found === null) return { message: { ...blank, rcode: Rcode.Refused }, next: asked };
  const { rcode, authoritative, answers, authorities, next } = found;
  const additionals = zones.addressesFor([...answers, ...authorities]);
  return { message: { ...blank, rcode, authoritative, answers, authorities, additionals }, next };
}

/** The code for a question that is not looked up at all; NoError: it is. */
function faultOf({ opcode, questions, edns }: Message): number {
  if (opcode !== Opcode.Query) return Rcode.NotImp;
  const [question] = questions;
  if (question === undefined || questions.length > 1) return Rcode.FormErr; // RFC 9619
  if (edns !== null && edns.version > 0) return Rcode.BadVers;
  if (question.class !== IN && question.class !== ANY_CLASS) return Rcode.Refused;
  // Zones are not handed out whole (RFC 5936 §2.2.1).
  return question.type === 'AXFR' || question.type === 'IXFR' ? Rcode.Refused : Rcode.NoError;
}

/** The answer to octets that are no message: FORMERR with their number; null: there is nothing to answer, or no question. */
export function formError(octets: Uint8Array): Message | null {
  const flags = octets[2] as number;
  if (octets.length < HEADER || (flags & 0x80) !== 0) return null;
  return {
    id: ((octets[0] as number) << 8) | (octets[1] as number),
    response: true,
    opcode: (flags >> 3) & 0xf,
    authoritative: false,
    truncated: false,
    recursionDesired: (flags & 1) !== 0,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: Rcode.FormErr,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
    edns: null,
  };
}
