/** The pages of docs/recipes: each program on them is run as it stands, against the build, and prints what the page says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasOpenssl } from './certificates.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const PAGES = join(ROOT, 'docs/recipes');

const names = readdirSync(PAGES)
  .filter((file) => file !== 'README.md')
  .map((file) => file.replace(/\.md$/, ''));

/** Inside of the repository, so that programs find the packages by their names. */
let folder = '';

beforeAll(() => {
  const built = join(ROOT, 'packages/synwave/dist/node/net.js');
  if (!existsSync(built)) throw new Error(`${built} is not there: run \`npm run build\` first`);
  folder = mkdtempSync(join(ROOT, 'node_modules/.recipes-'));
});

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

function pageOf(name: string): string {
  return readFileSync(join(PAGES, `${name}.md`), 'utf8');
}

function blockOf(page: string, language: string): string {
  const found = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page);
  return found?.[1] ?? '';
}

describe('each page', () => {
  describe.each(names)('%s', (name) => {
    const cannot = name === 'https' && !hasOpenssl;
    const title = cannot ? ' (SKIPPED: no openssl command to make a certificate with)' : '';

    test.skipIf(cannot)(`runs, and prints what it says${title}`, () => run(name));
  });

  test('stands in the list of all', () => {
    const list = pageOf('README');
    expect(names.filter((name) => !list.includes(`(${name}.md)`))).toEqual([]);
    expect(names.length).toBe(12);
  });
});

async function run(name: string): Promise<void> {
  const page = pageOf(name);
  expect(page).toMatch(/^# .+\n\n> .*[\u4e00-\u9fff]/);
  for (const [, link = ''] of page.matchAll(/\]\(([^)]+)\)/g))
    expect([link, existsSync(join(PAGES, link))]).toEqual([link, true]);
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
    timeout: 9000,
  });
  child.stdin.end(blockOf(page, 'js'));
  const [printed, complaints, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  expect({ status, complaints, printed }).toEqual({ status: 0, complaints: '', printed: blockOf(page, 'text') });
}
