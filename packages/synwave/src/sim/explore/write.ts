/** Write: what was found, as files: a scenario that repeats it, a test that fails until the mistake is mended. */
import { faultText } from '../fault-text.ts';
import type { ProgramRef } from '../scenario/program.ts';
import { sentence } from './retell.ts';
import type { Found, Smallest } from './search.ts';

/** A failure whose packet events are known. */
export type Shrunk = Found & { readonly smallest: Smallest };

export type TestRunner = 'node' | 'vitest';

/** The scenario file: JSON. `program`: as it is found from the file. */
export function scenarioText({ seed, smallest, run }: Shrunk, id: string, program: ProgramRef): string {
  const { message } = smallest.failure;
  const done = smallest.sentences.join('; ') || 'no packet event at all';
  const { module, name } = program;
  return `${JSON.stringify(
    {
      id,
      title: { zh: `找到的失败：${message}`, en: message },
      summary: {
        zh: `探索的第 ${run} 次运行失败；重现它只需要：${smallest.told.map(sentence).join('；') || '没有任何报文事件'}。`,
        en: `Run ${run} of an exploration failed; what it takes: ${done}.`,
      },
      seed,
      program: name === 'default' ? module : `${module}#${name}`,
      faults: smallest.told.map(({ match, do: fault }) => ({ match, do: faultText(fault) })),
    },
    null,
    2,
  )}\n`;
}

const imports: Readonly<Record<TestRunner, string>> = {
  node: "import test from 'node:test';",
  vitest: "import { test } from 'vitest';",
};

/** A test that repeats the scenario in the file `scenario` beside it. */
export function testText({ smallest }: Shrunk, scenario: string, runner: TestRunner): string {
  const { failure, sentences } = smallest;
  const done = sentences.join('; ') || 'no packet event at all';
  return [
    '/**',
    ' * Found by synwave explore. It fails until the mistake is mended:',
    ` * ${comment(failure.message)}`,
    ' *',
    ...sentences.map((each) => ` * - ${comment(each)}`),
    ' */',
    imports[runner],
    "import { repeat } from 'synwave/explore';",
    '',
    `test(${quoted(done)}, () => repeat(new URL(${quoted(`./${scenario}`)}, import.meta.url)));`,
    '',
  ].join('\n');
}

/** Nothing in it ends a comment. */
function comment(text: string): string {
  return text.replaceAll('*/', '* /');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}

/** A name for files: of the module, and of what went wrong. Small letters, digits and dashes. */
export function fileId(module: string, { run }: Found): string {
  const [base = ''] = (module.split('/').at(-1) ?? '').split('.');
  const plain = base
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return `${plain || 'program'}-run-${run}`;
}
