/** `synwave traceroute`: the routers on the way to a host; what it prints is what Linux's traceroute prints. */
import { Command } from 'commander';
import { type Hop, MILLISECOND, type Micros, type PingAnswer, SECOND } from 'synwave';
import { CaptureFile } from '../capture-file.ts';
import { Exit, UserError } from '../errors.ts';
import { failed } from '../failures.ts';
import { type Language, textIn } from '../language.ts';
import { type PlaceOptions, placeOptions, valued } from '../options.ts';
import { addressFor, familyOf, type Place, placeOf } from '../place.ts';
import type { Text } from '../text/text.ts';
import { parseCount, parseHops, parseSeconds } from '../values.ts';

interface TracerouteCommandOptions extends PlaceOptions {
  readonly maxHops: number;
  readonly queries: number;
  readonly wait: Micros;
  /** False: addresses alone. */
  readonly names: boolean;
  readonly 4?: boolean;
  readonly 6?: boolean;
  readonly json: boolean;
  readonly write?: string;
}

/** Octets of data in an echo, and of the packet around it. */
const SIZE = 32;
const packetSize = (address: string): number => SIZE + 8 + (address.includes(':') ? 40 : 20);

/** The command, for the program to take in. */
export function tracerouteCommand(language: Language): Command {
  const text = textIn(language);
  const command = new Command('traceroute')
    .argument('[host]')
    .addOption(valued('-m, --max-hops', '<hops>', parseHops).default(30))
    .addOption(valued('-q, --queries', '<count>', parseCount).default(3))
    .addOption(valued('-w, --wait', '<time>', parseSeconds).default(SECOND))
    .option('-n, --no-names')
    .option('-4')
    .option('-6')
    .option('--json', '', false)
    .option('--write <file>')
    .configureHelp({ formatHelp: () => text.helpTraceroute })
    .action((target: string | undefined, options: TracerouteCommandOptions) => traceroute(target, options, text));
  for (const option of placeOptions()) command.addOption(option);
  return command;
}

async function traceroute(target: string | undefined, options: TracerouteCommandOptions, text: Text): Promise<void> {
  if (target === undefined) throw new UserError('whose way? traceroute HOST');
  const { maxHops, queries, wait, json, write } = options;
  const family = familyOf(options);
  const capture = write === undefined ? null : new CaptureFile(write, 'synwave traceroute');
  const place = await placeOf(options, capture);
  const nameOf = options.names ? place.nameOf : null;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  let reached = false;
  try {
    const address = addressFor(place, target, family, 'traceroute to');
    const size = packetSize(address);
    if (json) say(JSON.stringify({ type: 'start', target, address, maxHops, size }));
    else say(`traceroute to ${target} (${address}), ${maxHops} hops max, ${size} byte packets`);
    await place.run(async () => {
      const hops = place.host.traceroute(address, { maxHops, probes: queries, timeout: wait, size: SIZE });
      for await (const hop of hops) {
        say(json ? JSON.stringify(documentOf(hop, place.nameOf)) : hopLine(hop, nameOf));
        reached = hop.answers.some(({ type }) => type === 'reply');
      }
    });
  } catch (error) {
    throw failed(`traceroute to ${target}`, error);
  } finally {
    place.close();
    capture?.close();
  }
  if (capture !== null && !json) process.stderr.write(`synwave: ${text.captured(capture.packets, capture.path)}\n`);
  if (!reached) process.exitCode = Exit.Failed;
}

/**
 * ` 1  r1 (10.1.0.1)  0.400 ms  0.400 ms  0.400 ms`; who answers is named where it is another than before. `nameOf` null: by
 * the address alone.
 */
export function hopLine({ ttl, answers }: Hop, nameOf: Place['nameOf'] | null): string {
  let line = `${String(ttl).padStart(2)} `;
  let last = '';
  for (const answer of answers) {
    if (answer.type === 'timeout') {
      line += ' *';
      continue;
    }
    const { from } = answer;
    if (from !== last) line += nameOf === null ? ` ${from}` : ` ${nameOf(from) ?? from} (${from})`;
    last = from;
    line += `  ${(answer.time / MILLISECOND).toFixed(3)} ms${mark(answer)}`;
  }
  return line;
}

/** What traceroute puts behind the time of an answer that is neither a reply nor about hops. */
function mark(answer: PingAnswer): string {
  switch (answer.type) {
    case 'unreachable':
      return answer.unreachable === null ? ' !U' : marks[answer.unreachable];
    case 'prohibited':
      return ' !X';
    case 'packet too big':
      return ` !F-${answer.mtu}`;
    case 'parameter problem':
      return ' !P';
    default:
      return '';
  }
}

const marks = { net: ' !N', host: ' !H', protocol: ' !P', port: '' } as const;

/** Times in milliseconds. */
function documentOf({ ttl, answers }: Hop, nameOf: Place['nameOf']): object {
  const told = answers.map((answer) => {
    const time = answer.time / MILLISECOND;
    if (answer.type === 'timeout') return { type: answer.type, time };
    const { type, from, unreachable, mtu } = answer;
    return {
      type,
      from,
      name: nameOf(from),
      time,
      ...(unreachable === null ? {} : { unreachable }),
      ...(mtu > 0 ? { mtu } : {}),
    };
  });
  return { type: 'hop', ttl, answers: told };
}
