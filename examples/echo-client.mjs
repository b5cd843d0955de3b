/**
 * Echo client: says three lines to `node examples/echo-server.mjs`, prints what comes back, and closes.
 *
 *   node examples/echo-client.mjs [UDP port, 7700]
 *
 * 回显客户端：向 `node examples/echo-server.mjs` 发送三行文字，打印发回的内容，然后关闭连接。
 */
import { createInterface } from 'node:readline';
import { createNet } from 'synwave/net';
import { createHost, datagramLink } from 'synwave/node';

const port = Number(process.argv[2] ?? 7700);
const nobody = () => {
  process.stderr.write('nobody is there: start node examples/echo-server.mjs first\n');
  process.exit(1);
};
const link = await datagramLink({ peer: { port }, onError: nobody });
const host = createHost({ name: 'client' });
host.attach(link, ['10.7.0.2/16']);
const net = createNet(host, { hosts: { server: '10.7.0.1' } });

const socket = net.connect(7, 'server');
const lines = ['hello', '你好', 'goodbye'];
// Octets come in whatever pieces TCP likes: lines are put together again by whoever wants lines.
const answers = createInterface({ input: socket });
socket.write(`${lines.join('\n')}\n`);

let left = lines.length;
for await (const line of answers) {
  process.stdout.write(`echoed: ${line}\n`);
  // All is back: our FIN. The server's FIN ends the loop.
  if (--left === 0) socket.end();
}
process.stdout.write('closed\n');
