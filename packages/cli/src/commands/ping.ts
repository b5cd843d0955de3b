/** `synwave ping`: echoes to a host of the simulated internet, or behind a link; what it prints is what Linux's ping prints. */
import { Command } from 'commander';
import { MILLISECOND, type Micros, type PingAnswer, SECOND } from 'synwave';
import { CaptureFile } from '../capture-file.ts';
import { Exit, UserError } from '../errors.ts';
import { failed } from '../failures.ts';
import { onInterrupt } from '../interrupt.ts';
import { type Language, textIn } from '../language.ts';
import { type PlaceOptions, placeOptions, valued } from '../options.ts';
import { answerLine, firstLine, lastLines } from '../ping/lines.ts';
import { PingRun } from '../ping/run.ts';
import { addressFor, familyOf, placeOf } from '../place.ts';
import type { Text } from '../text/text.ts';
import { parseCount, parseData, parseHops, parseSeconds } from '../values.ts';

interface PingCommandOptions extends PlaceOptions {
  readonly count?: number;
  readonly interval: Micros;
  readonly size: number;
  readonly ttl?: number;
  readonly timeout: Micros;
  readonly 4?: boolean;
  readonly 6?: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly write?: string;
}

/** In virtual time nobody would live to see the end of an endless ping. */
const VIRTUAL_COUNT = 4;

/** The command, for the program to take in. */
export function pingCommand(language: Language): Command {
  const text = textIn(language);
  const command = new Command('ping')
    .argument('[host]')
    .addOption(valued('-c, --count', '<count>', parseCount))
    .addOption(valued('-i, --interval', '<time>', parseSeconds).default(SECOND))
    .addOption(valued('-s, --size', '<octets>', parseData).default(56))
    .addOption(valued('-t, --ttl', '<hops>', parseHops))
    .addOption(valued('-W, --timeout', '<time>', parseSeconds).default(10 * SECOND))
    .option('-4')
    .option('-6')
    .option('--json', '', false)
    .option('-q, --quiet', '', false)
    .option('-w, --write <file>')
    .configureHelp({ formatHelp: () => text.helpPing })
    .action((target: string | undefined, options: PingCommandOptions) => ping(target, options, text));
  for (const option of placeOptions()) command.addOption(option);
  return command;
}

async function ping(target: string | undefined, options: PingCommandOptions, text: Text): Promise<void> {
  if (target === undefined) throw new UserError('whom to ask? ping HOST');
  const { interval, size, ttl, timeout, json, quiet, write } = options;
  const family = familyOf(options);
  const capture = write === undefined ? null : new CaptureFile(write, 'synwave ping');
  const place = await placeOf(options, capture);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const event = (type: string, told: object): void => say(JSON.stringify({ type, ...told }));
  try {
    const address = addressFor(place, target, family, 'ping');
    const count = options.count ?? (place.virtual ? VIRTUAL_COUNT : Number.POSITIVE_INFINITY);
    const plan = { address, count, interval, size, timeout, ...(ttl === undefined ? {} : { ttl }) };
    const run = new PingRun(place, plan, (seq, answer) => {
      if (json) event(answer.type, documentOf(seq, answer));
      const line = quiet || json ? null : answerLine(seq, answer);
      if (line !== null) say(line);
    });
    const interrupt = onInterrupt(
      () => run.stop(),
      () => undefined,
    );
    if (json) event('start', { target, address, size });
    else say(firstLine(target, address, size));
    try {
      await place.run(() => run.run());
    } catch (error) {
      throw failed(`ping ${target}`, error);
    } finally {
      run.stop();
      interrupt.stop();
    }
    const { statistics } = run;
    if (json) event('statistics', statistics);
    else for (const line of lastLines(target, statistics)) say(line);
    // As ping: nothing failed that has to be told, and yet nobody is there.
    if (statistics.received === 0) process.exitCode ||= Exit.Failed;
  } finally {
    place.close();
    capture?.close();
  }
  if (capture !== null && !json && !quiet)
    process.stderr.write(`synwave: ${text.captured(capture.packets, capture.path)}\n`);
}

/** Times in milliseconds. */
function documentOf(seq: number, answer: PingAnswer): object {
  const time = answer.time / MILLISECOND;
  if (answer.type === 'timeout') return { seq, time };
  const { from, size, ttl, unreachable, mtu } = answer;
  return { seq, from, size, ttl, time, ...(unreachable === null ? {} : { unreachable }), ...(mtu > 0 ? { mtu } : {}) };
}
