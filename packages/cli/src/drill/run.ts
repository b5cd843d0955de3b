/** Packet scripts from the command line: which files, what is told of each, and how the command ends. */
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ProfileName } from 'synwave/drill';
import { Exit } from '../errors.ts';
import type { Text } from '../text/text.ts';
import type { Job, JobResult } from './job.ts';
import { ladderLines } from './ladder.ts';
import { runJobs } from './workers.ts';

export interface DrillOptions {
  /** Left out: the system that each script was written for. */
  readonly profile?: ProfileName;
  readonly seed: number | string;
  readonly definitions: Readonly<Record<string, string>>;
  readonly write?: string;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

export async function runDrill(files: readonly string[], options: DrillOptions, text: Text): Promise<void> {
  const { profile, seed, definitions, verbose, json } = options;
  const jobs = files.map(
    (file, i): Job => ({
      file,
      profile: profile ?? null,
      seed,
      definitions,
      capture: captureOf(files, i, options),
      traced: verbose,
    }),
  );
  const results: JobResult[] = [];
  let told = 0;
  await runJobs(jobs, (index, result) => {
    results[index] = result;
    // In the order of the files, each as soon as those before it are told.
    for (; results[told] !== undefined; told++) tell(results[told] as JobResult, options);
  });
  const passed = results.filter(({ status }) => status === 'passed').length;
  if (json) say(JSON.stringify({ type: 'summary', passed, failed: results.length - passed }));
  else say(text.drilled(passed, results.length - passed));
  const malformed = results.some(
    ({ status }) => status === 'malformed' || status === 'unreadable' || status === 'unsupported',
  );
  const failed = results.some(({ status }) => status === 'failed');
  if (failed) process.exitCode = Exit.Expectation;
  else if (malformed) process.exitCode = Exit.Usage;
}

/** One capture for one script; for several, a folder with one for each. */
function captureOf(files: readonly string[], index: number, { write }: DrillOptions): string | null {
  if (write === undefined) return null;
  const isFolder = files.length > 1 || (existsSync(write) && statSync(write).isDirectory());
  if (!isFolder) return write;
  const name = basename(files[index] as string, '.pkt');
  const same = files.slice(0, index).filter((file) => basename(file, '.pkt') === name).length;
  return join(write, `${name}${same === 0 ? '' : `-${same + 1}`}.pcapng`);
}

function tell(result: JobResult, { verbose, quiet, json }: DrillOptions): void {
  const { file, status, line, message, time, packets, trace } = result;
  if (json) {
    for (const entry of trace)
      say(JSON.stringify({ type: entry.what, file, time: entry.time / 1e6, line: entry.line, text: entry.text }));
    say(JSON.stringify({ type: 'script', file, status, line, message, time: time / 1e6, packets }));
    return;
  }
  if (verbose) {
    say(`${file}: ${status}`);
    for (const row of ladderLines(trace)) say(row);
  }
  if (status !== 'passed' && !quiet) process.stderr.write(`${message}\n`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
