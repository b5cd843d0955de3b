/** Tests: `vitest run` takes the short ones; `vitest run --mode long` takes the files named `*.long.test.ts`. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string): string => fileURLToPath(new URL(`packages/synwave/src/${file}`, import.meta.url));

export default defineConfig(({ mode }) => ({
  resolve: {
    // What the command imports from the package is read from the sources, so that its tests need no build.
    alias: [
      { find: /^synwave$/, replacement: source('index.ts') },
      { find: /^synwave\/(node|web|dhcp|drill)$/, replacement: source('$1/index.ts') },
      { find: /^synwave\/(net|dns|early|sim|explore|testing)$/, replacement: source('node/$1.ts') },
      { find: /^synwave\/(tun|stream|ws)$/, replacement: source('node/$1/index.ts') },
      { find: /^synwave\/pcapng$/, replacement: source('pcapng.ts') },
    ],
  },
  test: {
    include: [mode === 'long' ? 'packages/*/test/**/*.long.test.ts' : 'packages/*/test/**/*.test.ts'],
    exclude: mode === 'long' ? [] : ['**/*.long.test.ts'],
    testTimeout: mode === 'long' ? 600_000 : 20_000,
    // Two at least: much of a test waits for processes, pages and the kernel.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', './scripts/tally.js'],
    coverage: { include: ['packages/*/src/**/*.ts'] },
  },
}));
