/** The command `synwave`: reads its arguments, and tells every mistake on one line of standard error. */
import { createRequire } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { benchCommand } from './commands/bench.ts';
import { completionCommand } from './commands/completion.ts';
import { dumpCommand } from './commands/dump.ts';
import { execCommand } from './commands/exec.ts';
import { exploreCommand } from './commands/explore.ts';
import { handshakeCommand } from './commands/handshake.ts';
import { labCommand } from './commands/lab.ts';
import { ncCommand } from './commands/nc.ts';
import { pingCommand } from './commands/ping.ts';
import { relayCommand } from './commands/relay.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { ssCommand } from './commands/ss.ts';
import { tracerouteCommand } from './commands/traceroute.ts';
import { servesJobs } from './drill/workers.ts';
import { Exit, UserError } from './errors.ts';
import { languageNames, languageOf, textIn } from './language.ts';

const args = process.argv.slice(2);

// Whoever reads may stop reading: `synwave handshake | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(Exit.Ok);
});

// A thread that `synwave run` has started begins here as well, and has no arguments of its own.
if (!servesJobs()) await main();

async function main(): Promise<void> {
  try {
    await program().parseAsync(args, { from: 'user' });
  } catch (error) {
    const { line, exit } = told(error);
    if (line !== '') process.stderr.write(`synwave: ${line}\n`);
    process.exitCode = exit;
  }
}

function program(): Command {
  const language = languageOf(args, process.env);
  const { version } = createRequire(import.meta.url)('synwave/package.json') as { version: string };
  const synwave = new Command('synwave')
    .configureHelp({ formatHelp: () => textIn(language).help })
    .helpCommand(false)
    .version(version)
    .addOption(new Option('--lang <language>').choices(languageNames));
  // What stands behind a command is that command's: `synwave exec HOST ls --all`.
  synwave.enablePositionalOptions();
  const commands = [
    handshakeCommand,
    runCommand,
    exploreCommand,
    pingCommand,
    tracerouteCommand,
    serveCommand,
    ncCommand,
    execCommand,
    benchCommand,
    relayCommand,
    labCommand,
    dumpCommand,
    ssCommand,
    completionCommand,
  ];
  for (const make of commands) synwave.addCommand(make(language));
  for (const command of [synwave, ...synwave.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  return synwave;
}

/** What a user is told of an error, and how the command ends. */
function told(error: unknown): { readonly line: string; readonly exit: number } {
  if (error instanceof UserError) return { line: oneLine(error.message), exit: error.exit };
  if (error instanceof CommanderError) {
    // Help and version come as errors, too.
    if (error.exitCode === 0) return { line: '', exit: Exit.Ok };
    if (error.code === 'commander.help') return { line: 'which command? See synwave --help', exit: Exit.Usage };
    return { line: oneLine(error.message.replace(/^error: /, '')), exit: Exit.Usage };
  }
  if (process.env['SYNWAVE_DEBUG'] === '1') throw error;
  const message = error instanceof Error ? error.message : String(error);
  const [first = ''] = message.split('\n', 1);
  return { line: `${first} (unexpected; SYNWAVE_DEBUG=1 shows where)`, exit: Exit.Failed };
}

function oneLine(message: string): string {
  return message.trim().replace(/\s*\n\s*/g, ' ');
}
