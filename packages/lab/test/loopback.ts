/** A capture of what the kernel does on its loopback, made by tcpdump while somebody talks there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasTool } from './tools.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('\n*** not root: tests that capture on the loopback are SKIPPED ***\n\n');

/** Whether a capture can be made here. */
export const canCapture: boolean = hasTool('tcpdump') && isRoot;

/** The octets of a capture of all that `deed` makes happen at an echo server's port. */
export async function captureLoopback(
  deed: (port: number, stopListening: () => Promise<void>) => Promise<void>,
): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-'));
  const path = join(folder, 'lo.pcap');
  const server = createServer((socket: Socket) => socket.pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stopListening = async (): Promise<void> => {
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  const tcpdump = spawn('tcpdump', [
    '-i',
    'lo',
    '-U',
    '--immediate-mode',
    '-Z',
    'root',
    '-w',
    path,
    'tcp',
    'port',
    String(port),
  ]);
  try {
    let said = '';
    tcpdump.stderr.on('data', (part) => {
      said += String(part);
    });
    while (!said.includes('listening on')) await once(tcpdump.stderr, 'data');
    await deed(port, stopListening);
    await sleep(300); // what has been seen is still on its way to the file
    return await new Promise((resolve, reject) => {
      tcpdump.on('exit', () => readFile(path).then((octets) => resolve(new Uint8Array(octets)), reject));
      tcpdump.kill('SIGINT');
    });
  } finally {
    tcpdump.kill();
    await stopListening();
    await rm(folder, { recursive: true });
  }
}

/** Sends so many octets, gets them back, and closes. */
export async function talk(port: number, octets: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let got = 0;
  socket.write(Buffer.alloc(octets, 'x'));
  for await (const chunk of socket) {
    got += (chunk as Buffer).length;
    if (got === octets) socket.end();
  }
}
