/**
 * A program that has a TUN device and echoes on it, on port 7, until it is killed: NAME KERNEL OURS, and then `idle` (it
 * opens no socket, and so ends by itself), `exit` (it ends itself), `worker` (a worker has it all, and is ended while the
 * device is busy). Needs a build.
 */
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { createHost } from 'synwave/node';
import { tun } from 'synwave/tun';

const [name = '', kernel = '', ours = '', what = ''] = process.argv.slice(2);
if (what === 'worker' && isMainThread) {
  const worker = new Worker(fileURLToPath(import.meta.url), { argv: process.argv.slice(2) });
  worker.once('message', (line) => {
    say(line);
    setTimeout(async () => say(`ended ${await worker.terminate()}`), 300);
  });
} else await serve();

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

async function serve() {
  try {
    const link = await tun({ name, ...(kernel === '' ? {} : { addresses: [kernel] }) });
    const host = createHost();
    host.attach(link, [ours]);
    if (parentPort === null) say(`ready ${link.mtu}`);
    else parentPort.postMessage(`ready ${link.mtu}`);
    if (what !== 'idle') {
      const listener = host.listen({ port: 7 });
      listener.onConnection = async (socket) => {
        for await (const chunk of socket) await socket.write(chunk);
        socket.end();
      };
    }
    if (what === 'exit') setTimeout(() => process.exit(7), 300);
  } catch (error) {
    say(/** @type {Error} */ (error).message);
  }
}
