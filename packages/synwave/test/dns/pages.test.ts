/** docs/names.md, and its Chinese twin: the program on them is run as it stands, against the build, and prints what they say. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
/** A package finds itself by its own name: here its sources, or rather what was built of them, are the ones under test. */
const PACKAGE = join(ROOT, 'packages/synwave');
const PAGES = ['names.md', 'names.zh-CN.md'];

function pageOf(name: string): string {
  return readFileSync(join(ROOT, 'docs', name), 'utf8');
}

function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);
}

describe.each(PAGES)('%s', (name) => {
  const page = pageOf(name);

  test('runs, and prints what it says', () => {
    const built = join(PACKAGE, 'dist/node/dns.js');
    if (!existsSync(built)) throw new Error(`${built} is not there: run \`npm run build\` first`);
    const programs = blocksOf(page, 'js');
    expect(programs.length).toBe(1);
    const printed = programs.map((input) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-'], {
        cwd: PACKAGE,
        env: { PATH: process.env['PATH'] },
        encoding: 'utf8',
        input,
        timeout: 9000,
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return stdout;
    });
    expect(printed).toEqual(blocksOf(page, 'text'));
  });

  test('links to what is there', () => {
    const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, to = '']) => to);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((to) => !existsSync(join(ROOT, 'docs', to)))).toEqual([]);
  });
});

test('both say the same, remarks apart', () => {
  const [english = '', chinese = ''] = PAGES.map(pageOf);
  const program = (page: string): string =>
    blocksOf(page, 'js')
      .join('')
      .replaceAll(/\s*\/\/ .*$/gm, '');
  expect(program(chinese)).toBe(program(english));
  for (const pattern of [/^#+ /gm, /^\|/gm, /^- /gm]) {
    expect(chinese.match(pattern)?.length).toBe(english.match(pattern)?.length);
  }
});
