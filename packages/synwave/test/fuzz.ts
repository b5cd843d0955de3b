/** Runs the fuzzer as its users do, for the tests. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the fuzzer. */
export const FUZZ: string = fileURLToPath(new URL('../../../fuzz/', import.meta.url));

/** How it ended, and all that it printed. */
export interface Fuzzed {
  readonly status: number;
  readonly out: string;
}

/** Targets that make a host with connections for each input, and let it come to its end. */
export const hosts: readonly string[] = ['stack', 'station'];

export function fuzz(...args: string[]): Promise<Fuzzed> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [join(FUZZ, 'main.mjs'), ...args], (_error, stdout, stderr) => {
      resolve({ status: child.exitCode ?? -1, out: stdout + stderr });
    });
  });
}

/** The names of all targets. Throws without a build. */
export function targets(): string[] {
  if (!existsSync(join(FUZZ, '../packages/synwave/dist/index.js'))) {
    throw new Error('dist is not there: run `npm run build` first');
  }
  return execFileSync(process.execPath, [join(FUZZ, 'main.mjs'), '--list'], { encoding: 'utf8' })
    .trim()
    .split('\n');
}
