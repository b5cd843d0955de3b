/**
 * The pages that newcomers read: each program and each command in both READMEs is run, and what they say comes out is what
 * comes out. `npx vitest run packages/synwave/test/readme.test.ts -u` writes the present output into them.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCapture } from '../src/capture/read.ts';
import { rfcProfile } from '../src/tcp/config.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const COMMAND = join(ROOT, 'packages/synwave/bin/synwave.js');

/** A fenced block: its language, its text without the fences, and where that text stands in the page. */
interface Block {
  readonly language: string;
  readonly text: string;
  readonly at: number;
  readonly line: number;
}

function pageOf(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language = '', 2: text = '' }) => ({
    language,
    text,
    at: index + '```\n'.length + language.length,
    line: page.slice(0, index).split('\n').length + 1,
  }));
}

/** The commands of a shell block, without the remarks behind them. */
function commandsOf(block: Block): string[] {
  return block.text
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, ''))
    .filter((line) => line !== '');
}

/** What a page has a reader run. Remarks, and the language asked for, are each page's own. */
function programsOf(page: string): string[] {
  return blocksOf(page).flatMap((block) => {
    if (block.language === 'js') return [block.text.replace(/\s*\/\/.*$/gm, '')];
    return block.language === 'sh' ? commandsOf(block).map((line) => line.replace(' --lang zh', '')) : [];
  });
}

function linesBy(page: string, pattern: RegExp): number {
  return page.split('\n').filter((line) => pattern.test(line)).length;
}

/** Where programs run: inside of the repository, so that they find the package by its name. */
let folder = '';

beforeAll(() => {
  for (const built of ['index.js', 'cli/main.js'])
    if (!existsSync(join(ROOT, 'packages/synwave/dist', built)))
      throw new Error(`dist/${built} is not there: run \`npm run build\` first`);
  folder = mkdtempSync(join(ROOT, 'node_modules/.readme-'));
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
});

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

/** What a program that must end well, without a complaint, prints; lines without blanks at their ends. */
function output(args: readonly string[], locale: string, input: string): string {
  const { status, stdout, stderr }: SpawnSyncReturns<string> = spawnSync(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], LC_ALL: locale, NO_COLOR: '1' },
    encoding: 'utf8',
    input,
    timeout: 20_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.replace(/[^\S\n]+$/gm, '');
}

/** Runs a line of a shell block; npm's own commands are only looked up. */
function runCommand(line: string, locale: string): string {
  const [program, ...args] = line.split(/\s+/);
  if (program === 'npm') {
    const { scripts } = JSON.parse(pageOf('package.json')) as { scripts: Readonly<Record<string, string>> };
    for (const [, name = ''] of line.matchAll(/npm (?:run )?([\w:]+)/g))
      expect(['ci', ...Object.keys(scripts)]).toContain(name);
    return '';
  }
  expect([program, args.shift()]).toEqual(['npx', 'synwave']);
  return output([COMMAND, ...args], locale, '');
}

describe.each([
  ['README.md', 'en_US.UTF-8'],
  ['README.zh-CN.md', 'zh_CN.UTF-8'],
])('%s', (name, locale) => {
  const page = pageOf(name);
  const blocks = blocksOf(page);
  const printed = new Map<Block, string>();
  const programs = blocks.filter(({ language }) => language === 'js' || language === 'sh');

  test.each(programs)(
    'the block at line $line runs',
    (block) => {
      const result =
        block.language === 'js'
          ? output(['--input-type=module', '-'], locale, block.text)
          : commandsOf(block)
              .map((line) => runCommand(line, locale))
              .join('');
      printed.set(block, result);
    },
    60_000,
  );

  test('what it says is printed is what is printed', async () => {
    let actual = '';
    let done = 0;
    blocks.forEach((block, i) => {
      const before = blocks[i - 1];
      if (block.language !== 'text' || before === undefined) return;
      actual += page.slice(done, block.at) + (printed.get(before) ?? '');
      done = block.at + block.text.length;
    });
    expect(done).toBeGreaterThan(0);
    await expect(actual + page.slice(done)).toMatchFileSnapshot(join(ROOT, name));
  });

  test('every capture that its programs write can be read', () => {
    const captures = readdirSync(folder).filter((file) => file.endsWith('.pcapng'));
    expect(captures.sort()).toEqual(['handshake.pcapng', 'hello.pcapng']);
    for (const file of captures) {
      const { packets } = readCapture(readFileSync(join(folder, file)));
      expect([...packets].length).toBeGreaterThanOrEqual(5); // SYN, SYN,ACK, text with FIN, FIN, ACK: no fewer will do
    }
  });

  test('names every entry of the package, and nothing else', () => {
    const { exports } = JSON.parse(pageOf('packages/synwave/package.json')) as { exports: Record<string, unknown> };
    const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json'));
    const rows = [...page.matchAll(/^\| `(synwave[\w/]*)` \|/gm)].map(([, entry]) => entry);
    expect(rows).toEqual(entries.map((entry) => entry.replace('.', 'synwave')));
  });
});

test('both READMEs have the same programs, sections and rows', () => {
  const [english, chinese] = [pageOf('README.md'), pageOf('README.zh-CN.md')];
  expect(programsOf(chinese)).toEqual(programsOf(english));
  for (const pattern of [/^#+ /, /^\|/, /^- /]) expect(linesBy(chinese, pattern)).toBe(linesBy(english, pattern));
});

test.each(['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'docs/architecture.md'])(
  'what %s links to is there',
  (name) => {
    for (const [, to = ''] of pageOf(name).matchAll(/\]\(([^)#]+)\)/g)) {
      const file = fileURLToPath(new URL(to, new URL(name, new URL('../../../', import.meta.url))));
      expect(existsSync(file), `${to} in ${name}`).toBe(true);
    }
  },
);

describe('docs/architecture.md', () => {
  const page = pageOf('docs/architecture.md');

  test('names every setting of TCP, and no other', () => {
    const [, settings = ''] = page.split(/^## Choices.*$|^And what is not a setting:$/m);
    const named = [...settings.matchAll(/^\| [^|]+ \| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, names = '']) =>
      names.replaceAll('`', '').split(', '),
    );
    expect(named.sort()).toEqual(Object.keys(rfcProfile).sort());
  });

  test('names files that are there', () => {
    const files = [...page.matchAll(/`([a-z]+\/[\w/-]+\.ts)`/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((file) => !existsSync(join(ROOT, 'packages/synwave/src', file)))).toEqual([]);
  });
});
