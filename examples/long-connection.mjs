/**
 * A long connection: one handshake for a thousand requests, then silence. Keep-alive probes tell both sides that the other
 * is still there; and a server that cannot bear ever more silent connections has a policy: whoever says nothing for ten
 * minutes is closed, no client has more than two connections. The client connects again when it has something to say.
 * Hours pass in virtual time.
 *
 *   node examples/long-connection.mjs
 *
 * 长连接：一次握手，一千个请求，然后静默。保活探测让双方知道对方还在；服务器承受不了越来越多的静默连接，于是规定：静默十分钟
 * 就关闭，每个客户端最多两个连接。客户端有话要说时再重新连接。几个小时在虚拟时间里一瞬间过去。
 */
import { once } from 'node:events';
import { MINUTE, SECOND } from 'synwave';
import { createNet } from 'synwave/net';
import { world } from 'synwave/sim';

const w = world({ seed: 7 });
const [server, client] = [w.host('server'), w.host('client')];
w.cable(client, server, { delay: 10_000, loss: 0.01 }); // microseconds; one packet in a hundred is lost
const atServer = createNet(server);
const atClient = createNet(client);

/** @param {string} text */
const say = (text) => process.stdout.write(`${(w.now / MINUTE).toFixed(0).padStart(3)} min  ${text}\n`);

await w.run(async () => {
  const listening = atServer.createServer((socket) => {
    socket.on('data', (request) => socket.write(request));
    socket.on('error', () => undefined);
  });
  const policy = atServer.policy(listening, { idle: 10 * 60_000, perAddress: 2, total: 1000 });
  listening.on('refused', ({ reason }) => say(`server: a connection is closed or refused, reason: ${reason}`));
  listening.listen(80);

  /** @param {import('node:net').Socket} socket @param {string} text */
  const ask = async (socket, text) => {
    socket.write(text);
    const [answer] = await once(socket, 'data');
    if (String(answer) !== text) throw new Error(`asked ${text}, was answered ${answer}`);
  };

  const socket = atClient.connect({ port: 80, host: 'server', keepAlive: true, keepAliveInitialDelay: 60_000 });
  socket.setNoDelay(true); // small requests do not wait for each other's ACK
  for (let i = 0; i < 1000; i++) {
    await ask(socket, `request ${i}`);
    await w.sleep(2 * SECOND);
  }
  say(`client: 1000 requests over one connection, ${policy.connections} open at the server`);

  const ended = once(socket, 'end');
  await ended;
  say('client: the server has closed the silent connection');
  await once(socket, 'close');

  const again = atClient.connect(80, 'server');
  await ask(again, 'request 1000');
  say('client: connected again, and was answered');

  const more = [1, 2].map(() => atClient.connect(80, 'server').on('error', () => undefined));
  await Promise.all(more.map((each) => once(each, 'connect')));
  await w.sleep(SECOND);
  say(`client: of three connections ${policy.connections} are open at the server`);
  for (const each of [again, ...more]) each.destroy();
  listening.close();
});
