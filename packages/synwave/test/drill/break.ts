/** Builds the packet scripts' runner from sources in which one rule is broken, and runs scripts with it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import type { DrillResult } from '../../src/drill/run.ts';
import type { BrokenRule } from './broken-rules.ts';
import { scripts } from './scripts.ts';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

interface Drill {
  runScript(text: string, options: { name: string }): DrillResult;
}

/** How each of the rule's scripts ends with the rule broken. */
export async function runBroken({ file, text, instead, scripts: named }: BrokenRule): Promise<DrillResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'synwave-broken-'));
  try {
    const broken = await bundle(folder, join(SRC, file), text, instead);
    return named.map((name) => broken.runScript(textOf(name), { name }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function textOf(name: string): string {
  const script = scripts.find((each) => each.name === name);
  if (script === undefined) throw new Error(`there is no script ${name}`);
  return script.text;
}

async function bundle(folder: string, broken: string, text: string, instead: string): Promise<Drill> {
  let found = 0;
  await build({
    configFile: false,
    logLevel: 'silent',
    root: folder,
    build: {
      ssr: join(SRC, 'drill/index.ts'),
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'drill.mjs', codeSplitting: false } },
    },
    plugins: [
      {
        name: 'break-a-rule',
        enforce: 'pre',
        transform(code: string, id: string): string | null {
          if (id !== broken) return null;
          const parts = code.split(text);
          found = parts.length - 1;
          return parts.join(instead);
        },
      },
    ],
  });
  if (found !== 1) throw new Error(`${broken} has ${found} times what is to be broken, not once: ${text}`);
  return (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'drill.mjs')).href)) as Drill;
}
