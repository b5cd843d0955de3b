/** `synwave explore`: a program is run again and again on bad networks, until it fails; and what it takes to fail. */
import { Command, Option } from 'commander';
import type { Micros } from 'synwave';
import { SECOND } from 'synwave';
import { ExploreError, explore, type FileExplored, type FoundInFile } from 'synwave/explore';
import type { Shard, TestRunner } from 'synwave/sim';
import { Exit, UserError } from '../errors.ts';
import { type FoundFiles, writeFound } from '../explore/files.ts';
import { RunsProgress } from '../explore/progress.ts';
import { onInterrupt } from '../interrupt.ts';
import { type Language, languageNames, textIn } from '../language.ts';
import { valued } from '../options.ts';
import type { Text } from '../text/text.ts';
import { parseCount, parseSeconds, parseSeed, parseShard } from '../values.ts';

interface ExploreCommandOptions {
  readonly export: string;
  readonly runs: number;
  readonly seed: number | string;
  readonly shard?: Shard;
  readonly workers?: number;
  readonly time?: Micros;
  readonly all: boolean;
  readonly schedules: boolean;
  readonly out: string;
  readonly runner: TestRunner;
  readonly progress?: 'plain';
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** The command, for the program to take in. */
export function exploreCommand(language: Language): Command {
  const text = textIn(language);
  return new Command('explore')
    .argument('[file]')
    .option('--export <name>', '', 'default')
    .addOption(valued('--runs', '<count>', parseCount).default(1000))
    .addOption(valued('--seed', '<seed>', parseSeed).default(1))
    .addOption(valued('--shard', '<k/n>', parseShard))
    .addOption(valued('--workers', '<count>', parseCount))
    .addOption(valued('--time', '<time>', parseSeconds))
    .option('--all', '', false)
    .option('--no-schedules')
    .option('--out <folder>', '', 'failures')
    .addOption(new Option('--runner <name>').choices(['node', 'vitest']).default('node'))
    .addOption(new Option('--progress <look>').choices(['plain']))
    .addOption(new Option('--lang <language>').choices(languageNames))
    .option('--json', '', false)
    .option('-v, --verbose', '', false)
    .option('-q, --quiet', '', false)
    .configureHelp({ formatHelp: () => text.helpExplore })
    .action((file: string | undefined, options: ExploreCommandOptions) => exploreFile(file, options, text));
}

async function exploreFile(file: string | undefined, options: ExploreCommandOptions, text: Text): Promise<void> {
  if (file === undefined) throw new UserError('which program? synwave explore FILE');
  const { json, quiet, verbose, out, runner } = options;
  const plain = options.progress === 'plain';
  const shown = !json && !quiet && (plain || process.stderr.isTTY);
  const progress = shown ? new RunsProgress(process.stderr, text, plain) : null;
  const control = new AbortController();
  // What is under way comes to its end, and what has failed is shrunk and written; the second time it breaks off.
  const interrupt = onInterrupt(
    () => control.abort(),
    () => process.exit(Exit.Interrupted),
  );
  const explored = await search(file, options, progress, control.signal);
  interrupt.stop();
  progress?.end(explored.runs, explored.of);
  const found = explored.failures.map((each) => ({ each, files: writeFound(each, explored, out, runner) }));
  if (json) process.stdout.write(`${JSON.stringify(documentOf(file, options, explored, found), null, 2)}\n`);
  else {
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    if (!quiet || found.length > 0) say(text.explored(explored.runs, explored.of, explored.failed));
    for (const { each, files } of found) for (const line of linesOf(each, files, verbose, text)) say(line);
  }
  if (found.length > 0) process.exitCode = Exit.Expectation;
}

async function search(
  file: string,
  options: ExploreCommandOptions,
  progress: RunsProgress | null,
  signal: AbortSignal,
): Promise<FileExplored> {
  const { export: name, runs, seed, shard, workers, time, all, schedules } = options;
  try {
    return await explore(file, {
      export: name,
      runs,
      seed,
      all,
      schedules,
      signal,
      progress: (made, of) => progress?.tell(made, of),
      ...(shard === undefined ? {} : { shard }),
      ...(workers === undefined ? {} : { workers }),
      ...(time === undefined ? {} : { seconds: time / SECOND }),
    });
  } catch (error) {
    if (error instanceof ExploreError || error instanceof RangeError) throw new UserError(error.message);
    throw error;
  }
}

function linesOf(found: FoundInFile, files: FoundFiles | null, verbose: boolean, text: Text): string[] {
  const { run, seed, failure, faults, smallest } = found;
  const lines = ['', text.runFails(run, seed, failure.message)];
  if (smallest === null) lines.push(`  ${text.notRepeated}`);
  else {
    lines.push(`  ${text.fewest(smallest.sentences.length, faults.length)}`);
    for (const sentence of smallest.sentences) lines.push(`    ${sentence}`);
    if (smallest.failure.message !== failure.message) lines.push(`  ${text.failsThen(smallest.failure.message)}`);
  }
  const { report } = (smallest ?? found).failure;
  if (verbose) lines.push(...report.split('\n').map((line) => `  | ${line}`));
  if (files !== null) {
    lines.push(`  synwave run ${files.scenario}  ${text.repeatsIt}`, `  ${files.test}`, `  ${files.capture}`);
  }
  return lines;
}

function documentOf(
  file: string,
  { shard }: ExploreCommandOptions,
  { export: name, seed, runs, of, failed }: FileExplored,
  found: readonly { readonly each: FoundInFile; readonly files: FoundFiles | null }[],
): object {
  const failures = found.map(({ each: { run, seed: worldSeed, failure, faults, smallest }, files }) => ({
    run,
    seed: worldSeed,
    kind: failure.kind,
    message: failure.message,
    faults: faults.length,
    smallest:
      smallest === null
        ? null
        : {
            events: smallest.sentences,
            faults: smallest.told,
            message: smallest.failure.message,
            report: smallest.failure.report,
          },
    files,
  }));
  return { program: file, export: name, seed, shard: shard ?? null, runs, of, failed, failures };
}
