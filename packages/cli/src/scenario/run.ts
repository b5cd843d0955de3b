/** Scenarios from the command line, played by the stack and told step by step. */
import { styleText } from 'node:util';
import { SECOND } from 'synwave';
import { type LabelMode, play, type Run, record } from 'synwave/sim';
import { CaptureFile } from '../capture-file.ts';
import { Exit, UserError } from '../errors.ts';
import { widthOf } from '../ladder/columns.ts';
import { paint, terminalColumns } from '../ladder/look.ts';
import type { Language } from '../language.ts';
import type { Text } from '../text/text.ts';
import { scenarioDrawing } from './drawing.ts';
import { allScenarios, choose } from './files.ts';
import { isProgramFile, runProgram } from './program.ts';

export interface ScenarioOptions {
  readonly list: boolean;
  readonly seed?: number | string;
  readonly labels: LabelMode;
  readonly width?: number;
  readonly ascii: boolean;
  readonly words: boolean;
  readonly json: boolean;
  readonly write?: string;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

export async function runScenarios(
  names: readonly string[],
  options: ScenarioOptions,
  language: Language,
  text: Text,
): Promise<void> {
  if (options.list) {
    process.stdout.write(options.json ? listDocument() : list(language, text));
    return;
  }
  if (names.length === 0) throw new UserError('which scenario? synwave run --list names them');
  if (options.write !== undefined && names.length > 1)
    throw new UserError('-w takes the capture of one scenario alone');
  let failed = 0;
  for (const name of names) {
    const how = isProgramFile(name) ? runProgram : runOne;
    if (!(await how(name, options, language, text))) failed++;
  }
  if (names.length > 1 && !options.json) process.stdout.write(`${names.length - failed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode = Exit.Expectation;
}

/** Answers whether every step came. */
function runOne(name: string, options: ScenarioOptions, language: Language, text: Text): boolean {
  const { seed, json, quiet, verbose, labels, ascii, words, write, width = terminalColumns() } = options;
  const { scenario, variant } = choose(name);
  const run = play(scenario, { variant, ...(seed === undefined ? {} : { seed }) });
  const capture = write === undefined ? null : new CaptureFile(write, `synwave run ${name}`);
  if (capture !== null) record(capture, run.stage.cables);
  const { passed, problem } = run.finish();
  capture?.close();
  if (json) for (const line of documents(name, run)) process.stdout.write(`${JSON.stringify(line)}\n`);
  else if (!quiet) {
    const look = { width, ascii, verbose, paint, language, labels, words };
    process.stdout.write(`${scenarioDrawing(run, look, text)}\n\n`);
  }
  if (capture !== null && !json && !quiet) {
    process.stderr.write(`synwave: ${text.captured(capture.packets, capture.path)}\n`);
  }
  if (!passed) process.stderr.write(`synwave: ${name}: ${problem}\n`);
  return passed;
}

/** What happened, one event on a line, octets left out; the verdict last. Times in seconds. */
function documents(name: string, run: Run): object[] {
  const events = run.events.map((event) => {
    const shown: Record<string, unknown> = { ...event, time: event.time / SECOND };
    if ('packet' in event) {
      const { octets: _octets, sentAt, arrivesAt, ...packet } = event.packet;
      shown['packet'] = {
        ...packet,
        sentAt: sentAt / SECOND,
        arrivesAt: arrivesAt === null ? null : arrivesAt / SECOND,
      };
    }
    delete shown['octets'];
    return shown;
  });
  const { passed, problem } = run.verdict();
  return [
    ...events,
    { type: 'verdict', scenario: name, passed, problem, steps: run.steps.length, of: run.plot.steps.length },
  ];
}

function listDocument(): string {
  const listed = allScenarios().map(({ id, number, title, variants }) => {
    return { id, number, title, variants: variants.map((each) => ({ id: each.id, title: each.title })) };
  });
  return `${JSON.stringify(listed, null, 2)}\n`;
}

function list(language: Language, text: Text): string {
  const scenarios = allScenarios();
  const widest = Math.max(...scenarios.map(({ id }) => widthOf(id)));
  const lines = scenarios.flatMap(({ id, number, title, variants }) => [
    `${String(number ?? '').padStart(3)}  ${id.padEnd(widest)}  ${title[language]}`,
    ...variants.map(
      (each) => `     ${' '.repeat(widest)}  ${styleText('gray', `${id}:${each.id}  ${each.title[language]}`)}`,
    ),
  ]);
  return `${lines.join('\n')}\n\n${text.runHint}\n`;
}
