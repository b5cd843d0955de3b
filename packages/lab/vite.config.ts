/** Builds the page into the published package: one folder with relative paths, which any static host can serve. */
import { defineConfig, type UserConfig } from 'vite';
import { briefLog } from './build/brief.ts';
import { scenarios } from './build/scenarios.ts';

const config: UserConfig = defineConfig({
  base: './',
  plugins: [scenarios()],
  resolve: {
    alias: [
      { find: /^synwave$/, replacement: new URL('../synwave/src/index.ts', import.meta.url).pathname },
      { find: /^synwave\/sim$/, replacement: new URL('../synwave/src/sim/index.ts', import.meta.url).pathname },
      { find: /^synwave\/pcapng$/, replacement: new URL('../synwave/src/pcapng.ts', import.meta.url).pathname },
    ],
  },
  build: {
    outDir: '../synwave/dist/lab',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
    // What the first paint needs is told apart from what is loaded later, for the size check.
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/shell-[hash].js',
        chunkFileNames: ({ isDynamicEntry }) => `assets/${isDynamicEntry ? '[name]' : 'shell-[name]'}-[hash].js`,
      },
    },
  },
  worker: { format: 'es', plugins: () => [briefLog()] },
});

export default config;
