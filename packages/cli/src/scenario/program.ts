/** A scenario whose network is built by a program: it is run, and told in a few lines how it went. */
import { readFileSync } from 'node:fs';
import { SECOND } from 'synwave';
import { ExploreError, replay } from 'synwave/explore';
import { hasProgram, record, sentence } from 'synwave/sim';
import { CaptureFile } from '../capture-file.ts';
import { UserError } from '../errors.ts';
import type { Language } from '../language.ts';
import type { Text } from '../text/text.ts';

interface ProgramOptions {
  readonly seed?: number | string;
  readonly json: boolean;
  readonly write?: string;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** Whether it is a file with a scenario of that kind. What else is wrong with it, others tell. */
export function isProgramFile(name: string): boolean {
  if (!name.endsWith('.json')) return false;
  try {
    return hasProgram(JSON.parse(readFileSync(name, 'utf8')));
  } catch {
    return false;
  }
}

/** Answers whether the program ended well. Throws UserError for a file or a program that is not there. */
export async function runProgram(
  name: string,
  options: ProgramOptions,
  language: Language,
  text: Text,
): Promise<boolean> {
  const { seed, json, write, verbose, quiet } = options;
  const capture = write === undefined ? null : new CaptureFile(write, `synwave run ${name}`);
  const { scenario, failure, time } = await replay(name, {
    trap: true,
    ...(seed === undefined ? {} : { seed }),
    ...(capture === null ? {} : { laid: (cable) => void record(capture, [cable]) }),
  })
    .catch((error: unknown) => {
      throw error instanceof ExploreError ? new UserError(error.message) : error;
    })
    .finally(() => capture?.close());
  const passed = failure === null;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  if (json) {
    const problem = failure?.message ?? null;
    say(JSON.stringify({ type: 'verdict', scenario: name, passed, problem, time: time / SECOND }));
  } else if (!quiet) {
    const faults = scenario.faults.map(({ match, do: fault }) => {
      return `  ${sentence({ match: typeof match === 'string' ? match : match.text, do: fault })}`;
    });
    const seconds = (time / SECOND).toFixed(3);
    const outcome = passed ? text.programEnds(seconds) : text.programFails(seconds, failure.message);
    for (const line of [scenario.title[language], ...faults, outcome]) say(line);
    if (verbose && !passed) for (const line of failure.report.split('\n')) say(`  | ${line}`);
    if (capture !== null) process.stderr.write(`synwave: ${text.captured(capture.packets, capture.path)}\n`);
  }
  if (!passed) process.stderr.write(`synwave: ${name}: ${failure.message}\n`);
  return passed;
}
