/** The programs of examples/worlds, which know nothing of synwave, and how often each run of one seed is the same. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What a run leaves: hashes over times, flags and lengths, and over every octet. */
interface Left {
  readonly shape: string;
  readonly hash: string;
}

type Run = (seed: number, ...more: unknown[]) => Promise<Left>;

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../../../examples/worlds/${name}.mjs`, import.meta.url));
}

async function load(name: string): Promise<Run> {
  return ((await import(pathOf(name))) as { run: Run }).run;
}

/** The same seed, so many times: the same packets, octet for octet; another seed gives others. */
export function tested(times: number, processes: number, short: boolean): void {
  let database: PGlite;

  beforeAll(async () => {
    database = await PGlite.create();
  }, 60_000);

  afterAll(() => database.close());

  const [raft, chat, notes] = short ? [2, 2, 2] : [9, 9, 6];

  // ws masks what clients send with octets that it draws in advance, 8 KiB for all of a process: they go on from run to run.
  test.each([
    ['raft', 'hash', async (): Promise<unknown[]> => [raft, 5]],
    ['chat', 'shape', async (): Promise<unknown[]> => [chat]],
    ['notes', 'hash', notesAfterOneRun],
  ] as const)(
    `%s: the same seed gives the same %s ${times} times out of ${times}, another seed another one`,
    async (name, what, prepare) => {
      const [run, more] = [await load(name), await prepare()];
      const { shape, [what]: wanted } = await run(1, ...more);
      expect(shape).toMatch(/^[0-9a-f]{16}$/);
      for (let i = 1; i < times; i++) expect(await run(1, ...more)).toMatchObject({ shape, [what]: wanted });
      expect((await run(2, ...more)).shape).not.toBe(shape);
    },
    600_000,
  );

  /** The database answers its first client with other octets than all that follow. */
  async function notesAfterOneRun(): Promise<unknown[]> {
    await (await load('notes'))(1, database, notes);
    return [database, notes];
  }

  test(`chat: in a process of its own, all octets are the same as well, ${processes} times`, {
    timeout: 600_000,
  }, () => {
    const outputs = Array.from({ length: processes }, () => {
      const { status, stdout } = spawnSync(process.execPath, [pathOf('chat'), '1'], { encoding: 'utf8' });
      expect(status).toBe(0);
      return stdout;
    });
    expect(outputs[0]).toMatch(/hash [0-9a-f]{16}\n$/);
    expect(new Set(outputs).size).toBe(1);
  });
}
