/**
 * For tun.mjs: the kernel's end of a connection, with the calls of libc and buffers of 2 MiB, so that it is the kernel
 * that is measured. `receive ADDRESS` says `ready`, waits for a line, prints its port, then what came and how long it
 * took; `send ADDRESS PORT MS` sends.
 */
import { once } from 'node:events';
import koffi from 'koffi';
import { check } from './measure.mjs';
import { PERIOD, Sink } from './payload.mjs';

const [act, address = '', port = '0', span = '0'] = process.argv.slice(2);

const libc = koffi.load(null);
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, const void *address, uint32_t length)');
const listen = libc.func('int listen(int fd, int backlog)');
const accept = libc.func('int accept(int fd, void *address, void *length)');
const name = libc.func('int getsockname(int fd, void *address, _Inout_ uint32_t *length)');
const connect = libc.func('int connect(int fd, const void *address, uint32_t length)');
const receive = libc.func('intptr_t recv(int fd, void *into, size_t count, int flags)');
const send = libc.func('intptr_t send(int fd, const void *from, size_t count, int flags)');

const AF_INET = 2;
const SOCK_STREAM = 1;

/** @param {number} at */
function socketAddress(at) {
  const octets = Buffer.alloc(16);
  octets.writeUInt16LE(AF_INET, 0);
  octets.writeUInt16BE(at, 2);
  octets.set(address.split('.').map(Number), 4);
  return octets;
}

/**
 * @param {number} answer
 * @param {string} call
 */
function held(answer, call) {
  check(answer >= 0, `${call}: errno ${koffi.errno()}`);
  return answer;
}

const fd = held(socket(AF_INET, SOCK_STREAM, 0), 'socket');
if (act === 'receive') {
  process.stdout.write('ready\n');
  await once(process.stdin, 'data'); // its network is set up
  held(bind(fd, socketAddress(0), 16), 'bind');
  held(listen(fd, 1), 'listen');
  const own = socketAddress(0);
  held(name(fd, own, [16]), 'getsockname');
  process.stdout.write(`${own.readUInt16BE(2)}\n`);
  // What was written goes out before the call that blocks.
  setImmediate(() => {
    const from = held(accept(fd, null, null), 'accept');
    const into = new Uint8Array(PERIOD.length);
    const sink = new Sink();
    let began = 0;
    for (;;) {
      const n = held(receive(from, into, into.length, 0), 'recv');
      if (began === 0) began = performance.now();
      if (n === 0) break;
      sink.take(into, n);
    }
    process.stdout.write(`${JSON.stringify({ octets: sink.count, milliseconds: performance.now() - began })}\n`);
  });
} else {
  held(connect(fd, socketAddress(Number(port)), 16), 'connect');
  const end = performance.now() + Number(span);
  let at = 0;
  while (performance.now() < end) {
    const n = held(send(fd, at === 0 ? PERIOD : PERIOD.subarray(at), PERIOD.length - at, 0), 'send');
    at = (at + n) % PERIOD.length;
  }
}
