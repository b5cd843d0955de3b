/** Messages as resolvers and servers make them, and which answer belongs to which question. */
import type { Edns, Message, Question } from './codec.ts';
import { IN, Opcode, type QuestionType, Rcode } from './types.ts';

/** RFC 6891 §6.2.3: what is taken from one who says nothing; and what fits through nearly every path in one piece. */
export const PLAIN_SIZE = 512;
export const UDP_SIZE = 1232;
/** What two octets of length can say (RFC 1035 §4.2.2). */
export const LARGEST = 65_535;

/** A question that wants recursion. */
export function queryOf(id: number, name: string, type: QuestionType, edns: Edns | null): Message {
  return {
    id,
    response: false,
    opcode: Opcode.Query,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: Rcode.NoError,
    questions: [{ name, type, class: IN }],
    answers: [],
    authorities: [],
    additionals: [],
    edns,
  };
}

/** An answer that says nothing yet but `rcode`; what the question had is copied (RFC 1035 §4.1.1). */
export function answerTo(query: Message, rcode: number): Message {
  return {
    ...query,
    response: true,
    authoritative: false,
    truncated: false,
    recursionAvailable: false,
    authenticData: false,
    rcode,
    answers: [],
    authorities: [],
    additionals: [],
    edns: null,
  };
}

/**
 * RFC 5452 §9.1: whether a message answers that very question: number, name to the letter, type and class. A server that
 * could not read the question cannot repeat it.
 */
export function isAnswerTo(message: Message, query: Message): boolean {
  const { questions, rcode } = message;
  if (!message.response || message.id !== query.id || message.opcode !== query.opcode) return false;
  if (questions.length === 0) return rcode === Rcode.FormErr || rcode === Rcode.NotImp;
  return questions.length === 1 && sameQuestion(questions[0] as Question, query.questions[0] as Question);
}

function sameQuestion(a: Question, b: Question): boolean {
  return a.name === b.name && a.type === b.type && a.class === b.class;
}
