/** What is explored, out of a module of the user's. */
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Program, Subject } from '../sim/explore/subject.ts';

/** Something that the user can mend; one line. */
export class ExploreError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExploreError';
  }
}

/** The module of a path or URL, as its URL. */
export function moduleUrl(module: string | URL): string {
  const text = String(module);
  return /^[a-z][a-z0-9+.-]+:/i.test(text) ? text : pathToFileURL(resolve(text)).href;
}

/** As a user would write it. */
export function moduleText(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url;
}

/** The export of that name of a module. Throws ExploreError. */
export async function loadSubject(url: string, name: string): Promise<Subject> {
  const where = moduleText(url);
  let module: Record<string, unknown>;
  try {
    module = (await import(url)) as Record<string, unknown>;
  } catch (error) {
    const [line = ''] = String(error instanceof Error ? error.message : error).split('\n', 1);
    throw new ExploreError(`cannot load ${where}: ${line}`);
  }
  const found = module[name];
  if (typeof found === 'function') return { program: found as Program };
  if (isSubject(found)) return found;
  const there = Object.keys(module).join(', ') || 'nothing';
  const what = name in module ? `its ${name} is none` : `it has no ${name}`;
  throw new ExploreError(
    `${where} exports no program to explore, a function or { program, property, world }: ${what}, there is ${there}`,
  );
}

function isSubject(value: unknown): value is Subject {
  return typeof value === 'object' && value !== null && 'program' in value && typeof value.program === 'function';
}
