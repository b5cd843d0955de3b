/** One packet script from its file: read, run, its capture written. What comes back can travel between threads. */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ProfileName, runScript, type Trace } from 'synwave/drill';
import { CaptureFile } from '../capture-file.ts';
import { systemReason } from '../errors.ts';

export interface Job {
  readonly file: string;
  readonly profile: ProfileName | null;
  readonly seed: number | string;
  readonly definitions: Readonly<Record<string, string>>;
  /** Where the capture goes; null: there is none. */
  readonly capture: string | null;
  /** Whether what happened is told as well. */
  readonly traced: boolean;
}

export interface JobResult {
  readonly file: string;
  /** `unreadable`: the file itself. */
  readonly status: 'passed' | 'failed' | 'malformed' | 'unsupported' | 'unreadable';
  readonly line: number;
  readonly message: string;
  /** Microseconds of virtual time. */
  readonly time: number;
  readonly packets: number;
  readonly trace: readonly Trace[];
}

export function runJob({ file, profile, seed, definitions, capture, traced }: Job): JobResult {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    return {
      file,
      status: 'unreadable',
      line: 0,
      message: `${file}: ${systemReason(error)}`,
      time: 0,
      packets: 0,
      trace: [],
    };
  }
  if (capture !== null) mkdirSync(dirname(capture), { recursive: true });
  const recorder = capture === null ? null : new CaptureFile(capture, 'synwave run');
  try {
    const result = runScript(source, {
      name: file,
      seed,
      definitions,
      ...(profile === null ? {} : { profile }),
      ...(recorder === null ? {} : { recorder }),
    });
    const { status, line, message, time, packets, trace } = result;
    return { file, status, line, message, time, packets: packets.length, trace: traced ? trace : [] };
  } finally {
    recorder?.close();
  }
}
