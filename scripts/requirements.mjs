/**
 * `npm run requirements [-- --all]`: RFC 9293's numbered requirements, and what covers each: packet scripts first, then tests; 1 if a
 * MUST is uncovered.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Where requirements are named. */
const SCRIPTS = 'packages/synwave/conformance';
const FOLDERS = [SCRIPTS, 'packages/synwave/test'];

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

const MARGIN = ' '.repeat(36);
say(`${'number'.padEnd(8)} ${'section'.padEnd(10)} scripts  tests  what`);
for (const { number, section, what, how, places, waived } of rows) {
  const scripts = places.filter(isScript).length;
  const counts = waived && places.length === 0 ? ['-', '-'] : [scripts, places.length - scripts];
  say(
    `${number.padEnd(8)} ${section.padEnd(10)} ${String(counts[0]).padStart(7)}${String(counts[1]).padStart(7)}  ${what}`,
  );
  if (waived) say(`${MARGIN}${how}`);
  const shown = all ? places : places.slice(0, 3);
  for (const place of shown) say(`${MARGIN}${place.replace(`${SCRIPTS}/`, '')}`);
  if (places.length > shown.length) say(`${MARGIN}and ${places.length - shown.length} more`);
}

const uncovered = rows.filter(({ places, waived }) => places.length === 0 && !waived);
const musts = uncovered.filter(({ number }) => number.startsWith('MUST'));
say('');
say(`${rows.length} requirements, ${rows.length - uncovered.length} covered or answered for`);
const untold = rows.filter(({ places, waived }) => !places.some(isScript) && !waived && places.length > 0);
say(`by tests alone, where no script can see it: ${untold.map(({ number }) => number).join(', ')}`);
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

/** @param {string} place */
function isScript(place) {
  return place.startsWith(SCRIPTS);
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
      .filter((file) => /\.(pkt|test\.ts)$|broken-rules\.ts$/.test(file))
      .map((file) => join(folder, file))
      .sort();
  } catch {
    return [];
  }
}
