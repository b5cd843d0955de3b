/** Mutants of packet scripts: each has one expectation changed, a number, a flag, a time or an error, and must not pass. */

import { runScript } from '../../src/drill/index.ts';

interface Mutant {
  readonly line: number;
  readonly what: string;
  readonly text: string;
}

type Change = readonly [what: string, line: string];

/** Every mutant of a script. */
function mutantsOf(script: string): Mutant[] {
  const lines = script.split('\n');
  const checksClock = script.includes('--tcp_ts_tick_usecs');
  return lines.flatMap((line, i) =>
    changesOf(line, checksClock)
      .filter(([, changed]) => changed !== line)
      .map(([what, changed]) => ({
        line: i + 1,
        what,
        text: [...lines.slice(0, i), changed, ...lines.slice(i + 1)].join('\n'),
      })),
  );
}

/** Those that pass all the same, of `most` mutants at even distances, from the one with the number `first` on; each with its line. */
export function survivorsOf(
  script: string,
  name: string,
  most: number = Number.POSITIVE_INFINITY,
  first: number = 0,
): { readonly count: number; readonly survivors: readonly string[] } {
  const all = mutantsOf(script);
  const step = Math.ceil(all.length / Math.min(most, all.length));
  const mutants = all.filter((_mutant, i) => i % step === first % step);
  const survivors = mutants
    .filter(({ text }) => runScript(text, { name }).status === 'passed')
    .map(({ line, what, text }) => `${line}: ${what}: ${text.split('\n')[line - 1]}`);
  return { count: mutants.length, survivors };
}

function changesOf(line: string, checksClock: boolean): Change[] {
  if (/^\s*(?:\/\/|--|`|$)/.test(line)) return [];
  if (/^\s*\S+\s+>/.test(line)) return packetChanges(line, checksClock);
  if (line.includes('%{')) return codeChanges(line);
  if (/^\s*\S+\s+[<`]/.test(line)) return [];
  return callChanges(line);
}

function packetChanges(line: string, checksClock: boolean): Change[] {
  const changes: Change[] = [...timeChanges(line)];
  const [, head = '', flags = '', rest = ''] = /^(\s*\S+\s+>\s+(?:\[\w+\]\s+)?)([SFRP.UEWA]+)(\s.*)$/.exec(line) ?? [];
  for (const flag of 'SFRP.U') {
    const toggled = flags.includes(flag) ? flags.replace(flag, '') : flag + flags;
    if (flags !== '') changes.push([`flag ${flag}`, `${head}${toggled === '' ? '-' : toggled}${rest}`]);
  }
  changes.push(
    ['sequence number', line.replace(/(\d+):(\d+)\((\d+)\)/, (_all, a, b, n) => `${+a + 1}:${+b + 1}(${n})`)],
    ['longer', line.replace(/(\d+):(\d+)\((\d+)\)/, (_all, a, b, n) => `${a}:${+b + 1}(${+n + 1})`)],
    ['shorter', line.replace(/(\d+):(\d+)\((\d+)\)/, (all, a, b, n) => (+n > 0 ? `${a}:${+b - 1}(${+n - 1})` : all))],
    ...numbers(line, /\back (\d+)/g, 'ack'),
    ...numbers(line, /\bwin (\d+)/g, 'win'),
    ...numbers(line, /\burg (\d+)/g, 'urg'),
    ...numbers(line, /\bmss (\d+)/g, 'mss'),
    ...numbers(line, /\bwscale (\d+)/g, 'wscale'),
    ...numbers(line, /\becr (\d+)/g, 'ecr'),
    ...numbers(line, /\budp \((\d+)/g, 'udp'),
    ...(checksClock ? numbers(line, /\bval (\d+)/g, 'val', 1000) : []),
  );
  for (const [, blocks = ''] of line.matchAll(/\bsack ([\d: ]+)/g)) {
    changes.push(...numbers(line, /(?<=sack [\d: ]*)(\d+)(?=[\d: ]*[,>])/g, `sack ${blocks}`));
  }
  if (line.includes('<') && !line.includes('<...>')) {
    changes.push(['no options', line.replace(/\s*<[^>]*>$/, '')], ['one option more', line.replace(/>$/, ',nop>')]);
  }
  if (!line.includes('<') && flags !== '') changes.push(['options', `${line} <nop,nop,nop,nop>`]);
  return changes;
}

/** Each number that the pattern finds, `by` larger. */
function numbers(line: string, pattern: RegExp, what: string, by = 1): Change[] {
  return [...line.matchAll(pattern)].map((match) => {
    const number = match[1] as string;
    const at = match.index + match[0].lastIndexOf(number);
    return [what, `${line.slice(0, at)}${Number(number) + by}${line.slice(at + number.length)}`];
  });
}

/** A second and a quarter later, which no tolerance allows; earlier where there is time enough. */
function timeChanges(line: string): Change[] {
  const match = /^(\s*\+?)(\d*\.?\d+)(\s.*)$/.exec(line);
  if (match === null) return [];
  const [, before = '', time = '', rest = ''] = match;
  const at = Number(time);
  const changes: Change[] = [['later', `${before}${later(at)}${rest}`]];
  if (before.includes('+') && at >= 0.05) changes.push(['sooner', `${before}${at / 2}${rest}`]);
  return changes;
}

function later(at: number): number {
  return Math.round((at + 1 + at / 4) * 1e6) / 1e6;
}

function codeChanges(line: string): Change[] {
  return [...line.matchAll(/==|!=|<=|>=/g)].map(({ 0: operator, index }) => {
    const other = { '==': '!=', '!=': '==', '<=': '>', '>=': '<' }[operator] as string;
    return [operator, line.slice(0, index) + other + line.slice(index + operator.length)];
  });
}

function callChanges(line: string): Change[] {
  const changes: Change[] = [];
  const result = /^(.*\) = )(-?\d+)(.*)$/.exec(line);
  if (result !== null && !/\b(?:socket|accept|epoll_create)\(/.test(line)) {
    const [, before = '', number = '', after = ''] = result;
    changes.push(['result', `${before}${Number(number) + 1}${after}`]);
  }
  if (/= -1 E/.test(line)) {
    changes.push(
      [
        'another error',
        line.replace(/= -1 (E[A-Z]+)/, (_all, name) => `= -1 ${name === 'EBADF' ? 'EINVAL' : 'EBADF'}`),
      ],
      ['no error', line.replace(/= -1 E.*/, '= 0')],
    );
  } else if (/\) = \d/.test(line)) {
    changes.push(['an error', line.replace(/\) = \d.*/, ') = -1 EINVAL')]);
  }
  if (line.includes('getsockopt') || line.includes('ioctl')) {
    changes.push(['value', line.replace(/\[(\d+)\]/, (_all, n) => `[${Number(n) + 1}]`)]);
    changes.push(['value', line.replace(/\[(E[A-Z]+)\]/, '[0]')]);
  }
  const block = /^(\s*\+?[\d.]*?)\.\.\.(\d*\.?\d+)(\s.*)$/.exec(line);
  if (block !== null) changes.push(['ends later', `${block[1]}...${later(Number(block[2]))}${block[3]}`]);
  return changes;
}
