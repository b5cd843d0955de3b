/** Event patterns: which event is meant, in words: `client sends SYN`, `server enters SYN-RECEIVED`, `SYN from client is lost`. */
import { type DueName, dueNames } from '../../tcp/due.ts';
import { stateNames } from '../../tcp/state.ts';
import { parseKind, Words } from '../match.ts';
import type { PacketRecord, RunEvent, SocketCall } from './event.ts';

export interface EventPattern {
  readonly text: string;
  matches(event: RunEvent): boolean;
}

type Test = (event: RunEvent) => boolean;

const calls: readonly SocketCall[] = [
  'socket',
  'bind',
  'listen',
  'accept',
  'connect',
  'write',
  'read',
  'shutdown',
  'close',
  'abort',
  'setsockopt',
  'sendto',
  'recvfrom',
];

const hostMoves = ['crashes', 'boots', 'pauses', 'resumes'] as const;
const timerMoves = { fires: 'fired', starts: 'set', stops: 'stopped' } as const;

/**
 * HOST `sends` or `gets` PACKET; PACKET `is lost`; HOST `enters` STATE; HOST `calls` CALL; HOST `returns from` CALL
 * [`with` RESULT]; HOST `timer` NAME `fires`, `starts` or `stops`; HOST `creates TCB` or `deletes TCB`; HOST `drops`
 * [REASON]; HOST `crashes`, `boots`, `pauses`, `resumes`; `cable is unplugged`, `plugged` or `changed`. PACKET is as in packet
 * patterns, without an ordinal. Throws RangeError, which says what could stand there.
 */
export function parsePattern(text: string): EventPattern {
  const words = text.split(' ');
  return { text, matches: parseTest(words) };
}

function parseTest(words: string[]): Test {
  if (words.slice(-2).join(' ') === 'is lost') {
    const matches = parseKind(new Words(words.slice(0, -2).join(' ')));
    return (event) => event.type === 'lost' && matches(event.packet);
  }
  if (words[0] === 'cable') {
    const [, is, what = ''] = words;
    if (is !== 'is' || !['unplugged', 'plugged', 'changed'].includes(what) || words.length > 3) {
      throw new RangeError(`expected "cable is unplugged", "plugged" or "changed", found "${words.join(' ')}"`);
    }
    return (event) => event.type === 'cable' && event.what === what;
  }
  const [host = '', verb = '', ...rest] = words;
  const test = onHost(verb, rest, host.length + verb.length + 2);
  return (event) => test(event, host);
}

/** `column`: characters in front of `rest`. */
function onHost(verb: string, rest: string[], column: number): (event: RunEvent, host: string) => boolean {
  switch (verb) {
    case 'sends':
    case 'gets':
      return packetTest(verb, parseKind(new Words(rest.join(' '), column)));
    case 'enters': {
      const state = oneOf(stateNames, rest);
      return (event, host) => event.type === 'state' && event.host === host && event.to === state;
    }
    case 'calls': {
      const call = oneOf(calls, rest.slice(0, 1));
      const detail = rest.slice(1).join(' ');
      return (event, host) =>
        event.type === 'call' &&
        event.host === host &&
        event.call === call &&
        (detail === '' || event.detail.includes(detail) || event.socket === detail);
    }
    case 'returns':
      return returnTest(rest);
    case 'timer': {
      const timer: DueName = oneOf(dueNames, rest.slice(0, 1));
      const what = timerMoves[oneOf(['fires', 'starts', 'stops'] as const, rest.slice(1))];
      return (event, host) =>
        event.type === 'timer' && event.host === host && event.timer === timer && event.what === what;
    }
    case 'creates':
    case 'deletes': {
      oneOf(['TCB'], rest);
      const what = verb === 'creates' ? 'created' : 'deleted';
      return (event, host) => event.type === 'tcb' && event.host === host && event.what === what;
    }
    case 'drops': {
      const reason = rest.join(' ');
      return (event, host) => event.type === 'drop' && event.host === host && event.reason.includes(reason);
    }
    default: {
      const what = hostMoves.find((each) => each === verb);
      if (what !== undefined && rest.length === 0) {
        return (event, host) => event.type === 'host' && event.host === host && event.what === what;
      }
      const verbs = [
        'sends',
        'gets',
        'enters',
        'calls',
        'returns',
        'timer',
        'creates',
        'deletes',
        'drops',
        ...hostMoves,
      ];
      throw new RangeError(`expected a host and ${verbs.join(', ')}, found "${[verb, ...rest].join(' ')}"`);
    }
  }
}

function packetTest(
  verb: 'sends' | 'gets',
  matches: (packet: PacketRecord) => boolean,
): (event: RunEvent, host: string) => boolean {
  if (verb === 'sends')
    return (event, host) => event.type === 'sent' && event.packet.from === host && matches(event.packet);
  return (event, host) => event.type === 'arrived' && event.packet.to === host && matches(event.packet);
}

/** `from CALL [with RESULT]`. */
function returnTest(rest: string[]): (event: RunEvent, host: string) => boolean {
  const [from, name = '', preposition, ...result] = rest;
  if (from !== 'from' || (preposition !== undefined && preposition !== 'with')) {
    throw new RangeError(`expected "returns from CALL with RESULT", found "returns ${rest.join(' ')}"`);
  }
  const call = oneOf(calls, [name]);
  const wanted = result.join(' ');
  return (event, host) =>
    event.type === 'return' && event.host === host && event.call === call && begins(event.result, wanted);
}

/** Whether a text begins with these words, whole: `4 octets` is not `1024 octets`, nor `50` the beginning of `500 octets`. */
function begins(text: string, words: string): boolean {
  return text.startsWith(words) && (words === '' || !/^\w/.test(text.slice(words.length)));
}

function oneOf<T extends string>(choices: readonly T[], words: readonly string[]): T {
  const text = words.join(' ');
  const found = choices.find((each) => each === text);
  if (found === undefined) throw new RangeError(`expected ${choices.join(', ')}, found "${text}"`);
  return found;
}
