/** The house itself: each room imports only from floors below it, files form no circle, and what has no place stays out. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** The floor of each room (docs/architecture.md). A room imports from itself and from floors below its own. */
const FLOORS: ReadonlyMap<string, number> = new Map([
  ['base', 1],
  ['wire', 2],
  ['tcp', 3],
  ['udp', 3],
  ['link', 3],
  ['ip', 4],
  ['capture', 4],
  ['stack', 5],
  ['socket', 6],
  ['dhcp', 7],
  ['net', 7],
  ['dns', 7],
  ['dgram', 8],
  ['sim', 8],
  ['drill', 9],
  ['node', 10],
  ['web', 10],
]);

/** The rooms with a platform of their own: real clocks, and modules from outside. */
const PLATFORM: ReadonlySet<string> = new Set(['node', 'web']);

/** An entry file, directly in src: it may import every room that has no platform. */
const ENTRY = 'entry';

/** Names that belong to a platform, or make two runs with one seed differ. */
const REFUSED: ReadonlyArray<readonly [string, RegExp]> = [
  ['Date: time is an argument', /(?<![.\w$])Date\b/],
  ['performance: time is an argument', /(?<![.\w$])performance\b/],
  ['Math.random: randomness is handed in', /\bMath\s*\.\s*random\b/],
  ['a timer: the engine answers with its next deadline', /(?<![.\w$])(?:set|clear)(?:Timeout|Interval|Immediate)\b/],
  ['a name of the platform', /(?<![.\w$])(?:Buffer|console|globalThis)\b/],
];

/** One import or re-export of a file: what it names, and the line that it stands on. */
interface Import {
  readonly specifier: string;
  readonly line: number;
}

interface Source {
  /** The path below src, with slashes. */
  readonly path: string;
  readonly room: string;
  readonly text: string;
  /** The text with comments, strings and template text blanked out, line for line and column for column. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** Blanks every comment and every string, so that words in them are not taken for code. `${...}` in templates stays. */
function blank(text: string): string {
  const out = text.split('');
  const hide = (from: number, to: number): void => {
    for (let k = from; k < to; k++) if (out[k] !== '\n') out[k] = ' ';
  };
  // Where a `}` ends a template's `${`: the depth of braces at each one that is open.
  const templates: number[] = [];
  let depth = 0;
  let i = 0;
  // Reads template text from `i` on, up to its end or to the next `${`.
  const template = (): void => {
    const from = i;
    while (i < text.length && text[i] !== '`' && !text.startsWith('${', i)) i += text[i] === '\\' ? 2 : 1;
    hide(from, i);
    if (text[i] === '$') {
      templates.push(depth);
      i++;
    } else i++;
  };
  while (i < text.length) {
    const from = i;
    const c = text[i] as string;
    if (text.startsWith('//', i)) {
      while (i < text.length && text[i] !== '\n') i++;
      hide(from, i);
    } else if (text.startsWith('/*', i)) {
      const end = text.indexOf('*/', i + 2);
      i = end < 0 ? text.length : end + 2;
      hide(from, i);
    } else if (c === "'" || c === '"') {
      for (i++; i < text.length && text[i] !== c && text[i] !== '\n'; ) i += text[i] === '\\' ? 2 : 1;
      i++;
      hide(from + 1, i - 1);
    } else if (c === '/' && startsRegExp(text, i)) {
      let inClass = false;
      for (i++; i < text.length && text[i] !== '\n' && (inClass || text[i] !== '/'); i++) {
        if (text[i] === '\\') i++;
        else if (text[i] === '[') inClass = true;
        else if (text[i] === ']') inClass = false;
      }
      i++;
      hide(from + 1, i - 1);
    } else if (c === '`') {
      i++;
      template();
    } else if (c === '{') {
      depth++;
      i++;
    } else if (c === '}') {
      depth--;
      i++;
      if (templates.at(-1) === depth) {
        templates.pop();
        template();
      }
    } else i++;
  }
  return out.join('');
}

/** A slash divides after a name, a number or a closing bracket; anywhere else it opens a regular expression. */
function startsRegExp(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 24), at).trimEnd();
  return !/[\w$)\]}]$/.test(before) || /\b(?:return|typeof|case|in|of)$/.test(before);
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let i = 0; i < at; i++) if (text[i] === '\n') line++;
  return line;
}

