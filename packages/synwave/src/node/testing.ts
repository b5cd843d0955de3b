/** synwave/testing: a test in a world, for any runner; when it fails, the capture and the ladder of its packets are left behind. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PcapngWriter } from '../capture/pcapng-write.ts';
import { Recording } from '../sim/recording.ts';
import { type NodeWorld, type NodeWorldOptions, world } from './sim.ts';

export interface InWorldOptions extends NodeWorldOptions {
  /** The context that vitest or node:test hands to the test: it gives the files their name, and they are attached to it. */
  readonly test?: object;
  /** The name of the files; that of the test by default, or `world`. */
  readonly name?: string;
  /** Where the files go; `synwave-failures` in the working folder by default. */
  readonly folder?: string;
  /** Octets of packets that are kept for them, the last ones; 32 MiB by default. */
  readonly keep?: number;
}

/** A failure of the file system is told beside the error, and does not take its place. */
interface Left {
  readonly files: readonly { readonly path: string; readonly what: string; readonly type: string }[];
  readonly trouble: string | null;
}

const FOLDER = 'synwave-failures';
const LONGEST_NAME = 80;

/**
 * Makes a world, runs `program` in it, and answers what that answers. What fails rejects as it is, with more to its
 * message: seed and hash, how to have the same run again, and where the packets are: as a capture (pcapng) and as text.
 */
export async function inWorld<T>(options: InWorldOptions, program: (w: NodeWorld) => Promise<T> | T): Promise<T> {
  const { test, name, folder = FOLDER, keep, ...about } = options;
  const w = world({ hash: true, ...about });
  const recording = new Recording(w, keep);
  try {
    return await w.run(async () => program(w));
  } catch (error) {
    recording.stop();
    const left = leave(recording, join(folder, fileName(name ?? nameOf(test) ?? 'world', w.seed)), error);
    if (error instanceof Error) extend(error, [...facts(w), ...told(left)]);
    await attach(test, left);
    throw error;
  } finally {
    recording.stop();
  }
}

function leave(recording: Recording, path: string, error: unknown): Left {
  const chunks: Uint8Array[] = [];
  recording.write(new PcapngWriter({ sink: (octets) => chunks.push(octets.slice()), application: 'synwave' }));
  const ladder = `${[...recording.lines(), '', error instanceof Error ? (error.stack ?? error.message) : String(error)].join('\n')}\n`;
  const files = [
    { path: `${path}.pcapng`, what: 'capture', type: 'application/x-pcapng', content: Buffer.concat(chunks) },
    { path: `${path}.txt`, what: 'ladder', type: 'text/plain', content: ladder },
  ];
  try {
    mkdirSync(join(path, '..'), { recursive: true });
    for (const { path: file, content } of files) writeFileSync(file, content);
    return { files, trouble: null };
  } catch (reason) {
    return { files: [], trouble: reason instanceof Error ? reason.message : String(reason) };
  }
}

function facts({ seed, now, shape, hash }: NodeWorld): string[] {
  const at = `${(now / 1_000_000).toFixed(6)} s`;
  return [
    `world: seed ${seed}, at ${at}, shape ${shape}, hash ${hash}`,
    `the same run again: SYNWAVE_SEED=${/^[\w.-]+$/.test(String(seed)) ? seed : `'${seed}'`}`,
  ];
}

function told({ files, trouble }: Left): string[] {
  const lines = files.map(({ what, path }) => `${what}: ${path}`);
  return trouble === null ? lines : [...lines, `its packets could not be written: ${trouble}`];
}

/** Runners print the message, the stack, or both. */
function extend(error: Error, lines: readonly string[]): void {
  const { message, stack } = error;
  const more = `${message}\n\n${lines.join('\n')}\n`;
  try {
    error.message = more;
    if (stack !== undefined) error.stack = stack.includes(message) ? stack.replace(message, () => more) : stack;
  } catch {
    // it may not be changed: the files are there all the same
  }
}

async function attach(test: object | undefined, { files }: Left): Promise<void> {
  if (test === undefined) return;
  const { annotate, diagnostic } = test as {
    annotate?: (message: string, attachment: { path: string; contentType: string }) => Promise<unknown>;
    diagnostic?: (message: string) => void;
  };
  for (const { path, what, type } of files) {
    if (typeof annotate === 'function') {
      const attachment = { path: resolve(path), contentType: type };
      // What cannot be attached is there all the same, and the failure is what matters.
      await annotate.call(test, `${what} of the world`, attachment).catch(() => undefined);
    }
    if (typeof diagnostic === 'function') diagnostic.call(test, `${what}: ${path}`);
  }
}

/** As the runner has it; undefined: it has none. */
function nameOf(test: object | undefined): string | undefined {
  const { task, fullName, name } = (test ?? {}) as {
    task?: { name?: string; fullName?: string; fullTestName?: string };
    fullName?: string;
    name?: string;
  };
  return task?.fullTestName ?? task?.fullName ?? task?.name ?? fullName ?? name;
}

/** Letters, digits and hyphens of any language; what else there is becomes a hyphen. */
function fileName(name: string, seed: number | string): string {
  const slug = (text: string): string => text.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '');
  return `${slug(name).slice(-LONGEST_NAME) || 'world'}-seed-${slug(String(seed)) || 'empty'}`;
}
