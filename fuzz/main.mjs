/**
 * `npm run fuzz`: all targets for a minute, or those that are named, in turn; `HELP` has the options.
 * Ends with 1 when an input failed.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Counter } from './coverage.mjs';
import { Fuzzer, runOnce } from './fuzzer.mjs';
import { targets } from './targets.mjs';

/** @typedef {import('./fuzzer.mjs').Failure} Failure */
/** @typedef {import('./target.mjs').Target} Target */

/** How long all targets take together, where nothing else is said. */
const SECONDS = 60;

/** Octets of an input that are shown as text, at most. */
const SHOWN = 4096;

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {string} message @returns {never} */
function refuse(message) {
  process.stderr.write(`fuzz: ${message}\n`);
  process.exit(2);
}

const HELP = `npm run fuzz -- [OPTION]...

  --target NAME      this target, or the module at a path that ends in .mjs; may be given again (all targets)
  --runs N           inputs for each target
  --seconds S        how long all targets take together (${SECONDS})
  --seed N           the seed of the inputs
  --input FILE       runs one input, as a file of hexadecimal digits has it
  --found DIRECTORY  where failing inputs go (fuzz/found)
  --list             names the targets
  --help             this

Ends with 1 when an input failed, with 2 when the command makes no sense.
`;

/** The options of the command line; a wrong one ends the command. */
function readOptions() {
  try {
    return parseArgs({
      options: {
        target: { type: 'string', multiple: true },
        runs: { type: 'string' },
        seconds: { type: 'string' },
        seed: { type: 'string' },
        input: { type: 'string' },
        found: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    return refuse(`${/** @type {Error} */ (error).message}; npm run fuzz -- --help tells the options`);
  }
}

const options = readOptions();

/**
 * A number above 0, or `otherwise` where the option is not given.
 * @param {'runs' | 'seconds' | 'seed'} name
 * @param {number} otherwise
 */
function number(name, otherwise) {
  const text = options[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  const fits = name === 'seconds' ? Number.isFinite(value) : Number.isSafeInteger(value);
  return fits && value > 0 ? value : refuse(`--${name} ${text} makes no sense`);
}

/** How to import the target of that name. @param {string} name @returns {() => Promise<{ default: Target }>} */
function loaderOf(name) {
  const loader = targets[name] ?? (name.endsWith('.mjs') ? () => import(pathToFileURL(resolve(name)).href) : undefined);
  return loader ?? refuse(`no target is called ${name}; there are: ${Object.keys(targets).join(' ')}`);
}

/** A failing input as a file has it: hexadecimal, as many lines as it likes. @param {string} path */
function readHex(path) {
  return new Uint8Array(Buffer.from(readFileSync(path, 'utf8').replaceAll(/\s+/g, ''), 'hex'));
}

/** Inputs that once failed. @param {string} name */
function keptOf(name) {
  const folder = fileURLToPath(new URL(`seeds/${name}/`, import.meta.url));
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((file) => readHex(join(folder, file)));
}

/** The error with its stack, down to where the fuzzer called the target. @param {unknown} error */
function stackOf(error) {
  if (!(error instanceof Error)) return String(error);
  const lines = (error.stack ?? error.message).split('\n');
  const end = lines.findIndex((line) => /^ +at .*\bfuzzer\.mjs/.test(line));
  return (end < 0 ? lines : lines.slice(0, end)).join('\n');
}

/**
 * Keeps a failing input in a file, and tells of it.
 * @param {Target} target
 * @param {string} name As it was asked for.
 * @param {Failure} failure
 * @param {number} before Octets that it had before it was made small.
 */
function report(target, name, { input, error }, before) {
  const hex = Buffer.from(input).toString('hex');
  const folder = options.found ?? fileURLToPath(new URL('found/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const hash = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const file = join(folder, `${target.name}-${hash}.hex`);
  writeFileSync(file, hex === '' ? '\n' : hex.replaceAll(/.{1,96}/g, '$&\n'));
  print(`  input  ${input.length} octets, of ${before}: ${hex === '' ? 'none' : hex}`);
  if (target.show !== undefined)
    print(`  reads  ${target.show(input).slice(0, SHOWN).replaceAll('\n', '\n         ')}`);
  print(`  file   ${relative(process.cwd(), file)}`);
  print(`  again  npm run fuzz -- --target ${name} --input ${relative(process.cwd(), file)}`);
  print(`  ${stackOf(error).replaceAll('\n', '\n  ')}`);
}

/**
 * @param {Counter} counter
 * @param {string} name
 * @param {Target} target
 * @param {number} seed
 * @param {number} runs
 * @param {number} milliseconds
 * @returns {boolean} Whether all inputs held.
 */
function fuzz(counter, name, target, seed, runs, milliseconds) {
  const fuzzer = new Fuzzer(target, counter, seed);
  const start = performance.now();
  fuzzer.begin(keptOf(target.name));
  while (fuzzer.failure === null && fuzzer.runs < runs && performance.now() - start < milliseconds) {
    fuzzer.round(runs - fuzzer.runs);
  }
  const seconds = (performance.now() - start) / 1000;
  const { share } = fuzzer.reached.summary();
  const figures = [
    `${fuzzer.runs.toLocaleString('en').padStart(11)} inputs`,
    `${Math.round(fuzzer.runs / seconds)
      .toLocaleString('en')
      .padStart(9)}/s`,
    `${String(fuzzer.corpus.length).padStart(5)} in the corpus (${fuzzer.digest()})`,
    `${(100 * share).toFixed(1)} % of what it calls`,
  ];
  print(`${target.name.padEnd(13)}${figures.join('  ')}${fuzzer.failure === null ? '' : '  FAILED'}`);
  const failure = fuzzer.minimised();
  if (failure !== null) report(target, name, failure, fuzzer.failure?.input.length ?? 0);
  return failure === null;
}

/** @param {string} file */
async function replay(file) {
  const [name, ...others] = options.target ?? [];
  if (name === undefined || others.length > 0) return refuse('--input wants one --target');
  const { default: target } = await loaderOf(name)();
  if (!existsSync(file)) return refuse(`no file is at ${file}`);
  const input = readHex(file);
  if (target.show !== undefined) print(target.show(input).slice(0, SHOWN));
  const failure = runOnce(target, input);
  print(failure === null ? `${input.length} octets: it holds` : stackOf(failure.error));
  return failure === null;
}

async function main() {
  if (options.help) {
    print(HELP.trimEnd());
    return true;
  }
  if (options.list) {
    print(Object.keys(targets).join('\n'));
    return true;
  }
  if (options.input !== undefined) return replay(options.input);
  const names = options.target ?? Object.keys(targets);
  const loaders = names.map(loaderOf);
  const seed = number('seed', 1 + Math.floor(Math.random() * 1_000_000));
  const runs = number('runs', Number.POSITIVE_INFINITY);
  const seconds = number('seconds', options.runs === undefined ? SECONDS : Number.POSITIVE_INFINITY);
  print(`seed ${seed}`);
  const counter = new Counter();
  counter.start();
  let held = true;
  for (const [i, name] of names.entries()) {
    const { default: target } = await /** @type {ReturnType<typeof loaderOf>} */ (loaders[i])();
    held = fuzz(counter, name, target, seed, runs, (1000 * seconds) / names.length) && held;
  }
  return held;
}

process.exitCode = (await main()) ? 0 : 1;