/** Every `from '...'`, bare `import '...'` and `import('...')`. The keyword is looked for where code is, the name in the text. */
function importsOf(text: string, code: string): Import[] {
  const found: Import[] = [];
  for (const match of code.matchAll(/\b(?:from|import)\s*\(?\s*(['"])/g)) {
    const at = match.index + match[0].length;
    found.push({ specifier: text.slice(at, text.indexOf(match[1] as string, at)), line: lineOf(text, at) });
  }
  return found;
}

function read(path: string, text: string): Source {
  const code = blank(text);
  const at = path.indexOf('/');
  return { path, room: at < 0 ? ENTRY : path.slice(0, at), text, code, imports: importsOf(text, code) };
}

function house(): Source[] {
  return readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => read(relative(SRC, file).split(sep).join('/'), readFileSync(file, 'utf8')))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Where a relative import leads, below src. */
function target(source: Source, specifier: string): string {
  return relative(SRC, resolve(SRC, dirname(source.path), specifier))
    .split(sep)
    .join('/');
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('./') || specifier.startsWith('../');
}

/** What is wrong with where a file's imports lead. */
function misplaced(source: Source): string[] {
  const wrong: string[] = [];
  for (const { specifier, line } of source.imports) {
    const where = `src/${source.path}:${line}`;
    if (!isRelative(specifier)) {
      if (!PLATFORM.has(source.room))
        wrong.push(`${where} imports ${specifier}: only node and web import from outside`);
      continue;
    }
    const to = target(source, specifier);
    const room = to.includes('/') ? to.slice(0, to.indexOf('/')) : ENTRY;
    if (to.startsWith('..')) wrong.push(`${where} imports ${specifier}: that is outside of src`);
    else if (source.room === ENTRY) {
      if (PLATFORM.has(room)) wrong.push(`${where} imports ${to}: an entry file has no platform`);
    } else if (room === ENTRY) wrong.push(`${where} imports ${to}: no room imports an entry file`);
    else if (room !== source.room && !(floor(room) < floor(source.room)))
      wrong.push(`${where} imports ${to}: ${room} is not on a floor below ${source.room}`);
  }
  return wrong;
}

/** A room that the table does not know has no floor: it is below nothing and above nothing. */
function floor(room: string): number {
  return FLOORS.get(room) ?? Number.NaN;
}

/** The first circle that imports form, as the paths in order and the first again; empty when there is none. */
function circle(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const way: string[] = [];
  const walk = (path: string): string[] => {
    const source = byPath.get(path);
    if (source === undefined || done.has(path)) return [];
    const at = way.indexOf(path);
    if (at >= 0) return [...way.slice(at), path];
    way.push(path);
    for (const { specifier } of source.imports) {
      if (!isRelative(specifier)) continue;
      const found = walk(target(source, specifier));
      if (found.length > 0) return found;
    }
    way.pop();
    done.add(path);
    return [];
  };
  for (const { path } of sources) {
    const found = walk(path);
    if (found.length > 0) return found;
  }
  return [];
}

/** Every place in a file's code that the pattern finds, as `file:line: reason`. */
function places(source: Source, pattern: RegExp, reason: string): string[] {
  return [...source.code.matchAll(new RegExp(pattern, 'g'))].map(
    (match) => `src/${source.path}:${lineOf(source.code, match.index)}: ${reason}`,
  );
}

/** The comment at the very top, as plain text; empty when the file begins with anything else. */
function headline(text: string): string {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  return comment.replaceAll(/^\s*\* ?/gm, '').trim();
}

const sources = house();

describe('the rooms of packages/synwave/src', () => {
  test('there are sources to read, and each stands in a room that has a floor', () => {
    expect(sources.length).toBeGreaterThan(20);
    const unknown = sources.filter(({ room }) => room !== ENTRY && !FLOORS.has(room));
    expect(unknown.map(({ path }) => `src/${path}: this room has no floor`)).toEqual([]);
  });

  test('each imports only from the floors below its own', () => {
    expect(sources.flatMap(misplaced)).toEqual([]);
  });

  test('only the stack imports both tcp and ip', () => {
    const rooms = new Map<string, Set<string>>();
    for (const source of sources) {
      if (source.room === ENTRY) continue;
      const seen = rooms.get(source.room) ?? new Set<string>();
      rooms.set(source.room, seen);
      for (const { specifier } of source.imports)
        if (isRelative(specifier)) seen.add(target(source, specifier).split('/')[0] as string);
    }
    const both = [...rooms].filter(([room, seen]) => room !== 'stack' && seen.has('tcp') && seen.has('ip'));
    expect(both.map(([room]) => room)).toEqual([]);
  });

  test('no files import each other in a circle', () => {
    expect(circle(sources)).toEqual([]);
  });
});

describe('what stays out of the sources', () => {
  test.each(REFUSED)('%s', (reason, pattern) => {
    const neutral = sources.filter(({ room, path }) => !PLATFORM.has(room) && !path.endsWith('.d.ts'));
    expect(neutral.flatMap((source) => places(source, pattern, reason))).toEqual([]);
  });

  test('no enum, no `as any`, in any room', () => {
    const wrong = sources.flatMap((source) => [
      ...places(source, /(?<![.\w$])enum\s+[\w$]+\s*\{/, 'enum: types are only erased'),
      ...places(source, /\bas\s+any\b/, 'as any'),
    ]);
    expect(wrong).toEqual([]);
  });

  test('each file begins with a sentence that says what lives there', () => {
    const wrong = sources.filter(({ text }) => !/\S\s+\S.*[.]$/s.test(headline(text)));
    expect(wrong.map(({ path }) => `src/${path}:1: begins with no sentence in a /** comment */`)).toEqual([]);
  });
});

describe('the reader that these tests stand on', () => {
  test('imports are found in code only, with their lines', () => {
    const source = read(
      'tcp/made.ts',
      [
        '/** Made up. */',
        "import type { A } from '../ip/input.ts';",
        "// import './comment.ts';",
        "export * from './b.ts';",
        'const s = "import \'./string.ts\'";',
        "const t = `from './text.ts' ${await import('../stack/stack.ts')}`;",
        'import {',
        '  C,',
        "} from 'node:fs';",
      ].join('\n'),
    );
    expect(source.imports).toEqual([
      { specifier: '../ip/input.ts', line: 2 },
      { specifier: './b.ts', line: 4 },
      { specifier: '../stack/stack.ts', line: 6 },
      { specifier: 'node:fs', line: 9 },
    ]);
    expect(misplaced(source)).toEqual([
      'src/tcp/made.ts:2 imports ip/input.ts: ip is not on a floor below tcp',
      'src/tcp/made.ts:6 imports stack/stack.ts: stack is not on a floor below tcp',
      'src/tcp/made.ts:9 imports node:fs: only node and web import from outside',
    ]);
  });

  test('rooms on one floor do not know each other', () => {
    const wrong = (path: string, specifier: string): boolean =>
      misplaced(read(path, `import '${specifier}';`)).length > 0;
    expect(wrong('tcp/a.ts', '../udp/b.ts')).toBe(true);
    expect(wrong('link/a.ts', '../tcp/b.ts')).toBe(true);
    expect(wrong('capture/a.ts', '../ip/b.ts')).toBe(true);
    expect(wrong('web/a.ts', '../node/b.ts')).toBe(true);
    expect(wrong('attic/a.ts', '../base/b.ts')).toBe(true);
    expect(wrong('stack/a.ts', '../attic/b.ts')).toBe(true);
    expect(wrong('stack/a.ts', '../ip/b.ts')).toBe(false);
    expect(wrong('tcp/send/a.ts', '../tcb.ts')).toBe(false);
    expect(wrong('index.ts', './stack/stack.ts')).toBe(false);
    expect(wrong('index.ts', './node/loop.ts')).toBe(true);
    expect(wrong('sim/a.ts', '../index.ts')).toBe(true);
  });

  test('a circle is named file by file', () => {
    const made = [
      read('tcp/a.ts', "import './b.ts';"),
      read('tcp/b.ts', "import './send/c.ts';"),
      read('tcp/send/c.ts', "import '../b.ts';"),
    ];
    expect(circle(made)).toEqual(['tcp/b.ts', 'tcp/send/c.ts', 'tcp/b.ts']);
    expect(circle(made.slice(0, 2))).toEqual([]);
  });

  test('words in comments, strings and expressions are not code; names that only look alike are not refused', () => {
    const found = (line: string): number => {
      const source = read('tcp/made.ts', line);
      return REFUSED.flatMap(([reason, pattern]) => places(source, pattern, reason)).length;
    };
    expect(found('const now = Date.now();')).toBe(1);
    expect(found('setTimeout(f, Math.random());')).toBe(2);
    expect(found('console.log(`${Date.now()} console`);')).toBe(2);
    expect(found("// Date\nconst s = 'Date'; /* setTimeout */ const r = /[/]Date/; const half = a / b;")).toBe(0);
    expect(found('tcb.performance = isDate(Dated); new SendBuffer();')).toBe(0);
  });
});
