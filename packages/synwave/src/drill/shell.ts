/** The `commands` of a packet script. Nothing is executed: what they mean for the host under test is done here, the rest is refused. */
import { type Micros, SECOND } from '../base/time.ts';
import type { Kernel } from './calls/kernel.ts';
import { Mismatch, Unsupported } from './errors.ts';
import type { Settings } from './settings.ts';
import { grep, socketLines } from './socket-lines.ts';
import { setSysctl, sysctlValue } from './sysctl.ts';

export interface ShellContext {
  readonly kernel: Kernel;
  readonly settings: Settings;
  /** Lets time go on. */
  readonly wait: (time: Micros) => void;
}

/** What a command leaves: what it prints, and how it ends. */
interface Printed {
  readonly lines: readonly string[];
  readonly status: number;
}

const WORD =
  /\s*(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|((?:[^\s'"|;&<>()]|\\.)+)|(&&|\|\||[|;&()\n])|((?:\d?>>?&?|<)\s*[^\s;|&)]*))/y;

const INNER = /\$\(([^()]*)\)/;

/** Commands that change nothing a packet script could see of this host. */
const harmless: ReadonlySet<string> = new Set([
  'true',
  ':',
  'export',
  'set',
  'ulimit',
  'kldload',
  'kldunload',
  'modprobe',
  'rmmod',
  'sync',
  'ethtool',
  'tc',
  'nstat',
  'killall',
  'pkill',
  'tcpdump',
  'date',
  'uname',
  'id',
  'which',
  'mount',
  'mkdir',
  'rm',
  'touch',
  'dmesg',
  'logger',
  'taskset',
  'numactl',
]);

/** Runs the commands in one pair of backticks. Throws Mismatch where one fails, Unsupported for one that is not known. */
export function runCommand(text: string, context: ShellContext): void {
  const printed = runList(tokens(substitute(text, context)), context);
  if (printed.status !== 0) throw new Mismatch(`the command ${text.trim().split('\n')[0]} fails`);
}

/** `$(command)`: what it prints. */
function substitute(text: string, context: ShellContext): string {
  let source = text;
  for (let inner = INNER.exec(source); inner !== null; inner = INNER.exec(source)) {
    const { lines } = runList(tokens(inner[1] ?? ''), context);
    source = source.slice(0, inner.index) + lines.join(' ') + source.slice(inner.index + inner[0].length);
  }
  return source;
}

interface Token {
  readonly text: string;
  readonly isOperator: boolean;
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  const source = text
    .replaceAll(/\\\r?\n/g, ' ')
    .replaceAll(/(^|\s)#[^\n]*/g, '$1')
    .replaceAll(/\r?\n/g, ' ; ');
  for (let at = 0; ; ) {
    WORD.lastIndex = at;
    const match = WORD.exec(source);
    if (match === null) {
      if (source.slice(at).trim() !== '')
        throw new Unsupported(`the command cannot be read at ${source.slice(at).trim()}`);
      return found;
    }
    at = WORD.lastIndex;
    const [, single, double, plain, operator] = match;
    if (operator !== undefined) found.push({ text: operator, isOperator: true });
    else if (match[5] === undefined)
      append(found, source, match.index, single ?? double?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '');
    else if (/^\d?>>?\s*\/(?:proc|sys)\//.test(match[5])) found.push({ text: match[5].trim(), isOperator: false });
  }
}

/** Quoted parts that stand together are one word. */
function append(found: Token[], source: string, at: number, text: string): void {
  const last = found.at(-1);
  if (last !== undefined && !last.isOperator && at > 0 && !/\s/.test(source[at] ?? ' ')) {
    found[found.length - 1] = { text: last.text + text, isOperator: false };
  } else found.push({ text, isOperator: false });
}

/** `a; b && c || d`. */
function runList(list: readonly Token[], context: ShellContext): Printed {
  let result: Printed = { lines: [], status: 0 };
  let from = 0;
  let joint = ';';
  for (let i = 0; i <= list.length; i++) {
    const token = list[i];
    if (token !== undefined && !(token.isOperator && [';', '&&', '||', '&'].includes(token.text))) continue;
    const part = list.slice(from, i);
    from = i + 1;
    const skipped = (joint === '&&' && result.status !== 0) || (joint === '||' && result.status === 0);
    if (part.length > 0 && !skipped) {
      const next = runPipe(part, context);
      result = { lines: [...result.lines, ...next.lines], status: next.status };
    }
    joint = token?.text ?? ';';
  }
  return result;
}

/** `a | b | c`, with a `!` in front, perhaps. */
function runPipe(pipe: readonly Token[], context: ShellContext): Printed {
  const negated = pipe[0]?.text === '!' && !pipe[0].isOperator;
  let result: Printed = { lines: [], status: 0 };
  let words: string[] = [];
  const flush = (): void => {
    if (words.length > 0) result = runSimple(words, result.lines, context);
    words = [];
  };
  for (const token of pipe.slice(negated ? 1 : 0)) {
    if (!token.isOperator) words.push(token.text);
    else if (token.text === '|') flush();
    else throw new Unsupported('brackets in commands are not supported');
  }
  flush();
  return negated ? { lines: result.lines, status: result.status === 0 ? 1 : 0 } : result;
}

type Simple = (args: readonly string[], input: readonly string[], context: ShellContext) => Printed;

const ok = (lines: readonly string[] = []): Printed => ({ lines, status: 0 });

const commands: Readonly<Record<string, Simple>> = {
  sysctl: (args, _input, context) => runSysctl(args, context),
  sleep: (args, _input, context) => {
    const time = Number((args[0] ?? '').replace(/s$/, ''));
    if (!(time >= 0)) throw new Mismatch(`sleep takes a number of seconds, not ${args[0]}`);
    context.wait(Math.round(time * SECOND));
    return ok();
  },
  usleep: (args, _input, context) => {
    context.wait(Number(args[0] ?? 0));
    return ok();
  },
  echo: (args) => ok([args.filter((arg) => !/^-[neE]+$/.test(arg)).join(' ')]),
  false: () => ({ lines: [], status: 1 }),
  grep: (args, input) => grep(args, input),
  egrep: (args, input) => grep(['-E', ...args], input),
  fgrep: (args, input) => grep(['-F', ...args], input),
  wc: (_args, input) => ok([String(input.length)]),
  cat: (_args, input) => ok(input),
  tee: (_args, input) => ok(input),
  tail: (_args, input) => ok(input),
  sort: (_args, input) => ok([...input].sort()),
  sockstat: (args, _input, { kernel }) => ok(socketLines(kernel, 'sockstat', args)),
  netstat: (args, _input, { kernel }) => ok(socketLines(kernel, 'netstat', args)),
  ss: (args, _input, { kernel }) => ok(socketLines(kernel, 'ss', args)),
  test: (args) => runTest(args),
  '[': (args) => runTest(args.slice(0, -1)),
  '[[': (args) => runTest(args.slice(0, -1)),
  ip: (args, _input, context) => runIp(args, context),
  ifconfig: () => ok(),
  route: () => ok(),
};

function runSimple(given: readonly string[], input: readonly string[], context: ShellContext): Printed {
  let words = given;
  while (words.length > 0 && /^[A-Za-z_]\w*=/.test(words[0] as string)) words = words.slice(1);
  while (words[0] === 'sudo' || words[0] === 'time' || words[0] === 'command') words = words.slice(1);
  const [first, ...args] = words;
  if (first === undefined) return ok();
  const name = first.slice(first.lastIndexOf('/') + 1);
  const target = args.at(-1);
  if (name === 'echo' && target !== undefined && /^\d?>>?\s*\/proc\/sys\//.test(target)) {
    const path = target.replace(/^\d?>>?\s*\/proc\/sys\//, '').replaceAll('/', '.');
    setSysctl(
      context.settings,
      path,
      args
        .slice(0, -1)
        .filter((arg) => arg !== '-n')
        .join(' '),
    );
    return ok();
  }
  const settings = args.filter((arg) => arg.startsWith('/proc/sys/') && arg.includes('='));
  if (name.startsWith('set_sysctls') || settings.length > 0) {
    for (const setting of settings) assign(setting.replace('/proc/sys/', '').replaceAll('/', '.'), context);
    return ok();
  }
  if (name === 'defaults.sh') {
    for (const [path, value] of defaults) setSysctl(context.settings, path, value);
    return ok();
  }
  const command = commands[name];
  if (command !== undefined) return command(args, input, context);
  if (harmless.has(name)) return ok();
  throw new Unsupported(
    `the command ${first} is not known; commands are not executed, only those with a meaning for the stack`,
  );
}

/** What the set-up that scripts for Linux share comes to. */
const defaults: readonly (readonly [string, string])[] = [
  ['net.ipv4.tcp_rmem', '4096 540000 15728640'],
  ['net.ipv4.tcp_wmem', '4096 65536 4194304'],
  ['net.ipv4.tcp_congestion_control', 'cubic'],
  ['net.ipv4.tcp_timestamps', '1'],
  ['net.ipv4.tcp_sack', '1'],
  ['net.ipv4.tcp_ecn', '0'],
];

function assign(setting: string, { settings }: ShellContext): void {
  const at = setting.indexOf('=');
  setSysctl(settings, setting.slice(0, at).trim(), setting.slice(at + 1).trim());
}

/** `sysctl -w a=b c=d`, `sysctl a=b`, `sysctl -n a`. */
function runSysctl(args: readonly string[], context: ShellContext): Printed {
  const lines: string[] = [];
  const words = args.filter((arg) => !arg.startsWith('-'));
  const brief = args.some((arg) => /^-[a-z]*n/.test(arg));
  // A value with blanks may be written without quotes.
  const joined: string[] = [];
  for (const word of words) {
    if (word.includes('=') || !joined.at(-1)?.includes('=') || /^[a-z]+\./.test(word)) joined.push(word);
    else joined[joined.length - 1] += ` ${word}`;
  }
  for (const word of joined) {
    if (word.includes('=')) assign(word, context);
    else lines.push(`${brief ? '' : `${word}: `}${sysctlValue(context.settings, word)}`);
  }
  return ok(lines);
}

/** `ip tcp_metrics flush`, `ip route ...`: only what a route says of connections matters. */
function runIp(args: readonly string[], { settings }: ShellContext): Printed {
  const value = (name: string): number | null => {
    const at = args.indexOf(name);
    return at < 0 ? null : Number(args[at + 1] === 'lock' ? args[at + 2] : args[at + 1]);
  };
  if (!args.includes('route')) return ok();
  const initialWindow = value('initcwnd');
  if (initialWindow !== null && initialWindow > 0) settings.tcp = { ...settings.tcp, initialWindow };
  const mss = value('advmss');
  if (mss !== null && mss > 0) settings.tcp = { ...settings.tcp, mss };
  const rtoMin = /rto_min\s+(?:lock\s+)?(\d+)(ms|s)?/.exec(args.join(' '));
  if (rtoMin !== null) {
    const time = Number(rtoMin[1]) * (rtoMin[2] === 's' ? SECOND : 1_000);
    settings.tcp = { ...settings.tcp, rtoMin: time, rtoVarianceMin: time };
  }
  return ok();
}

/** `[ 1 -eq 1 ]`, `[ -z "" ]`, `[ a = b ]`. */
function runTest(args: readonly string[]): Printed {
  const negated = args[0] === '!';
  const [a = '', operator = '', b = ''] = negated ? args.slice(1) : args;
  const numbers: Readonly<Record<string, (x: number, y: number) => boolean>> = {
    '-eq': (x, y) => x === y,
    '-ne': (x, y) => x !== y,
    '-lt': (x, y) => x < y,
    '-le': (x, y) => x <= y,
    '-gt': (x, y) => x > y,
    '-ge': (x, y) => x >= y,
  };
  const number = numbers[operator];
  let holds: boolean;
  if (number !== undefined) holds = number(Number(a), Number(b));
  else if (operator === '=' || operator === '==') holds = a === b;
  else if (operator === '!=') holds = a !== b;
  else if (a === '-z') holds = operator === '';
  else if (a === '-n') holds = operator !== '';
  else if (operator === '') holds = a !== '';
  else throw new Unsupported('a test of this kind is not supported');
  return { lines: [], status: holds !== negated ? 0 : 1 };
}
