/** Setup: what the reader builds in the playground: names of a scenario file that stand instead of the file's own. */
import type { Words } from 'synwave/sim';

export interface HostSetup {
  readonly name: string;
  readonly title: Words;
}

/** A value of a scenario file, with its unit. */
export type Setting = string | number | boolean;

export interface LinkSetup {
  readonly between: readonly [string, string];
  readonly delay: string;
  readonly [name: string]: Setting | readonly [string, string];
}

/** A server that is there from the beginning. */
export interface ServerSetup {
  readonly who: string;
  readonly do: 'listen';
  readonly port?: number;
  readonly app: { readonly name: string; readonly [setting: string]: Setting };
}

export interface Setup {
  readonly profile: 'rfc' | 'linux';
  /** Settings of TCP, on every host. */
  readonly config: Readonly<Record<string, Setting>>;
  readonly hosts: readonly HostSetup[];
  readonly links: readonly LinkSetup[];
  readonly script: readonly ServerSetup[];
  /** What a file that was opened says beside that. */
  readonly [name: string]: unknown;
}

const parts = ['hosts', 'links', 'script'] as const;

/** A value from a link or from a file, as far as it can be seen here; the stack looks at the rest. Null: it is none. */
export function setupOf(value: unknown): Setup | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const file = { profile: 'rfc', config: {}, script: [], ...value } as Record<string, unknown>;
  return parts.every((name) => Array.isArray(file[name])) ? (file as unknown as Setup) : null;
}

/** The file that is played: the scenario's own, or with what was built instead. */
export function merged(file: unknown, setup: Setup | undefined): unknown {
  if (setup === undefined || typeof file !== 'object') return file;
  const { id, number } = file as { readonly id: string; readonly number: number };
  return { ...file, variants: [], steps: [], never: [], faults: [], ...setup, id, number };
}
