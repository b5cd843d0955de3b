/**
 * Short connections: one for each request. Who closes first keeps TIME-WAIT, for 2MSL: with many clients that is a question
 * of where the rows (and the ports) pile up. Both ways are shown, with the states that each host has. Virtual time.
 *
 *   node examples/short-connection.mjs
 *
 * 短连接：每个请求一个连接。谁先关闭，谁就留下 TIME-WAIT，持续 2MSL；客户端多时，这决定了连接记录（和端口）堆积在哪一边。
 * 两种关闭方式都演示，并列出两台主机上的状态。在虚拟时间中运行。
 */
import { once } from 'node:events';
import { SECOND } from 'synwave';
import { createNet } from 'synwave/net';
import { world } from 'synwave/sim';

const w = world({ seed: 7 });
const [server, client] = [w.host('server'), w.host('client')];
w.cable(client, server, { delay: 10_000 }); // microseconds
const atServer = createNet(server);
const atClient = createNet(client);

/** @param {import('synwave').Host} host */
const statesOf = (host) => [...host.stack.connections(w.now)].map(({ info }) => info.state).join(', ') || 'none';
const show = () =>
  process.stdout.write(`  connections at the client: ${statesOf(client)}; at the server: ${statesOf(server)}\n`);

await w.run(async () => {
  // As HTTP/1.0 without Content-Length: the end of the connection is the end of the answer.
  const closing = atServer.createServer((socket) => socket.once('data', () => socket.end('answer')));
  closing.listen(80);
  // As HTTP with "Connection: close" and a length: the client knows when it has everything, and closes.
  const waiting = atServer.createServer((socket) => socket.once('data', () => socket.write('answer')));
  waiting.listen(81);

  process.stdout.write('the server closes first:\n');
  const first = atClient.connect(80, 'server').resume();
  first.write('request');
  await once(first, 'close');
  await w.sleep(SECOND);
  show();
  await w.sleep(241 * SECOND);
  process.stdout.write('after 2MSL, 240 s:\n');
  show();

  process.stdout.write('the client closes first:\n');
  const second = atClient.connect(81, 'server');
  second.write('request');
  await once(second, 'data');
  second.end();
  await once(second, 'close');
  await w.sleep(SECOND);
  show();

  process.stdout.write('ten more short connections of that kind:\n');
  for (let i = 0; i < 10; i++) {
    const socket = atClient.connect(81, 'server');
    socket.write('request');
    await once(socket, 'data');
    socket.end();
    await once(socket, 'close');
  }
  await w.sleep(SECOND);
  const { timeWait } = client.counters().connections;
  process.stdout.write(
    `  TIME-WAIT at the client: ${timeWait}; at the server: ${server.counters().connections.timeWait}\n`,
  );
  closing.close();
  waiting.close();
});
