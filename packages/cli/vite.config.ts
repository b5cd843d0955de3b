/** Bundles the command into the published package: one file, with all that it needs except synwave itself and Node.js. */
import { defineConfig, type UserConfig } from 'vite';

const config: UserConfig = defineConfig({
  build: {
    ssr: 'src/main.ts',
    target: 'node20',
    outDir: '../synwave/dist/cli',
    emptyOutDir: true,
    // The licences of what is bundled travel beside it.
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      external: [/^synwave(\/|$)/, /^node:/],
      output: { entryFileNames: 'main.js', codeSplitting: false },
    },
  },
  ssr: { noExternal: true },
});

export default config;
