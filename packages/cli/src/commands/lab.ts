/** `synwave lab`: serves the page where the stack is watched and broken, to this machine alone, until Ctrl-C. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { UserError } from '../errors.ts';
import { failed } from '../failures.ts';
import { onInterrupt } from '../interrupt.ts';
import { answerFile } from '../lab/files.ts';
import { type Language, textIn } from '../language.ts';
import { valued } from '../options.ts';
import type { Text } from '../text/text.ts';
import { parsePort } from '../values.ts';

/** Only this machine: there is nothing secret in the page, but nobody else asked for it either. */
const HOST = '127.0.0.1';

/** Where the page is, unless it is asked for elsewhere or somebody else is there. */
const PORT = 4600;

/** The command, for the program to take in. */
export function labCommand(language: Language): Command {
  const text = textIn(language);
  return new Command('lab')
    .addOption(valued('-p, --port', '<port>', (port) => (port === '0' ? 0 : parsePort(port))))
    .configureHelp({ formatHelp: () => text.helpLab })
    .action((options: { readonly port?: number }) => lab(options.port ?? null, text));
}

async function lab(port: number | null, text: Text): Promise<void> {
  const folder = fileURLToPath(new URL('../lab/', import.meta.url));
  if (!existsSync(`${folder}index.html`)) throw new UserError('the page is not built: run npm run build');
  const server = createServer((request, response) => answerFile(folder, request, response));
  const interrupt = onInterrupt(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  await listen(server, port);
  const { port: bound } = server.address() as AddressInfo;
  process.stdout.write(`${text.labServed(`http://${HOST}:${bound}/`)}\n`);
  await once(server, 'close');
  interrupt.stop();
}

/** On the port that was asked for; on the usual one, or any that is free, where none was. Throws UserError. */
async function listen(server: Server, port: number | null): Promise<void> {
  try {
    server.listen(port ?? PORT, HOST);
    await once(server, 'listening');
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    if (port !== null || !isTaken) throw failed(`listen on ${HOST} port ${port ?? PORT}`, error);
    server.listen(0, HOST);
    await once(server, 'listening');
  }
}
