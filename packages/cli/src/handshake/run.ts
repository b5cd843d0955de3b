/** One run: a client sends octets to a server over a real connection, in virtual time, until the last timer is over. */
import { createHash } from 'node:crypto';
import { MILLISECOND, type Micros, profiles, SynwaveError, type TcpSocket } from 'synwave';
import { type Impairments, world } from 'synwave/sim';
import type { ClientCapture } from './capture.ts';
import { Recording } from './recording.ts';

/** One that no analyser of captures takes for a protocol of its own. */
const PORT = 12_345;

/** How long the server's program thinks before it answers, and again before it closes: as programs do. */
const PAUSE: Micros = 10 * MILLISECOND;

export interface Settings {
  readonly content: Uint8Array;
  readonly seed: number | string;
  readonly profile: keyof typeof profiles;
  /** What the cable does to packets, in both directions. */
  readonly link: Impairments;
  readonly capture: ClientCapture | null;
  /** Told when the client has its socket. */
  readonly onSocket?: (socket: TcpSocket) => void;
}

export interface Run {
  readonly recording: Recording;
  /** Address and port of both, as `10.0.0.1:50000`. */
  readonly names: { readonly client: string; readonly server: string };
  /** Octets that reached the server's program. */
  readonly bytes: number;
  readonly sha256: { readonly sent: string; readonly received: string };
  /** Twice the maximum segment lifetime. */
  readonly msl2: Micros;
  /** Why it failed; null when both sides ended in order. */
  readonly failure: SynwaveError | null;
}

/**
 * Runs it all. The client closes first, and only when everything it sent is acknowledged; the server reads to the end,
 * says one more thing, and closes when that is acknowledged too. So each FIN stands alone, and the half-close is seen.
 */
export async function run(settings: Settings): Promise<Run> {
  const { content, seed, profile, link, capture } = settings;
  const w = world({ seed, profile });
  const client = w.host('client');
  const server = w.host('server');
  const cable = w.cable(client, server, link);
  const recording = new Recording();
  client.observe((event) => recording.hostTells('client', event));
  server.observe((event) => recording.hostTells('server', event));
  cable.watch((event) => recording.cableTells(event));
  if (capture !== null) cable.watch((event) => capture.cableTells(event));
  const names = { client: client.address, server: `${server.address}:${PORT}` };
  const received = createHash('sha256');
  let bytes = 0;

  const send = async (): Promise<void> => {
    const socket = client.connect({ address: server.address, port: PORT });
    names.client = `${socket.localAddress}:${socket.localPort}`;
    settings.onSocket?.(socket);
    await socket.opened;
    await socket.write(content);
    await Promise.race([recording.acknowledged('client', content.length), socket.closed]);
    socket.end();
    while ((await socket.read()) !== null);
    await socket.closed;
  };

  const listener = server.listen({ port: PORT });
  const serve = async (): Promise<void> => {
    const socket = await listener.accept();
    if (socket === null) return;
    for await (const chunk of socket) {
      received.update(chunk);
      bytes += chunk.length;
    }
    await w.sleep(PAUSE);
    const line = new TextEncoder().encode(`${bytes} octets received\n`);
    await socket.write(line);
    await Promise.race([recording.acknowledged('server', line.length), socket.closed]);
    await w.sleep(PAUSE);
    socket.end();
    await socket.closed;
  };

  let failure: SynwaveError | null = null;
  try {
    await w.run(async () => {
      await Promise.all([send(), serve()]);
    });
  } catch (error) {
    if (!(error instanceof SynwaveError)) throw error;
    failure = error;
  }
  await w.run(); // 2MSL, and whatever else is still to come
  const sha256 = { sent: createHash('sha256').update(content).digest('hex'), received: received.digest('hex') };
  return { recording, names, bytes, sha256, msl2: 2 * profiles[profile].msl, failure };
}
