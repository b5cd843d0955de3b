/** `synwave ss`: the sockets of synwave programs that run, as ss shows those of the kernel. */
import { Command } from 'commander';
import type { ProcessReport } from 'synwave/node';
import { type Language, textIn } from '../language.ts';
import { languageOption, valued } from '../options.ts';
import { askAll } from '../ss/ask.ts';
import { infoText, memoryText, timerText, usersText } from '../ss/details.ts';
import { parseWanted, type Wanted } from '../ss/filter.ts';
import { type Row, rowOf } from '../ss/row.ts';
import { summaryOf, summaryText } from '../ss/summary.ts';
import { tableLines } from '../ss/table.ts';
import type { Text } from '../text/text.ts';
import { parseCount } from '../values.ts';

interface SsOptions {
  readonly all: boolean;
  readonly listening: boolean;
  readonly options: boolean;
  readonly extended: boolean;
  readonly memory: boolean;
  readonly processes: boolean;
  readonly info: boolean;
  readonly summary: boolean;
  readonly header: boolean;
  readonly oneline: boolean;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly pid?: number;
  readonly json: boolean;
}

/** The command, for the program to take in. */
export function ssCommand(language: Language): Command {
  const text = textIn(language);
  return new Command('ss')
    .argument('[filter...]')
    .option('-t, --tcp') // there is nothing else yet
    .option('-a, --all', '', false)
    .option('-n, --numeric') // as it is anyway
    .option('-o, --options', '', false)
    .option('-i, --info', '', false)
    .option('-l, --listening', '', false)
    .option('-e, --extended', '', false)
    .option('-m, --memory', '', false)
    .option('-p, --processes', '', false)
    .option('-s, --summary', '', false)
    .option('-H, --no-header')
    .option('-O, --oneline', '', false)
    .option('-4, --ipv4', '', false)
    .option('-6, --ipv6', '', false)
    .addOption(valued('--pid', '<number>', parseCount))
    .option('--json', '', false)
    .addOption(languageOption())
    .configureHelp({ formatHelp: () => text.helpSs })
    .action((words: string[], options: SsOptions) => ss(words, options, text));
}

async function ss(words: readonly string[], options: SsOptions, text: Text): Promise<void> {
  const wanted = parseWanted(words);
  const say = (line: string): void => void process.stderr.write(`synwave: ${line}\n`);
  const reports = await askAll(options.pid, say);
  if (reports.length === 0) say(text.nobodyRuns);
  const rows = rowsOf(reports);
  if (options.summary) {
    const summary = summaryOf(rows, reports);
    process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : `${summaryText(summary)}\n`);
    return;
  }
  const shown = rows.filter((row) => isShown(row, wanted, options));
  if (options.json) process.stdout.write(`${JSON.stringify(documentOf(shown))}\n`);
  else
    process.stdout.write(
      tableLines(shown, look(wanted, options))
        .map((line) => `${line}\n`)
        .join(''),
    );
}

function rowsOf(reports: readonly ProcessReport[]): Row[] {
  return reports.flatMap(({ pid, command, hosts }) =>
    hosts.flatMap(({ name, sockets }) => sockets.map((socket) => rowOf(socket, name, pid, command))),
  );
}

const QUIET = ['LISTEN', 'UNCONN', 'TIME-WAIT', 'SYN-RECV'];

/** By default those that a program talks over, as ss has it. */
function isShown(row: Row, { states, test }: Wanted, options: SsOptions): boolean {
  const { all, listening, ipv4, ipv6 } = options;
  const six = row.socket.local.includes(':');
  if (ipv4 !== ipv6 && six !== ipv6 && !row.socket.both) return false;
  const { state } = row;
  const inState =
    states?.has(state) ?? (all || (listening ? state === 'LISTEN' || state === 'UNCONN' : !QUIET.includes(state)));
  return inState && test(row);
}

function look({ states }: Wanted, options: SsOptions): Parameters<typeof tableLines>[1] {
  const { options: timers, processes, extended, info, memory, header, oneline } = options;
  const joined = (...parts: readonly (string | false)[]): string => parts.filter(Boolean).join(' ');
  return {
    withState: states?.size !== 1,
    header,
    oneLine: oneline,
    extra: (row) =>
      joined(processes && usersText(row), (timers || extended) && timerText(row), extended && `host:${row.host}`),
    below: (row) => joined(memory && memoryText(row), info && infoText(row)),
  };
}

function documentOf(rows: readonly Row[]): unknown {
  return {
    sockets: rows.map(({ state, received, sent, socket, host, pid, command }) => ({
      state,
      recvQ: received,
      sendQ: sent,
      local: socket.local,
      localPort: socket.localPort,
      remote: socket.remote,
      remotePort: socket.remotePort,
      host,
      pid,
      command,
      held: socket.held,
      tcp: socket.info,
    })),
  };
}
