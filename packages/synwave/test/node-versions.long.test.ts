/** The suites that lean on Node.js, under every version of it that is supported: the npm package `node` brings the binaries. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What depends on the running Node.js: its streams, its libraries' ways with a socket, its event loop. */
const SUITES = ['net', 'dgram', 'web/socket', 'recipes', 'examples'].map((name) => `packages/synwave/test/${name}`);

describe.each(['22', '24'])('Node.js %s', (version) => {
  let home = '';
  let binary = '';

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), `synwave-node-${version}-`));
    // The binary comes as a package of its own, which an install script puts in its place.
    const args = ['install', '--prefix', home, '--no-audit', '--no-fund', '--no-save', '--foreground-scripts'];
    const { status, stderr } = spawnSync('npm', [...args, `node@${version}`], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm could not install node@${version}:\n${stderr}`);
    const { platform, arch } = process;
    const places = [`node-bin-${platform}-${arch}`, `node-${platform}-${arch}`, 'node'];
    binary = places.map((name) => join(home, 'node_modules', name, 'bin/node')).find((path) => existsSync(path)) ?? '';
    if (binary === '') throw new Error(`node@${version} brought no binary for ${platform} ${arch}`);
  }, 120_000);

  afterAll(() => {
    if (home !== '') rmSync(home, { recursive: true, force: true });
  });

  test('is the version that it says', () => {
    expect(spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout).toMatch(new RegExp(`^v${version}\\.`));
  });

  test('every suite that leans on it passes', () => {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const run = spawnSync(binary, [vitest, 'run', ...SUITES], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, CI: 'true' },
    });
    const failed = `${run.stdout}\n${run.stderr}`.split('\n').filter((line) => line.includes('FAIL'));
    expect(failed).toEqual([]);
    expect(run.status).toBe(0);
  }, 600_000);
});
