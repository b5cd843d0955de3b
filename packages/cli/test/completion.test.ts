/** completion: what a real bash offers for what stands on its line; zsh and fish read the script, where they are installed. Needs a build. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../synwave/bin/synwave.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'synwave-completion-'));
afterAll(() => rmSync(home, { recursive: true }));
writeFileSync(join(home, 'run.pcapng'), '');
writeFileSync(join(home, 'script.sh'), script('bash'));

function script(shell: string): string {
  const { stdout, status } = spawnSync(process.execPath, [bin, 'completion', shell], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout;
}

/** What bash offers behind these words; the last one is being typed. */
function offers(...words: string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const lines = `source script.sh; COMP_WORDS=(synwave ${quoted}); COMP_CWORD=${words.length}; _synwave; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', lines], { encoding: 'utf8', cwd: home });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

describe.skipIf(spawnSync('bash', ['--version']).error !== undefined)('bash', () => {
  test.each<[string[], string[]]>([
    [['p'], ['ping']],
    [['ha'], ['handshake']],
    [['--la'], ['--lang']],
    [
      ['--lang', ''],
      ['zh', 'en'],
    ],
    [['--lang', 'zh', 'tr'], ['traceroute']],
    [
      ['serve', ''],
      ['echo', 'discard', 'chargen', 'exec', 'http'],
    ],
    [
      ['serve', '--max-'],
      ['--max-per-client', '--max-total'],
    ],
    [
      ['serve', '--encoding', ''],
      ['utf8', 'gbk'],
    ],
    [['bench', '-C', 'c'], ['cubic']],
    [['dump', '-r', 'r'], ['run.pcapng']],
    [
      ['dump', '--direction', ''],
      ['in', 'out'],
    ],
    [['nc', '-p', ''], []],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['nothing', ''], []],
  ])('%j', (words, wanted) => expect(offers(...words)).toEqual(wanted));

  test('every command is offered', () => {
    const { stdout } = spawnSync(process.execPath, [bin, '--help'], { encoding: 'utf8', env: { LANG: 'C' } });
    for (const [, name = ''] of stdout.matchAll(/^ {2}([a-z]+) /gm))
      if (name !== 'synwave') expect(offers('')).toContain(name);
  });
});

test.each(['zsh', 'fish'])('%s: every command with its options', (shell) => {
  const text = script(shell);
  for (const word of ['handshake', 'traceroute', 'max-per-client', 'one-off', 'gbk']) expect(text).toContain(word);
});

for (const shell of ['zsh', 'fish']) {
  const missing = spawnSync(shell, ['--version']).error !== undefined;
  if (missing) process.stderr.write(`SKIPPED: ${shell} is not installed\n`);
  test.skipIf(missing)(`${shell} reads its script`, () => {
    const file = join(home, `script.${shell}`);
    writeFileSync(file, script(shell));
    expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
}

test('a shell that is not known', () => {
  const { stderr, status } = spawnSync(process.execPath, [bin, 'completion', 'csh'], { encoding: 'utf8' });
  expect(stderr).toMatch(/Allowed choices are bash, zsh, fish/);
  expect(status).toBe(2);
});
