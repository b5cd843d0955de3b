/**
 * An internet: two LANs, four routers, two ways between them; with both families of addresses. A web server is asked across
 * it, the way there is looked at with ping and traceroute, and paths tell what they take. Then a router dies in the middle of
 * a transfer, and the connection goes on by the other way. Virtual time: two minutes pass in a moment, the same in each run.
 * What the client sees is kept in captures/internet.pcapng, for Wireshark.
 *
 *   node examples/internet.mjs
 *
 *   client, laptop ── lan1 ── r1 ── exchange ──┬── r2 ════ MTU 1280 ════ r4 ── lan2 ── server
 *                                              └── r3 ──── backup ─────── ┘   (MTU 576 for IPv4)
 *
 * 一个小互联网：两个局域网，四台路由器，两条路径，IPv4 和 IPv6 并存。客户端跨越它访问网页服务器，用 ping 和 traceroute
 * 查看路径，并发现路径 MTU；随后一台路由器在传输途中死机，连接改走另一条路径继续。在虚拟时间中运行，每次结果相同。客户端
 * 看到的分组保存在 captures/internet.pcapng，可用 Wireshark 打开。
 */
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import http from 'node:http';
import { MILLISECOND, SECOND } from 'synwave';
import { createNet } from 'synwave/net';
import { PcapngWriter } from 'synwave/pcapng';
import { internet, record } from 'synwave/sim';

const net = internet({ seed: 7, long: { rate: 2_000_000, queue: 50_000 } }); // bits per second, octets
const { world: w, client, server, routers } = net;
const [, r2] = routers;

/** @param {string} text */
const say = (text) => process.stdout.write(`${(w.now / SECOND).toFixed(3).padStart(7)} s  ${text}\n`);
/** @param {import('synwave').Micros} span */
const ms = (span) => `${(span / MILLISECOND).toFixed(1)} ms`;

mkdirSync('captures', { recursive: true });
const file = createWriteStream('captures/internet.pcapng');
record(new PcapngWriter({ sink: (octets) => file.write(octets) }), [net.clientCable]);

// Routers advertise themselves; hosts make their own IPv6 addresses.
await net.settle();
for (const host of [client, server]) say(`${host.name} is ${host.address} and ${host.address6}`);

/** Node's own http, on hosts of ours: the server sends back what it gets. */
const web = http.createServer((request, response) => {
  response.sendDate = false;
  request.pipe(response);
});
const listening = createNet(server).createServer((socket) => web.emit('connection', socket));
listening.listen(80);
const agent = Object.assign(new http.Agent(), { createConnection: createNet(client).createConnection });

/** Answers the octets that came back, and from whom. @param {4 | 6} family @param {number} length */
async function post(family, length) {
  const request = http.request({ host: 'server', family, agent, method: 'POST' });
  request.end(Buffer.alloc(length));
  const [response] = await once(request, 'response');
  let octets = 0;
  for await (const chunk of response) octets += chunk.length;
  return `${octets} octets came back from ${response.socket.remoteAddress}`;
}

/** Four echoes, one each second. @param {string} address */
async function ping(address) {
  const times = [];
  for (let i = 0; i < 4; i++) {
    const answer = await client.ping(address);
    if (answer.type === 'reply') times.push(answer.time);
    await w.sleep(SECOND);
  }
  const sum = times.reduce((a, b) => a + b, 0);
  const rtt = [Math.min(...times), sum / times.length, Math.max(...times)].map(ms).join(' / ');
  say(`ping ${address}: 4 sent, ${times.length} received, round trip min / avg / max = ${rtt}`);
}

/** @param {string} address */
async function traceroute(address) {
  say(`traceroute ${address}:`);
  for await (const { ttl, answers } of client.traceroute(address)) {
    const [first] = answers;
    const times = answers.map((each) => (each.type === 'timeout' ? '*' : ms(each.time))).join('  ');
    const who = first === undefined || first.type === 'timeout' ? '' : `${net.nameOf(first.from)} (${first.from})  `;
    say(`  ${ttl}  ${who}${times}`);
  }
}

/** What each host hears of packets that are too large, once from each router: it sends smaller ones from then on. */
for (const host of [client, server]) {
  const heard = new Set();
  host.observe((event) => {
    if (event.type !== 'icmp' || event.direction !== 'in' || heard.has(event.remote)) return;
    const { family, icmpType, code, remote } = event;
    if (family === 4 ? icmpType !== 3 || code !== 4 : icmpType !== 2) return;
    heard.add(remote);
    say(`  ${net.nameOf(remote)} (${remote}) tells ${host.name}: packet too big`);
  });
}

// Neighbours that routers ask in vain (RFC 4861 §7.3): whoever has another way takes it.
for (const router of routers) {
  router.observe((event) => {
    if (event.type === 'neighbour' && event.to === 'FAILED') say(`  ${router.name}: ${event.address} does not answer`);
  });
}

await w.run(async () => {
  for (const family of /** @type {const} */ ([4, 6])) {
    say(`http over IPv${family}:`);
    say(`  ${await post(family, 100_000)}`);
  }
  const { address, address6 } = server;
  await ping(address);
  await ping(address6);
  await traceroute(address);
  await traceroute(address6);

  // 1500 octets with both headers, that no router may cut.
  const answer = await net.laptop.ping(address, { size: 1472, dontFragment: true });
  if (answer.type === 'packet too big') say(`laptop's ping of 1500 octets: ${answer.from} takes ${answer.mtu} at most`);

  say('http with 500,000 octets, and a router that dies in the middle:');
  w.after(SECOND, () => {
    say('  r2 is dead');
    r2.crash();
  });
  say(`  ${await post(4, 500_000)}`);
  await traceroute(address);

  r2.boot();
  await w.sleep(5 * SECOND);
  say('r2 is back:');
  await traceroute(address);
  agent.destroy();
  listening.close();
  await once(listening, 'close');
});
file.end();
await once(file, 'finish');
process.stdout.write('captures/internet.pcapng holds what the client saw\n');
