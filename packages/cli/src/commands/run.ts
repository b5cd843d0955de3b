/** `synwave run`: scenarios by name, packet scripts by their files: what it is called says who runs it. */
import { Command, Option } from 'commander';
import { profileNames } from 'synwave/drill';
import { labelModes } from 'synwave/sim';
import { type DrillOptions, runDrill } from '../drill/run.ts';
import { UserError } from '../errors.ts';
import { type Language, languageNames, textIn } from '../language.ts';
import { valued } from '../options.ts';
import { runScenarios, type ScenarioOptions } from '../scenario/run.ts';
import type { Text } from '../text/text.ts';
import { parseSeed, parseWidth } from '../values.ts';

interface RunOptions extends ScenarioOptions, Pick<DrillOptions, 'profile'> {
  readonly define: Readonly<Record<string, string>>;
  /** The same as `write`. */
  readonly pcap?: string;
}

/** The command, for the program to take in. */
export function runCommand(language: Language): Command {
  const text = textIn(language);
  return new Command('run')
    .argument('[scenario...]')
    .option('--list', '', false)
    .addOption(valued('--seed', '<seed>', parseSeed))
    .addOption(new Option('--labels <mode>').choices(labelModes).default('textbook'))
    .addOption(new Option('--lang <language>').choices(languageNames))
    .addOption(valued('--width', '<columns>', parseWidth))
    .option('--ascii', '', false)
    .option('--no-words')
    .option('--json', '', false)
    .option('-w, --write <file>')
    .option('--pcap <file>')
    .option('-v, --verbose', '', false)
    .option('-q, --quiet', '', false)
    .addOption(new Option('--profile <name>').choices(profileNames))
    .addOption(new Option('-D, --define <name=value>').argParser(define).default({}))
    .configureHelp({ formatHelp: () => text.helpRun })
    .action((names: readonly string[], options: RunOptions) => run(names, options, language, text));
}

async function run(names: readonly string[], options: RunOptions, language: Language, text: Text): Promise<void> {
  const { pcap, define: definitions, seed = 1, ...rest } = options;
  const write = options.write ?? pcap;
  const scripts = names.filter((name) => name.endsWith('.pkt'));
  if (scripts.length === 0) {
    await runScenarios(names, { ...options, ...(write === undefined ? {} : { write }) }, language, text);
    return;
  }
  if (scripts.length < names.length)
    throw new UserError('scenarios and packet scripts do not go together: run the one or the other');
  await runDrill(scripts, { ...rest, seed, definitions, ...(write === undefined ? {} : { write }) }, text);
}

function define(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1 || !/^\w+$/.test(text.slice(0, at))) throw new UserError(`--define ${text}: write NAME=VALUE`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
