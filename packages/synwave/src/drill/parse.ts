/** Reads a packet script: options, a command before, steps, a command behind. */
import { type Micros, SECOND } from '../base/time.ts';
import { parseCall } from './parse-call.ts';
import { parsePacket } from './parse-packet.ts';
import { Reader } from './reader.ts';
import type { Action, CommandSpec, Moment, Place, Script, ScriptOption, Step } from './script.ts';

const OPTION = /--[A-Za-z0-9_]+/y;
const OPTION_VALUE = /"[^"\n]*"|[^\s"]+/y;
const TIME = /\d+\.(?!\.)\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+/y;
const STEP_TIME = /[-+*.\d]/y;

/** Words that the caller has for names of a script: `--define NAME=VALUE`. */
export type Definitions = Readonly<Record<string, string>>;

/** Reads a script. `name` is what messages call it. Throws ScriptError with line, column and what was expected. */
export function parseScript(text: string, name: string, definitions: Definitions = {}): Script {
  const reader = new Reader(substitute(text, definitions), name);
  const options: ScriptOption[] = [];
  while (reader.sees('--')) options.push(parseOption(reader));
  const init = reader.sees('`') ? standalone(reader) : null;
  const steps: Step[] = [];
  while (!reader.done && !reader.sees('`')) steps.push(parseStep(reader));
  const cleanup = reader.sees('`') ? standalone(reader) : null;
  if (!reader.done) reader.expected('the end of the script: nothing comes after the last command');
  checkOrder(reader, steps);
  return { name, options, init, steps, cleanup };
}

function substitute(text: string, definitions: Definitions): string {
  let result = text;
  for (const [word, value] of Object.entries(definitions)) {
    result = result.replaceAll(new RegExp(`(?<![\\w])${word}(?![\\w])`, 'g'), () => value);
  }
  return result;
}

function parseOption(reader: Reader): ScriptOption {
  const place = reader.placeOf(reader.at);
  OPTION.lastIndex = reader.at;
  const found = OPTION.exec(reader.text);
  if (found === null) return reader.expected('the name of an option, as in --ip_version=ipv4');
  reader.at += found[0].length;
  const name = found[0].slice(2);
  if (!reader.sees('=')) {
    reader.skip();
    return { name, value: null, place };
  }
  reader.at++;
  const value = reader.match(OPTION_VALUE);
  if (value === null) return reader.expected(`the value of --${name}`);
  return { name, value: value.replaceAll('"', ''), place };
}

function standalone(reader: Reader): CommandSpec & { readonly place: Place } {
  const place = reader.placeOf(reader.at);
  return { ...parseCommand(reader), place };
}

/** Commands that stand together, each in backticks. */
function parseCommand(reader: Reader): CommandSpec {
  const parts: string[] = [];
  do parts.push(between(reader, '`', '`', 'a command'));
  while (reader.sees('`'));
  return { kind: 'command', command: parts.join('\n') };
}

function between(reader: Reader, open: string, close: string, what: string): string {
  const from = reader.at;
  const end = reader.text.indexOf(close, from + open.length);
  if (end < 0) reader.fail(`${what} without an end`, `expected ${close}`);
  reader.at = end + close.length;
  const text = reader.text.slice(from + open.length, end);
  reader.skip();
  return text;
}

function parseStep(reader: Reader): Step {
  const from = reader.at;
  const place = reader.placeOf(from);
  const text = reader.lineOf(from);
  const time = parseMoment(reader);
  const end = reader.take('...') ? parseTime(reader) : null;
  const began = reader.at;
  const action = parseAction(reader, end);
  if (end !== null && action.kind !== 'call') reader.failAt(began, 'only a call can block: expected a call behind ...');
  if (end !== null && time.kind !== 'at') reader.failAt(from, 'a call that blocks begins at one time');
  if (time.kind !== 'at' && !('out' in action && action.out)) {
    reader.failAt(from, 'only a packet that is expected (>) may come at any time, or in a range of time');
  }
  return { place, text, time, action };
}

function parseAction(reader: Reader, end: Micros | null): Action {
  if (reader.sees('<') || reader.sees('>')) return parsePacket(reader);
  if (reader.sees('`')) return { kind: 'command', command: between(reader, '`', '`', 'a command') };
  if (reader.sees('%{')) return { kind: 'code', code: between(reader, '%{', '}%', 'code') };
  return parseCall(reader, end);
}

/** `1.5`, `+.1`, `*`, `1~2`, `+1~+2`. */
function parseMoment(reader: Reader): Moment {
  if (!reader.ahead(STEP_TIME)) reader.expected('a time, as 0.1, +0.1, * or 0.1~0.2');
  if (reader.take('*')) return { kind: 'any' };
  const relative = reader.take('+');
  const from = parseTime(reader);
  if (!reader.take('~')) return { kind: 'at', at: from, relative };
  const at = reader.at;
  if (reader.take('+') !== relative) reader.failAt(at, 'both ends of a range are relative (+1~+2), or neither is');
  const to = parseTime(reader);
  if (to < from) reader.failAt(at, 'a range of time ends before it begins');
  return { kind: 'range', from, to, relative };
}

function parseTime(reader: Reader): Micros {
  const text = reader.match(TIME);
  if (text === null) return reader.expected('a time in seconds');
  return Math.round(Number(text) * SECOND);
}

/** Absolute times do not go back. */
function checkOrder(reader: Reader, steps: readonly Step[]): void {
  let last = -1;
  for (const { time, place } of steps) {
    if (time.kind === 'any' || time.relative) {
      last = time.kind === 'any' ? last : Math.max(last, -1);
      continue;
    }
    const at = time.kind === 'at' ? time.at : time.from;
    if (at < last) reader.failAt(offsetOf(reader, place), 'the time lies before that of the step above');
    last = at;
  }
}

function offsetOf(reader: Reader, { line, column }: Place): number {
  let at = 0;
  for (let n = 1; n < line; n++) at = reader.text.indexOf('\n', at) + 1;
  return at + column - 1;
}
