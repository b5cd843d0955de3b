/** Where a URL leads in a folder: never out of it, whether by dots or by links. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';

/** The names of a URL's path, decoded; null when it makes no sense. */
export function namesOf(url: string): readonly string[] | null {
  const [path = ''] = url.split(/[?#]/, 1);
  const absolute = path.startsWith('/') ? path : /^https?:\/\/[^/]+(\/.*)?$/i.exec(path)?.[1];
  if (absolute === undefined) return null;
  const names: string[] = [];
  for (const part of absolute.slice(1).split('/')) {
    const name = decoded(part);
    if (name === null || name === '..' || name.includes('/') || name.includes('\0') || name.includes('\\')) return null;
    if (name !== '.') names.push(name);
  }
  return names;
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** The path of something that is there; null when there is nothing, or it is not in the folder. */
export async function placeIn(folder: string, names: readonly string[]): Promise<string | null> {
  return within(folder, await found(join(folder, ...names)));
}

/** The path for a new file: its folder must be there; null when it is not. */
export async function newPlaceIn(folder: string, names: readonly string[]): Promise<string | null> {
  const path = join(folder, ...names);
  const name = basename(path);
  const parent = within(folder, await found(dirname(path)));
  if (parent === null || names.at(-1) === '' || names.length === 0) return null;
  // A link that stands there already may lead anywhere.
  const there = await found(join(parent, name));
  return there === null ? join(parent, name) : within(folder, there);
}

function within(folder: string, path: string | null): string | null {
  return path === folder || path?.startsWith(folder.endsWith(sep) ? folder : folder + sep) === true ? path : null;
}

async function found(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch {
    return null;
  }
}
