/** What an exploration has found, written into a folder: for each failure a scenario, a test and a capture. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileExplored, FoundInFile } from 'synwave/explore';
import { fileId, type Shrunk, scenarioText, type TestRunner, testText } from 'synwave/sim';
import { systemReason, UserError } from '../errors.ts';

/** Paths, as the user would write them. */
export interface FoundFiles {
  readonly scenario: string;
  readonly test: string;
  readonly capture: string;
}

/** Writes them. Null: the failure could not be repeated. Throws UserError when the folder cannot be written. */
export function writeFound(
  found: FoundInFile,
  { module, export: name }: FileExplored,
  folder: string,
  runner: TestRunner,
): FoundFiles | null {
  const { smallest, capture } = found;
  if (smallest === null || capture === null) return null;
  const shrunk: Shrunk = { ...found, smallest };
  const id = fileId(module, found);
  const files = {
    scenario: join(folder, `${id}.json`),
    test: join(folder, `${id}.test.mjs`),
    capture: join(folder, `${id}.pcapng`),
  };
  const ref = { module: pathFrom(folder, fileURLToPath(module)), name };
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(files.scenario, scenarioText(shrunk, id, ref));
    writeFileSync(files.test, testText(shrunk, basename(files.scenario), runner));
    writeFileSync(files.capture, capture);
  } catch (error) {
    throw new UserError(`cannot write into ${folder}: ${systemReason(error)}`);
  }
  return files;
}

/** As a URL reference: with slashes, and beginning with a dot. */
function pathFrom(folder: string, file: string): string {
  const path = relative(resolve(folder), file).split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
}
