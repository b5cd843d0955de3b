/** `npm run requirements [-- --all]`: RFC 9293's numbered requirements, and the scripts and tests that cover each; 1 if a MUST is uncovered. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Where requirements are named. */
const FOLDERS = ['packages/synwave/conformance', 'packages/synwave/test'];

/** What is not done on purpose, or is the application's, needs no test. */
const WAIVED = /^(source routes are not supported|for applications|not )/;

const all = process.argv.includes('--all');
const rows = coverage();

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);

if (process.argv.includes('--json')) {
  say(JSON.stringify(rows));
  process.exit(0);
}

for (const { number, section, what, how, places, waived } of rows) {
  const count = waived ? '  -' : String(places.length).padStart(3);
  say(`${number.padEnd(8)} ${section.padEnd(10)} ${count}  ${what}`);
  if (waived) say(`${' '.repeat(24)}${how}`);
  const shown = all ? places : places.slice(0, 3);
  for (const place of shown) say(`${' '.repeat(24)}${place}`);
  if (places.length > shown.length) say(`${' '.repeat(24)}and ${places.length - shown.length} more`);
}

const uncovered = rows.filter(({ places, waived }) => places.length === 0 && !waived);
const musts = uncovered.filter(({ number }) => number.startsWith('MUST'));
say('');
say(`${rows.length} requirements, ${rows.length - uncovered.length} covered or answered for`);
if (uncovered.length > 0) say(`uncovered: ${uncovered.map(({ number }) => number).join(', ')}`);
process.exitCode = musts.length > 0 ? 1 : 0;

/**
 * @typedef {object} Requirement
 * @property {string} number
 * @property {string} section
 * @property {string} what
 * @property {string} how
 * @property {string[]} places Files, with the line where the requirement is named.
 * @property {boolean} waived
 */

/**
 * The requirements of docs/requirements.md, in its order.
 * @returns {Requirement[]}
 */
function coverage() {
  const places = named();
  const page = readFileSync(join(root, 'docs/requirements.md'), 'utf8');
  return [...page.matchAll(/^\| ((?:MUST|SHLD|MAY|REC)-\d+) \| ([\d.]+) \| (.*) \| (.*) \|$/gm)].map(
    ([, number = '', section = '', what = '', how = '']) => {
      return { number, section, what, how, places: places.get(number) ?? [], waived: WAIVED.test(how) };
    },
  );
}

/** @returns {Map<string, string[]>} */
function named() {
  /** @type {Map<string, string[]>} */
  const places = new Map();
  for (const path of FOLDERS.flatMap((folder) => filesIn(join(root, folder)))) {
    for (const [i, line] of readFileSync(path, 'utf8').split('\n').entries()) {
      for (const [number] of line.matchAll(/\b(?:MUST|SHLD|MAY|REC)-\d+\b/g)) {
        const place = `${relative(root, path)}:${i + 1}`;
        places.set(number, [...(places.get(number) ?? []), place]);
      }
    }
  }
  return places;
}

/**
 * Scripts and tests below a folder; none if it is not there.
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(folder) {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(pkt|test\.ts)$/.test(file))
      .map((file) => join(folder, file))
      .sort();
  } catch {
    return [];
  }
}
