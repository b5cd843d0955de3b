/**
 * Remote command client: sends commands to `node examples/remote-command-server.mjs --allow-exec`, over one connection, and
 * prints what they print, as it comes, with their exit codes. Without commands of yours it has a few of its own, among them
 * an empty one. It ends with the exit code of the last.
 *
 *   node examples/remote-command-client.mjs [UDP port, 7700] [COMMAND ...]
 *
 * 远程命令客户端：通过一个连接向 `node examples/remote-command-server.mjs --allow-exec` 发送命令，边收边打印输出，以及退出码。
 * 不带命令时运行内置的几条，其中有一条空命令。程序的退出码是最后一条命令的退出码。
 */
import { createNet } from 'synwave/net';
import { createHost, datagramLink } from 'synwave/node';

const [port = '7700', ...given] = process.argv.slice(2);
const commands = given.length > 0 ? given : ['echo 你好', '', 'echo to stderr >&2; exit 3', 'seq 1 50000 | wc -l'];
const Type = { Command: 1, Stdout: 2, Stderr: 3, Exit: 4, Error: 5 };

const nobody = () => {
  process.stderr.write('nobody is there: start node examples/remote-command-server.mjs --allow-exec first\n');
  process.exit(1);
};
const link = await datagramLink({ peer: { port: Number(port) }, onError: nobody });
const host = createHost({ name: 'client' });
host.attach(link, ['10.7.0.2/16']);
const net = createNet(host, { hosts: { server: '10.7.0.1' } });

/** Whole frames, however TCP cuts them. @param {AsyncIterable<Buffer>} socket */
async function* framesOf(socket) {
  let buffered = Buffer.alloc(0);
  for await (const chunk of socket) {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 5 && buffered.length >= 5 + buffered.readUInt32BE(1)) {
      const end = 5 + buffered.readUInt32BE(1);
      yield { type: buffered[0], body: buffered.subarray(5, end) };
      buffered = buffered.subarray(end);
    }
  }
}

const socket = net.connect(512, 'server');
for (const command of commands) {
  const header = Buffer.alloc(5, Type.Command);
  header.writeUInt32BE(Buffer.byteLength(command), 1);
  socket.write(Buffer.concat([header, Buffer.from(command)]));
}

let answered = 0;
for await (const { type, body } of framesOf(socket)) {
  if (type === Type.Stdout) process.stdout.write(body);
  else if (type === Type.Stderr) process.stderr.write(body);
  else if (type === Type.Error) process.stderr.write(`server: ${String(body)}\n`);
  else if (type === Type.Exit) {
    const code = body.readUInt32BE();
    process.stdout.write(`${JSON.stringify(commands[answered])} ends with ${code}\n`);
    process.exitCode = code;
    // All are answered: our FIN, and the server's ends the loop.
    if (++answered === commands.length) socket.end();
  }
}
if (answered < commands.length) {
  process.stderr.write('the server closed the connection before all was answered\n');
  process.exitCode = 1;
}
