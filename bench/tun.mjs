/**
 * tun-in, tun-out: one direction between the kernel and the stack through a TUN device of MTU 1500 with VNET_HDR, beside
 * kernel to kernel over a veth pair of that MTU. Both the devices and the other namespace go with the processes.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { linuxProfile } from 'synwave';
import { createHost, NodeLoop } from 'synwave/node';
import { tun } from 'synwave/tun';
import { check, inTurn, pending, result } from './measure.mjs';
import { Sink, Source } from './payload.mjs';

const PEER = fileURLToPath(new URL('tun-peer.mjs', import.meta.url));
/** How long the writer writes: slow start is a small part of it. */
const MILLISECONDS = 1500;
const KERNEL = '10.83.7.1';
const OURS = '10.83.7.2';
const VETH = '10.83.8.1';
const FAR_VETH = '10.83.8.2';

/** What is missing here for these figures; '' when nothing is. */
export function lacking() {
  if (process.getuid?.() !== 0) return 'root';
  if (!existsSync('/dev/net/tun')) return '/dev/net/tun';
  return ['ip', 'unshare'].find((tool) => spawnSync('which', [tool]).status !== 0) ?? '';
}

export async function tunIn() {
  return measured('tun-in', intoStack);
}

export async function tunOut() {
  return measured('tun-out', outOfStack);
}

/**
 * @param {string} name
 * @param {(host: import('synwave').Host) => Promise<number>} ours
 */
async function measured(name, ours) {
  const missing = lacking();
  if (missing !== '') {
    process.stderr.write(`SKIPPED: ${name} cannot be measured for want of ${missing}\n`);
    return [];
  }
  const link = await tun({ name: 'synwave-bench', addresses: [`${KERNEL}/24`], mtu: 1500 });
  const host = createHost({ name: 'ours', loop: new NodeLoop(), config: linuxProfile });
  host.attach(link, [`${OURS}/24`]);
  await ours(host); // compiled, and the devices are up
  const both = await inTurn(
    async () => [await ours(host)],
    async () => [await kernelToKernel()],
  );
  host.crash();
  link.close();
  return [result(name, both.ours[0] ?? 0, 'Gbit/s', { name: 'kernel, veth', value: both.theirs[0] ?? 0 })];
}

/** @param {import('synwave').Host} host */
async function intoStack(host) {
  const listener = host.listen({ port: 0 });
  const sink = new Sink();
  const end = pending();
  let began = 0;
  listener.onConnection = (socket) => {
    const into = new Uint8Array(1 << 20);
    socket.handler = {
      readable() {
        if (began === 0) began = performance.now();
        for (let n = socket.tryRead(into); n > 0; n = socket.tryRead(into)) sink.take(into, n);
      },
      ended() {
        end.done(performance.now() - began);
        socket.end();
      },
      closed: end.failed,
    };
  };
  const peer = sender(OURS, listener.port);
  const milliseconds = await end.promise;
  await peer;
  listener.close();
  return gigabits(sink.count, milliseconds);
}

/** @param {import('synwave').Host} host */
async function outOfStack(host) {
  const peer = await receiver(KERNEL, []);
  const source = new Source();
  const end = pending();
  const socket = host.connect({ address: KERNEL, port: peer.port });
  await socket.opened;
  const start = performance.now();
  const write = () => {
    while (performance.now() - start < MILLISECONDS) {
      const n = socket.tryWrite(source.buffer, source.at);
      check(n >= 0, 'the writer was refused');
      source.take(n);
      if (source.at !== 0 || n === 0) return; // `writable` follows
    }
    socket.end();
  };
  socket.handler = { writable: write, closed: end.failed, ended: () => end.done(null) };
  write();
  const { octets, milliseconds } = await peer.heard;
  check(octets === source.taken, `${source.taken} octets were sent and ${octets} arrived`);
  await end.promise;
  return gigabits(octets, milliseconds);
}

/** @returns {Promise<number>} */
async function kernelToKernel() {
  const peer = await receiver(FAR_VETH, ['unshare', '-n'], (pid) => {
    ip('link', 'add', 'synwave-veth', 'mtu', '1500', 'type', 'veth', 'peer', 'name', 'eth7', 'netns', String(pid));
    ip('address', 'add', `${VETH}/24`, 'dev', 'synwave-veth');
    ip('link', 'set', 'synwave-veth', 'up');
    const there = (/** @type {string[]} */ ...words) => run('nsenter', '-n', '-t', String(pid), 'ip', ...words);
    there('address', 'add', `${FAR_VETH}/24`, 'dev', 'eth7');
    there('link', 'set', 'eth7', 'mtu', '1500', 'up');
  });
  await sender(FAR_VETH, peer.port);
  const { octets, milliseconds } = await peer.heard;
  return gigabits(octets, milliseconds);
}

/**
 * A receiver of the kernel's, `wrapped` in another program; `setUp` gets its number before it opens a socket.
 * @param {string} address
 * @param {string[]} wrapped
 * @param {(pid: number) => void} [setUp]
 * @returns {Promise<{ port: number, heard: Promise<{ octets: number, milliseconds: number }> }>}
 */
async function receiver(address, wrapped, setUp) {
  const all = [...wrapped, process.execPath, PEER, 'receive', address];
  const child = spawn(all[0] ?? '', all.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  check((await line()) === 'ready', 'the receiver did not start');
  setUp?.(child.pid ?? 0);
  child.stdin.end('go\n');
  const port = Number(await line());
  const heard = line().then((text) => JSON.parse(text ?? 'null'));
  return { port, heard };
}

/**
 * @param {string} address
 * @param {number} port
 */
async function sender(address, port) {
  const child = spawn(process.execPath, [PEER, 'send', address, String(port), String(MILLISECONDS)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  check(code === 0, 'the sender failed');
}

/** @param {string[]} words */
function ip(...words) {
  run('ip', ...words);
}

/** @param {[string, ...string[]]} command */
function run(...[program, ...words]) {
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  check(status === 0, `${program} ${words.join(' ')}: ${stderr}`);
}

/**
 * @param {number} octets
 * @param {number} milliseconds
 */
function gigabits(octets, milliseconds) {
  return (octets * 8) / milliseconds / 1e6;
}
