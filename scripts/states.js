/** `npm run states [-- --verbose]`: which states, kinds of segments and arrows the engine's tests cover; 1 if any is left out. */
import { startVitest } from 'vitest/node';

/** What is to be covered, told by one test of the engine through its `meta`. */
/** @typedef {{ states: string[], kinds: string[], arrows: string[] }} Wanted */

const verbose = process.argv.includes('--verbose');
/** @type {Map<string, Set<string>>} */
const cells = new Map();
/** @type {Map<string, Set<string>>} */
const arrows = new Map();
/** @type {Wanted} */
const wanted = { states: [], kinds: [], arrows: [] };
let failures = 0;

/**
 * @param {Map<string, Set<string>>} map
 * @param {string[] | undefined} keys
 * @param {string} name
 */
function note(map, keys, name) {
  for (const key of keys ?? []) map.set(key, (map.get(key) ?? new Set()).add(name));
}

/** Gathers what the tests say of themselves; only those that pass cover anything. */
const gatherer = {
  /** @param {import('vitest/node').TestCase} test */
  onTestCaseResult(test) {
    if (test.result().state !== 'passed') {
      failures++;
      return;
    }
    const meta = /** @type {{ cells?: string[], arrows?: string[], wanted?: Wanted }} */ (test.meta());
    // Tests that run twice, for where the numbers wrap, count once.
    const name = test.fullName.replace(/ \[across [^\]]*\]/, '');
    note(cells, meta.cells, name);
    note(arrows, meta.arrows, name);
    if (meta.wanted !== undefined) Object.assign(wanted, meta.wanted);
  },
};

const vitest = await startVitest('test', ['packages/synwave/test/tcp/'], {
  watch: false,
  reporters: [gatherer],
  coverage: { enabled: false },
});
await vitest.close();

/** @param {string} line */
const say = (line = '') => process.stdout.write(`${line}\n`);
const missing = [];

const width = Math.max(...wanted.kinds.map((kind) => kind.length), 0);
const heads = wanted.states.map((state) => state.replace('WAIT', 'W').replace('RECEIVED', 'RCVD').slice(0, 9));
say(`${'tests by state and kind of segment'.padEnd(width)}  ${heads.map((head) => head.padStart(9)).join(' ')}`);
for (const kind of wanted.kinds) {
  const counts = wanted.states.map((state) => {
    const names = cells.get(`${state}|${kind}`);
    if (names === undefined) missing.push(`${state}: ${kind}`);
    return String(names?.size ?? '-').padStart(9);
  });
  say(`${kind.padEnd(width)}  ${counts.join(' ')}`);
  if (!verbose) continue;
  for (const state of wanted.states) for (const name of cells.get(`${state}|${kind}`) ?? []) say(`    ${name}`);
}

say();
say('arrows of the state diagram');
for (const arrow of wanted.arrows) {
  const [from, to] = arrow.split('|');
  const names = [...(arrows.get(arrow) ?? [])];
  // The test that is about the arrow comes first, then those that pass over it.
  const about = names.filter((name) => name.includes(`${from} -> ${to}:`));
  if (names.length === 0) missing.push(`${from} -> ${to}`);
  say(`${`${from} -> ${to}`.padEnd(30)}${String(names.length).padStart(5)}  ${about[0] ?? names[0] ?? '-'}`);
  if (verbose) for (const name of names) say(`    ${name}`);
}

say();
if (wanted.kinds.length === 0) missing.push('everything: no test told what there is to cover');
if (failures > 0) missing.push(`what ${failures} tests that do not pass would cover`);
for (const name of missing) say(`not covered: ${name}`);
say(missing.length === 0 ? 'Every cell and every arrow is covered.' : `${missing.length} not covered.`);
process.exitCode = missing.length === 0 ? 0 : 1;
