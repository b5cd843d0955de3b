/**
 * A server that speaks first, to a client that reads two seconds later. Nothing is lost: the greeting arrives at once, is
 * acknowledged by the client's TCP, and waits in its receive buffer until the program reads. Runs in virtual time.
 *
 *   node examples/server-speaks-first.mjs
 *
 * 服务器先发言，客户端两秒后才读。数据不会丢：问候语立刻到达，由客户端的 TCP 确认，存放在接收缓冲区里，直到程序来读。
 * 在虚拟时间中运行。
 */
import { once } from 'node:events';
import { SECOND } from 'synwave';
import { createNet } from 'synwave/net';
import { world } from 'synwave/sim';

const w = world({ seed: 7 });
const [server, client] = [w.host('server'), w.host('client')];
w.cable(client, server, { delay: 10_000 }); // microseconds

/** @param {string} text */
const say = (text) => process.stdout.write(`${(w.now / SECOND).toFixed(3)} s  ${text}\n`);

await w.run(async () => {
  const listening = createNet(server).createServer((socket) => {
    socket.end('220 welcome\r\n');
    say('server: greeting sent, and a FIN behind it');
  });
  listening.listen(25);

  const socket = createNet(client).connect(25, 'server');
  // No 'data' listener, no pipe: the program does not read.
  await once(socket, 'connect');
  say('client: connected, not reading');
  await w.sleep(2 * SECOND);

  const [connection] = [...client.stack.connections(w.now)];
  // In TCP's buffer, and in that of the stream above it.
  const waiting = (connection?.info.rcv.readable ?? 0) + socket.readableLength;
  say(`client: ${connection?.info.state}, ${waiting} octets wait to be read`);
  socket.setEncoding('utf8');
  let text = '';
  for await (const chunk of socket) text += chunk;
  say(`client: read ${JSON.stringify(text)}, then the end`);
  listening.close();
});
