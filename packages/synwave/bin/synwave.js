#!/usr/bin/env node
/** The command `synwave`: a committed file, so that npm can link it before the first build; the program is in dist. */
import { existsSync } from 'node:fs';

const program = new URL('../dist/cli/main.js', import.meta.url);

if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write('synwave: the command is not built yet; run `npm run build` first\n');
  process.exitCode = 2;
}
