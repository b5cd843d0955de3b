/** `synwave relay`: pages and programs that call over a WebSocket are joined to one another, and to a device of the kernel's. */
import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { Hub, type MessageLink } from 'synwave';
import { type PacketServer, packetServer, type Refusal } from 'synwave/ws';
import { holds, type Placed, parsePlaced, placedText, textOf } from '../addresses.ts';
import { openDevice } from '../carrier.ts';
import { Exit, UserError } from '../errors.ts';
import { onInterrupt } from '../interrupt.ts';
import { type Language, textIn } from '../language.ts';
import { parseLink, type TunName } from '../link.ts';
import { languageOption, several, valued } from '../options.ts';
import type { Text } from '../text/text.ts';
import { parseCount } from '../values.ts';

interface RelayOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** Null: nothing beyond those who call. */
  readonly link: TunName | null;
  readonly address: readonly Placed[];
  /** False: whoever reaches the port is in. */
  readonly token?: string | false;
  readonly origin: readonly string[];
  readonly maxTotal: number;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** The command, for the program to take in. */
export function relayCommand(language: Language): Command {
  const text = textIn(language);
  const command = new Command('relay')
    .addOption(valued('--listen', '<url>', parseListen).default(parseListen('ws://127.0.0.1:7800')))
    .addOption(valued('--link', '<link>', parseUplink).default(parseUplink('tun')))
    .addOption(several('--address', '<address>', parsePlaced).default([parsePlaced('10.9.0.1/24')]))
    .addOption(valued('--token', '<token>', parseToken))
    .option('--no-token')
    .addOption(several('--origin', '<origin>', parseOrigin).default([]))
    .addOption(valued('--max-total', '<count>', parseCount).default(64))
    .option('-v, --verbose', '', false)
    .option('-q, --quiet', '', false)
    .configureHelp({ formatHelp: () => text.helpRelay })
    .action((options: RelayOptions) => relay(options, text));
  command.addOption(languageOption());
  return command;
}

async function relay(options: RelayOptions, text: Text): Promise<void> {
  const { listen, link, address, origin, maxTotal, verbose, quiet } = options;
  if (verbose && quiet) throw new UserError('--verbose and --quiet do not go together');
  const say = (line: string): void => void process.stderr.write(`synwave: ${line}\n`);
  const token = tokenOf(options);
  let lost: (error: UserError) => void = () => undefined;
  const gone = new Promise<never>((_resolve, reject) => {
    lost = reject;
  });
  gone.catch(() => undefined);
  const device = link === null ? null : await openDevice(link, address, false, (error) => lost(error));
  const hub = new Hub(device?.link ?? null, { mayHave: (octets) => address.some((own) => holds(own, octets)) });
  let server: PacketServer;
  try {
    server = await packetServer({
      ...listen,
      token,
      origins: origin,
      most: maxTotal,
      onJoin(caller, from) {
        hub.add(caller);
        if (verbose) say(text.joins(from));
      },
      onLeave(caller) {
        if (verbose) say(text.leaves(caller.name, addressesOf(hub, caller), caller.counters));
        hub.remove(caller);
      },
      onRefusal(refusal: Refusal) {
        if (!quiet) say(text.turnedAway(refusal));
      },
    });
  } catch (error) {
    device?.close();
    throw new UserError((error as Error).message, Exit.Failed);
  }
  if (!quiet) say(text.relaying(server.url, device?.name ?? null, address.map(placedText).join(', ')));
  const shown = token === null || options.token !== undefined ? server.url : `${server.url}/?token=${token}`;
  process.stdout.write(`${shown}\n`);
  const interrupt = onInterrupt(
    () => lost(new UserError('', Exit.Interrupted)),
    () => process.exit(Exit.Interrupted),
  );
  try {
    await gone;
  } catch (error) {
    if (!interrupt.happened) throw error;
  } finally {
    await server.close();
    device?.close();
    interrupt.stop();
  }
}

/** The addresses that a caller has spoken from. */
function addressesOf(hub: Hub, caller: MessageLink): string[] {
  return hub.addressesOf(caller).map(textOf);
}

/** What callers have to show; one by chance unless it is given, null when they need none. */
function tokenOf({ token }: RelayOptions): string | null {
  if (token === false) return null;
  return token ?? process.env['SYNWAVE_TOKEN'] ?? randomBytes(18).toString('base64url');
}

/** `ws://127.0.0.1:7800`, with an IP address. */
function parseListen(text: string): RelayOptions['listen'] {
  const url = text.replace(/^ws:\/\//, 'udp://');
  try {
    const found = url === text ? null : parseLink(url);
    if (found?.kind === 'udp') return { host: found.address, port: found.port };
  } catch {
    // It is told below.
  }
  throw new UserError(`${text} is no place to listen: write ws://127.0.0.1:7800, with an IP address and a port`);
}

function parseUplink(text: string): TunName | null {
  if (text === 'none') return null;
  const link = parseLink(text);
  if (link.kind === 'tun') return link;
  throw new UserError(`${text} is no device: a relay leads to tun, tun=NAME, socat or none`);
}

function parseToken(text: string): string {
  if (/^[\w.-]{8,200}$/.test(text)) return text;
  throw new UserError('a token has 8 to 200 letters, digits, - _ and .');
}

/** `https://example.org`, as browsers send it: no path; `*` is any. */
function parseOrigin(text: string): string {
  if (text === '*' || text === 'null') return text;
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  if (origin !== 'null' && origin === text.replace(/\/$/, '')) return origin;
  throw new UserError(`${text} is no origin: write https://example.org or http://localhost:8080`);
}
