/** The list of scenario files, as a module of the page: what each is called comes at once, the file itself when it is asked for. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const NAME = 'virtual:scenarios';
const folder: string = fileURLToPath(new URL('../../synwave/scenarios/', import.meta.url));

/** What the list takes of a file. */
interface File {
  readonly id: string;
  readonly number?: number;
  readonly title: unknown;
  readonly summary: unknown;
  readonly variants?: readonly { readonly id: string; readonly title: unknown }[];
}

/** What the page knows of a file that it has not loaded. */
type Entry = Omit<Required<File>, 'number'> & { readonly number: number | null };

export function scenarios(): Plugin {
  return {
    name: 'synwave-scenarios',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load: (id) => (id === `\0${NAME}` ? moduleText() : null),
  };
}

function moduleText(): string {
  const entries = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => entryOf(JSON.parse(readFileSync(folder + file, 'utf8')) as File));
  entries.sort((a, b) => (a.number ?? Number.POSITIVE_INFINITY) - (b.number ?? Number.POSITIVE_INFINITY));
  const loaders = entries.map(({ id }) => {
    const path = JSON.stringify(`${folder}${id}.json`);
    return `${JSON.stringify(id)}: () => import(${path}).then((module) => module.default)`;
  });
  return `export const list = ${JSON.stringify(entries)};\nexport const files = {\n${loaders.join(',\n')}\n};\n`;
}

function entryOf({ id, number, title, summary, variants = [] }: File): Entry {
  return {
    id,
    number: number ?? null,
    title,
    summary,
    variants: variants.map((each) => ({ id: each.id, title: each.title })),
  };
}
