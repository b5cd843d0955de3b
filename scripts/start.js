/**
 * `npm start [-- FILE]`: sends a real file (the README unless told otherwise) over a real connection, and keeps the
 * capture; then serves the page until Ctrl-C, if somebody sits there.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @param {string} path from the top of the repository */
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const command = at('packages/synwave/bin/synwave.js');
const file = process.argv[2] === undefined ? at('README.md') : resolve(process.argv[2]);
const capture = at('captures/handshake.pcapng');
mkdirSync(at('captures'), { recursive: true });

const { status } = spawnSync(process.execPath, [command, 'handshake', file, '-w', capture], { stdio: 'inherit' });
if (status === 0) {
  process.stdout.write(`
The capture lies in ${relative(process.cwd(), capture)}: open it with Wireshark or tcpdump. What to try next:

  npx synwave handshake --loss 20% --seed 7    the same with a cable that loses every fifth packet
  npx synwave handshake --json                 every segment with its real numbers, as one JSON document
  npx synwave lab                              the page: every segment, step by step, to be broken by you
  npx synwave --help                           everything else the command does
`);
}
// Nobody is there to press Ctrl-C where there is no terminal.
const isWatched = process.stdout.isTTY && process.stdin.isTTY && !process.env['CI'];
if (status === 0 && isWatched) {
  process.on('SIGINT', () => undefined); // Ctrl-C is for the server: this ends after it, and well
  spawnSync(process.execPath, [command, 'lab'], { stdio: 'inherit' });
}
process.exitCode = status ?? 1;
