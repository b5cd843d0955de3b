/**
 * `npm run net:coverage`: runs the differential suite of synwave/net and prints which cases cover which item of node:net:
 * how many of them were run over IPv4, over IPv6, and once, for they are about no address or about both families.
 */
import { startVitest } from 'vitest/node';

const SUITE = 'packages/synwave/test/net/diff/';

/** How many names of cases a line of the table shows, unless all are asked for with `--all`. */
const SHOWN = process.argv.includes('--all') ? Number.POSITIVE_INFINITY : 2;

const print = (line = '') => process.stdout.write(`${line}\n`);

const vitest = await startVitest('test', [SUITE], { watch: false, reporters: ['dot'] });
const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
const failed = tests.filter((test) => test.result().state !== 'passed');
const checklist = tests.map((test) => test.meta().checklist).find((found) => found !== undefined);
const errors = vitest.state.getUnhandledErrors().length;
await vitest.close();
if (checklist === undefined) throw new Error(`no checklist: ${SUITE} did not run`);

const cases = tests.filter((test) => test.meta().covers !== undefined);
const families = [4, 6, null];
const byFamily = (list) => families.map((family) => list.filter((test) => test.meta().family === family).length);
const columns = (numbers) => numbers.map((n) => String(n).padStart(5)).join('');
const saw = new Set(cases.flatMap((test) => test.meta().saw ?? []));
const unseen = new Map(checklist.unseen.map(({ item, reason }) => [item, reason]));
const differs = (item) => checklist.onPurpose.some(({ items }) => items.includes(item));
const uncovered = [];

for (const [group, items] of checklist.groups) {
  print(`\n${`${group} (${items.length})`.padEnd(48)}  IPv4 IPv6 once`);
  for (const item of items) {
    const covering = cases.filter((test) => test.meta().covers.includes(item));
    // What is covered over one family is to be covered over the other.
    const [four, six] = byFamily(covering);
    if (four !== six) uncovered.push(`${item}, over IPv${four < six ? 4 : 6}`);
    // A code or an event is covered when the real one was seen to give it, not when a case only names it.
    const told = group === 'error codes' || group.endsWith(' events');
    if (!unseen.has(item) && (covering.length === 0 || (told && !saw.has(item)))) uncovered.push(item);
    const different = [...new Set(covering.map((test) => test.name.replace(/ \[IPv[46]\]$/, '')))];
    const names = different.slice(0, SHOWN);
    const more = different.length > names.length ? ` (+${different.length - names.length})` : '';
    const mark = differs(item) ? '*' : unseen.has(item) ? '~' : ' ';
    print(`${mark} ${item.padEnd(46)} ${columns(byFamily(covering))}  ${names.join('; ')}${more}`);
  }
}

print('\n* different on purpose');
for (const { items, ours, reason } of checklist.onPurpose) print(`  ${items.join(', ')}: ${ours} (${reason})`);
print('\n~ not to be seen over loopback');
for (const [item, reason] of unseen) print(`  ${item}: ${reason}`);

const count = checklist.groups.reduce((sum, [, items]) => sum + items.length, 0);
const [over4, over6, once] = byFamily(cases);
print(
  `\n${count} items, ${cases.length} cases (${over4} over IPv4, ${over6} over IPv6, ${once} once), ${uncovered.length} items uncovered, ${failed.length + errors} tests failed`,
);
for (const item of uncovered) print(`  uncovered: ${item}`);
for (const test of failed) print(`  failed: ${test.fullName}`);
process.exitCode = uncovered.length + failed.length + errors > 0 ? 1 : 0;
