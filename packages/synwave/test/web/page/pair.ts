/** Two hosts in real time on a pipe, and a game that never lets them rest. */
import { pipe } from '../../../src/link/pipe.ts';
import type { Host } from '../../../src/socket/host.ts';
import { createHost, createWeb } from '../../../src/web/index.ts';

/** 10.0.0.1 and fd00::1; 10.0.0.2 and fd00::2. */
export function pair(): [Host, Host] {
  const hosts: [Host, Host] = [createHost({ name: 'a' }), createHost({ name: 'b' })];
  const ends = pipe();
  hosts.forEach((host, i) => host.attach(ends[i as 0 | 1], [`10.0.0.${i + 1}/24`, `fd00::${i + 1}/64`]));
  return hosts;
}

/** One octet to and fro for `span` milliseconds. Answers the rounds before a timer of 5 ms had its turn, and all. */
export async function pingPong(span: number): Promise<{ before: number; all: number }> {
  const [a, b] = pair();
  const listener = createWeb(b).listen({ port: 80 });
  const accepting = listener[Symbol.asyncIterator]().next();
  const socket = createWeb(a).connect('10.0.0.2:80');
  const { value } = await accepting;
  if (value === undefined) throw new Error('nobody came');
  const echo = value.readable.pipeTo(value.writable);
  const writer = socket.writable.getWriter();
  const reader = socket.readable.getReader();
  let all = 0;
  let before = 0;
  setTimeout(() => {
    before = all;
  }, 5);
  for (const until = performance.now() + span; performance.now() < until; all++) {
    void writer.write(new Uint8Array(1));
    if ((await reader.read()).done) throw new Error('the ball is lost');
  }
  await writer.close();
  await echo;
  await listener.close();
  return { before, all };
}
