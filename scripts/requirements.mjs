/** `npm run requirements [-- --all]`: RFC 9293's numbered requirements, and the scripts and tests that cover each; 1 if a MUST is uncovered. */
import { coverage } from './requirements/coverage.mjs';

const all = process.argv.includes('--all');
const rows = coverage();

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);

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
