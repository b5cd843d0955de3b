/**
 * The bench: synwave beside node:net over the kernel's loopback, one table. `--only NAME` takes one figure, `--json`
 * prints one document.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { bulk1500, bulk65535 } from './bulk.mjs';
import { connectEchoClose } from './connect.mjs';
import { drillMinute, drillThousand } from './drill.mjs';
import { echo } from './echo.mjs';
import { flight, holes } from './flight.mjs';
import { synFlood } from './flood.mjs';
import { idle } from './idle.mjs';
import { echoRate } from './many.mjs';
import { tunIn, tunOut } from './tun.mjs';
import { worldCrowd, worldSegments } from './worlds.mjs';

/** @typedef {import('./measure.mjs').Result} Result */

/** Which measurement answers which figures. @type {[names: string[], run: () => Promise<Result[]>][]} */
const measurements = [
  [['bulk-1500'], bulk1500],
  [['bulk-65535'], bulk65535],
  [['connect-echo-close'], connectEchoClose],
  [['echo-p50', 'echo-p99'], echo],
  [['idle-bytes', 'idle-rss'], idle],
  [['echo-rate-100'], echoRate(100)],
  [['echo-rate-1000'], echoRate(1000)],
  [['echo-rate-10000'], echoRate(10_000)],
  [['syn-flood'], synFlood],
  [['flight-10'], flight(10)],
  [['flight-1000'], flight(1000)],
  [['flight-10000'], flight(10_000)],
  [['holes-10'], holes(10)],
  [['holes-100'], holes(100)],
  [['holes-1000'], holes(1000)],
  [['world-segments'], worldSegments],
  [['world-crowd-100'], worldCrowd(100)],
  [['world-crowd-1000'], worldCrowd(1000)],
  [['tun-in'], tunIn],
  [['tun-out'], tunOut],
  [['drill-minute'], drillMinute],
  [['drill-1000'], drillThousand],
];

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {(string | number)[]} cells */
function row(cells) {
  const [name = '', unit = '', ours = '', theirs = '', ratio = '', versus = ''] = cells.map(String);
  return `${name.padEnd(20)}${ours.padStart(12)}${theirs.padStart(12)}${ratio.padStart(8)}  ${unit.padEnd(17)}${versus}`.trimEnd();
}

/** @param {number} value */
function figure(value) {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });
}

/** @param {Result} result */
function rowOf({ name, unit, value, versus, ratio }) {
  if (versus === null || ratio === null) return row([name, unit, figure(value)]);
  return row([name, unit, figure(value), figure(versus.value), figure(ratio), versus.name]);
}

/** @returns {Promise<number>} */
async function main() {
  const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'boolean', default: false } } });
  const { only, json } = values;
  const chosen = measurements.filter(([names]) => only === undefined || names.includes(only));
  if (chosen.length === 0) {
    process.stderr.write(
      `No figure is called ${only}. There are: ${measurements.flatMap(([names]) => names).join(' ')}\n`,
    );
    return 2;
  }
  const cpu = cpus()[0]?.model.trim() ?? 'unknown';
  if (!json) {
    print(`Node.js ${process.version}, ${cpu}; medians of 3 runs, both ends in one process`);
    print(row(['', 'unit', 'synwave', 'beside', 'ratio']));
  }
  /** @type {Result[]} */
  const results = [];
  for (const [, run] of chosen) {
    for (const result of await run()) {
      if (only !== undefined && result.name !== only) continue;
      results.push(result);
      if (!json) print(rowOf(result));
    }
  }
  if (json) print(JSON.stringify({ node: process.version, cpu, results }, null, 2));
  return 0;
}

process.exitCode = await main();
