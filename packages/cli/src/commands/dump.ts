/** `synwave dump`: packets of a capture, one line each, as tcpdump prints them; or those that a filter wants, into a new one. */
import { readFileSync } from 'node:fs';
import { Argument, Command, Option } from 'commander';
import { type Capture, CaptureError, type CapturePacket, readCapture } from 'synwave/pcapng';
import { CaptureFile } from '../capture-file.ts';
import type { Seen } from '../dump/filter/octets.ts';
import { parseFilter } from '../dump/filter/parse.ts';
import { type LinesOptions, PacketLines } from '../dump/lines.ts';
import { isShown, linkTypeText } from '../dump/link-header.ts';
import type { StampStyle } from '../dump/stamps.ts';
import { Exit, systemReason, UserError } from '../errors.ts';
import { type Language, languageNames, textIn } from '../language.ts';
import { valued } from '../options.ts';
import type { Text } from '../text/text.ts';
import { parseCount } from '../values.ts';

interface DumpOptions {
  readonly read?: string;
  readonly write?: string;
  readonly count?: number;
  readonly S: boolean;
  readonly e: boolean;
  readonly A: boolean;
  readonly nano: boolean;
  readonly direction?: 'in' | 'out';
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Flags whose number tells something: `-tttt`, `-XX`. */
interface Repeated {
  t: number;
  x: number;
  X: number;
}

/** The command, for the program to take in. */
export function dumpCommand(language: Language): Command {
  const text = textIn(language);
  const repeated: Repeated = { t: 0, x: 0, X: 0 };
  const command = new Command('dump')
    .addArgument(new Argument('[filter...]'))
    .option('-r, --read <file>')
    .option('-w, --write <file>')
    .addOption(valued('-c, --count', '<count>', parseCount))
    .option('-n') // as it is anyway: nobody is asked for names
    .option('-S', '', false)
    .option('-e', '', false)
    .option('-x')
    .option('-X')
    .option('-A', '', false)
    .option('-t')
    .option('-l') // every line goes out by itself anyway
    .option('-U')
    .option('--nano', '', false)
    .addOption(new Option('-Q, --direction <way>').choices(['in', 'out']))
    .option('--json', '', false)
    .option('-q, --quiet', '', false)
    .addOption(new Option('--lang <language>').choices(languageNames))
    .configureHelp({ formatHelp: () => text.helpDump })
    .action((words: string[], options: DumpOptions) => dump(words.join(' '), options, repeated, text));
  for (const name of ['t', 'x', 'X'] as const) command.on(`option:${name}`, () => repeated[name]++);
  return command;
}

function dump(filter: string, options: DumpOptions, repeated: Repeated, text: Text): void {
  const { read, write, quiet } = options;
  if (read === undefined) throw new UserError('what to read? dump -r FILE');
  const capture = open(read);
  const wanted = new Wanted(filter, capture, options.direction);
  if (!quiet) announce(read, capture);
  const copy = write === undefined ? null : new CaptureFile(write, 'synwave dump');
  const take = copy === null ? printer(capture, options, repeated) : copier(capture, copy);
  let count = 0;
  try {
    for (const packet of capture.packets) {
      if (!wanted.is(packet)) continue;
      take(packet);
      if (++count === options.count) break;
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    throw new UserError(`${read}: ${error.message}`, Exit.Failed);
  } finally {
    copy?.close();
  }
  if (copy !== null && !quiet) process.stderr.write(`synwave: ${text.captured(copy.packets, copy.path)}\n`);
}

function open(path: string): Capture {
  let file: Buffer;
  try {
    file = readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${systemReason(error)}`);
  }
  try {
    return readCapture(file);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    throw new UserError(`${path}: ${error.message}`);
  }
}

/** As tcpdump tells what it reads. */
function announce(path: string, { interfaces }: Capture): void {
  const types = [...new Set(interfaces.map(({ linkType }) => linkTypeText(linkType)))];
  process.stderr.write(`reading from file ${path}, link-type ${types.join(', ') || 'unknown'}\n`);
}

/** The filter, for each link type of the capture. */
class Wanted {
  private readonly tests: ReadonlyMap<number, (packet: Seen) => boolean>;
  private readonly capture: Capture;
  private readonly direction: 'in' | 'out' | undefined;

  constructor(filter: string, capture: Capture, direction: 'in' | 'out' | undefined) {
    this.capture = capture;
    this.direction = direction;
    const types = capture.interfaces.map(({ linkType }) => linkType);
    for (const type of types)
      if (!isShown(type)) throw new UserError(`packets of link type ${type} are not known here`);
    this.tests = new Map([...new Set(types)].map((type) => [type, parseFilter(filter, type)]));
  }

  is(packet: CapturePacket): boolean {
    if (this.direction !== undefined && packet.direction !== this.direction) return false;
    return this.tests.get(linkTypeOf(this.capture, packet))?.(packet) ?? true;
  }
}

function linkTypeOf({ interfaces }: Capture, { interfaceId }: CapturePacket): number {
  return interfaces[interfaceId]?.linkType ?? -1;
}

function printer(capture: Capture, options: DumpOptions, repeated: Repeated): (packet: CapturePacket) => void {
  const lines = new PacketLines(linesOptions(options, repeated));
  return (packet) => {
    const line = lines.lines(linkTypeOf(capture, packet), packet);
    const { interfaceId, time, original, direction, comment } = packet;
    const told = {
      type: 'packet',
      time: Number(time) / 1e9,
      interface: interfaceId,
      length: original,
      direction,
      comment,
    };
    process.stdout.write(`${options.json ? JSON.stringify({ ...told, line }) : line}\n`);
  };
}

function linesOptions({ S, e, A, nano, json }: DumpOptions, { t, x, X }: Repeated): LinesOptions {
  if (t > 5) throw new UserError('-t is given five times at most');
  const octets = A ? 'text' : X > 0 ? 'both' : x > 0 ? 'hex' : null;
  return {
    stamps: json ? 1 : (t as StampStyle),
    nano,
    absolute: S,
    link: e,
    octets,
    octetsOfLink: X > 1 || (X === 0 && x > 1),
  };
}

/** Takes packets over into another file, with what is said of them. */
function copier({ interfaces }: Capture, copy: CaptureFile): (packet: CapturePacket) => void {
  const ids = interfaces.map((each) => copy.addInterface(each));
  return ({ interfaceId, time, data, original, comment, direction, lost }) => {
    const about = {
      original,
      lost,
      ...(comment === null ? {} : { comment }),
      ...(direction === null ? {} : { direction }),
    };
    copy.packet(ids[interfaceId] ?? 0, time, data, about);
  };
}
