/** `synwave handshake`: a file over a real TCP connection in virtual time, drawn as a ladder. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { MILLISECOND, type Micros, profiles } from 'synwave';
import { type LabelMode, labelModes } from 'synwave/sim';
import { Exit, systemReason, UserError } from '../errors.ts';
import { ClientCapture } from '../handshake/capture.ts';
import { documentOf } from '../handshake/document.ts';
import { Progress } from '../handshake/progress.ts';
import { type Run, run } from '../handshake/run.ts';
import { drawing } from '../ladder/drawing.ts';
import { paint, terminalColumns } from '../ladder/look.ts';
import { type Language, languageNames, textIn } from '../language.ts';
import { valued } from '../options.ts';
import type { Text } from '../text/text.ts';
import { parseDuration, parsePercent, parseSeed, parseWidth } from '../values.ts';

interface HandshakeOptions {
  readonly file?: string;
  readonly delay: Micros;
  readonly jitter: Micros;
  readonly loss: number;
  readonly reorder: number;
  readonly duplicate: number;
  readonly corrupt: number;
  readonly seed: number | string;
  readonly profile: keyof typeof profiles;
  readonly labels: LabelMode;
  readonly width?: number;
  readonly ascii: boolean;
  readonly json: boolean;
  readonly write?: string;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** A jitter that is asked for without saying how much. */
const JITTER: Micros = 5 * MILLISECOND;

/** The command, for the program to take in. */
export function handshakeCommand(language: Language): Command {
  const text = textIn(language);
  return new Command('handshake')
    .argument('[file]')
    .option('--file <path>')
    .addOption(valued('--delay', '<time>', parseDuration).default(20 * MILLISECOND))
    .addOption(valued('--jitter', '[time]', parseDuration).preset(`${JITTER}us`).default(0))
    .addOption(valued('--loss', '<share>', parsePercent).default(0))
    .addOption(valued('--reorder', '<share>', parsePercent).default(0))
    .addOption(valued('--duplicate', '<share>', parsePercent).default(0))
    .addOption(valued('--corrupt', '<share>', parsePercent).default(0))
    .addOption(valued('--seed', '<seed>', parseSeed).default(1))
    .addOption(new Option('--profile <name>').choices(Object.keys(profiles)).default('rfc'))
    .addOption(new Option('--labels <mode>').choices(labelModes).default('textbook'))
    .addOption(new Option('--lang <language>').choices(languageNames))
    .addOption(valued('--width', '<columns>', parseWidth))
    .option('--ascii', '', false)
    .option('--json', '', false)
    .option('-w, --write <file>')
    .option('-v, --verbose', '', false)
    .option('-q, --quiet', '', false)
    .configureHelp({ formatHelp: () => text.helpHandshake })
    .action((file: string | undefined, options: HandshakeOptions) => handshake(file, options, text));
}

async function handshake(argument: string | undefined, options: HandshakeOptions, text: Text): Promise<void> {
  const { file, delay, jitter, loss, reorder, duplicate, corrupt, seed, profile, json, quiet } = options;
  if (argument !== undefined && file !== undefined)
    throw new UserError('give the file once: as FILE or as --file FILE');
  if (options.verbose && quiet) throw new UserError('--verbose and --quiet do not go together');
  const content = contentOf(argument ?? file ?? readme());
  const capture = options.write === undefined ? null : new ClientCapture(options.write);
  const progress = process.stderr.isTTY && !json && !quiet ? new Progress(process.stderr, text, content.length) : null;
  let result: Run | null = null;
  try {
    result = await run({
      content,
      seed,
      profile,
      link: { delay, jitter, loss, reorder, duplicate, corrupt },
      capture,
      onSocket: (socket) => progress?.watch(socket),
    });
  } finally {
    progress?.end(result?.bytes ?? 0);
    capture?.close();
  }
  if (json) process.stdout.write(`${JSON.stringify(documentOf(result, capture?.path ?? null), null, 2)}\n`);
  else if (!quiet) {
    const { labels, ascii, verbose, width = terminalColumns() } = options;
    process.stdout.write(`${drawing(result, labels, { width, ascii, verbose, paint }, text)}\n`);
  }
  if (capture !== null && !json && !quiet)
    process.stderr.write(`synwave: ${text.captured(capture.packets, capture.path)}\n`);
  const { failure, sha256 } = result;
  if (failure !== null) throw new UserError(failure.message, Exit.Failed);
  if (sha256.sent !== sha256.received) throw new UserError('what arrived is not what was sent', Exit.Failed);
}

/** The octets of a file, or of standard input for `-`. Throws UserError when it cannot be read. */
function contentOf(path: string): Uint8Array {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${systemReason(error)}`);
  }
}

/** The README of the package that the command came with. */
function readme(): string {
  return join(dirname(createRequire(import.meta.url).resolve('synwave/package.json')), 'README.md');
}
