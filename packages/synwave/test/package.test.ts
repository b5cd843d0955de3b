/** The package as a user gets it: packed, installed in an empty folder without a network, its command and its entries run. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as Manifest;

/** What a user writes after `import`: `synwave`, `synwave/sim` ... */
const entries: string[] = Object.keys(manifest.exports)
  .filter((key) => !key.endsWith('.json'))
  .map((key) => key.replace('.', 'synwave'));

/** Entries for Node.js alone. */
const NODE_ONLY: ReadonlySet<string> = new Set(
  entries.filter((entry) => JSON.stringify(manifest.exports[entry.replace('synwave', '.')]).includes('/dist/node/')),
);

/** Entries that need another package, which is not installed with this one. */
const PEERS: Readonly<Record<string, string>> = { 'synwave/dns': 'dns-packet' };

/** Entries that export nothing: they are imported for what they do. */
const EFFECTS: ReadonlySet<string> = new Set(['synwave/early']);

/** The folder of a user who has nothing but the package. */
let home = '';
/** The paths inside of the tarball. */
let packed: string[] = [];

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  more: Readonly<Record<string, string>> = {},
): SpawnSyncReturns<string> {
  // The user's npm, not the one that runs these tests: npm tells its children about itself in npm_*.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  return spawnSync(command, args, { cwd, env: { ...env, NO_COLOR: '1', ...more }, encoding: 'utf8' });
}

/** The standard output of a command that must end well. */
function output(command: string, args: readonly string[], cwd: string = home): string {
  const { status, stdout, stderr } = run(command, args, cwd);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

beforeAll(() => {
  for (const built of ['dist/index.js', 'dist/cli/main.js'])
    if (!existsSync(join(PACKAGE, built))) throw new Error(`${built} is not there: run \`npm run build\` first`);
  home = mkdtempSync(join(tmpdir(), 'synwave-package-'));
  const listing = output('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', home], PACKAGE);
  const [tarball] = JSON.parse(listing) as Array<{ filename: string; files: Array<{ path: string }> }>;
  if (tarball === undefined) throw new Error('npm pack made no tarball');
  packed = tarball.files.map(({ path }) => path);
  writeFileSync(join(home, 'package.json'), '{ "name": "user", "private": true }\n');
  output('npm', ['install', '--offline', '--no-audit', '--no-fund', join(home, tarball.filename)]);
}, 60_000);

afterAll(() => {
  if (home !== '') rmSync(home, { recursive: true, force: true });
});

describe('the tarball', () => {
  test('holds the command, the build and the licence, and nothing of the work', () => {
    expect(packed).toEqual(
      expect.arrayContaining(['LICENSE', 'package.json', 'bin/synwave.js', 'dist/cli/main.js', 'dist/index.d.ts']),
    );
    expect(
      packed.filter(
        (path) => !/^(?:LICENSE|README(?:\.[\w-]+)?\.md|package\.json|bin\/|dist\/|scenarios\/)/.test(path),
      ),
    ).toEqual([]);
    expect(packed.filter((path) => /\.tsbuildinfo$|(?<!\.d)\.ts$/.test(path))).toEqual([]);
  });

  test('needs no other package', () => {
    expect(manifest.dependencies).toBeUndefined();
    const { dependencies } = JSON.parse(output('npm', ['ls', '--all', '--json'])) as Manifest;
    expect(Object.keys(dependencies ?? {})).toEqual(['synwave']);
  });
});

describe('the command, installed', () => {
  test('synwave handshake --json prints JSON and the three-way handshake in it', () => {
    const out = output('npx', ['--no-install', 'synwave', 'handshake', '--json']).trim();
    // One document, or one for each line.
    const documents: unknown[] =
      out.startsWith('[') || !out.includes('\n{')
        ? [JSON.parse(out)]
        : out.split('\n').map((line) => JSON.parse(line) as unknown);
    expect(documents.length).toBeGreaterThan(0);
    expect(JSON.stringify(documents)).toMatch(/SYN/);
  }, 30_000);

  test('without a build it says on one line what to run, and ends with 2', () => {
    const bare = join(home, 'bare');
    mkdirSync(join(bare, 'bin'), { recursive: true });
    writeFileSync(join(bare, 'package.json'), '{ "type": "module" }\n');
    copyFileSync(join(PACKAGE, 'bin/synwave.js'), join(bare, 'bin/synwave.js'));
    const { status, stdout, stderr } = run(process.execPath, [join(bare, 'bin/synwave.js'), 'handshake'], bare);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^synwave: .*npm run build.*\n$/);
  });
});

describe('the library, installed', () => {
  // Where an entry stands in for a module of Node.js, `require` gives that module's object, and `import` has it as default.
  test.each(entries)('import and require of %s give the same names, and say nothing', (entry) => {
    const names = "const names = (o) => console.log(Object.keys(o['module.exports'] ?? o).sort().join())";
    // Peers are looked for with `require`, which this tells where to find them.
    const env: Record<string, string> = entry in PEERS ? { NODE_PATH: join(ROOT, 'node_modules') } : {};
    const imported = run(
      process.execPath,
      ['--input-type=module', '--eval', `${names}; names(await import('${entry}'))`],
      home,
      env,
    );
    const required = run(
      process.execPath,
      ['--input-type=commonjs', '--eval', `${names}; names(require('${entry}'))`],
      home,
      env,
    );
    expect([imported.status, imported.stderr]).toEqual([0, '']);
    expect(imported.stdout).toMatch(EFFECTS.has(entry) ? /^\n$/ : /^[\w$,]+\n$/);
    expect(required.status).toBe(0);
    expect(required.stdout).toBe(imported.stdout);
  });

  test.each(Object.entries(PEERS))('%s without %s says on one line what to install', (entry, peer) => {
    const load = `import('${entry}').catch((error) => console.log(error.message))`;
    const need = `try { require('${entry}') } catch (error) { console.log(error.message) }`;
    for (const program of [load, need]) {
      const { status, stdout, stderr } = run(process.execPath, ['--input-type=commonjs', '--eval', program], home);
      expect(status).toBe(0);
      expect(stdout).toBe(`${entry} needs the package ${peer}, which is not installed: npm install ${peer}\n`);
      expect(stderr.split('\n').filter((line) => !/ExperimentalWarning|--trace-warnings/.test(line))).toEqual(['']);
    }
  });

  // The declarations must not lean on names that only this repository declares (src/base/platform.d.ts).
  test.each<[string, object]>([
    ['Node.js', { lib: ['es2023'], types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] }],
    ['a page', { lib: ['es2023', 'dom'], types: [] }],
  ])('its declarations compile in a program for %s', (_for, options) => {
    const program = _for === 'a page' ? entries.filter((entry) => !NODE_ONLY.has(entry)) : entries;
    const folder = mkdtempSync(join(home, 'types-'));
    writeFileSync(
      join(folder, 'user.mts'),
      program.map((entry, i) => `import '${entry}';\nexport type * as _${i} from '${entry}';\n`).join(''),
    );
    const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, skipLibCheck: false };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files: ['user.mts'] }),
    );
    const { stdout } = run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder], home);
    expect(stdout).toBe('');
  });
});
