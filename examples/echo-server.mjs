/**
 * Echo server: whatever a client sends comes back to it (RFC 862). Two processes, one TCP: the segments travel between
 * them in UDP datagrams on 127.0.0.1, so that neither needs root. Start it, then `node examples/echo-client.mjs`.
 *
 *   node examples/echo-server.mjs [UDP port, 7700]     Ctrl-C ends it
 *
 * 回显服务器：客户端发来什么就发回什么（RFC 862）。服务器和客户端是两个进程，TCP 报文段装在 127.0.0.1 的 UDP 数据报里传送，
 * 不需要 root 权限。先启动它，再运行 `node examples/echo-client.mjs`。
 */
import { createNet } from 'synwave/net';
import { createHost, datagramLink } from 'synwave/node';

const link = await datagramLink({ listen: { port: Number(process.argv[2] ?? 7700) } });
const host = createHost({ name: 'server' });
host.attach(link, ['10.7.0.1/16']);

// From here on it is node:net, with another name in the import.
const net = createNet(host);
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  const client = `${socket.remoteAddress}:${socket.remotePort}`;
  process.stdout.write(`${client} connects\n`);
  // pipe() reads only as fast as it can write: back-pressure both ways. The client's FIN ends our side as well.
  socket.pipe(socket);
  // Without this, one client that resets its connection would end the server.
  socket.on('error', (error) => process.stdout.write(`${client}: ${error.message}\n`));
  socket.on('close', () => process.stdout.write(`${client} is gone, ${socket.bytesRead} octets echoed\n`));
});

server.listen(7, '10.7.0.1', () => process.stdout.write(`echo server on 10.7.0.1:7, UDP port ${link.local.port}\n`));
process.once('SIGINT', () => server.close());
