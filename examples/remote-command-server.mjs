/**
 * Remote command server: runs what a client sends, and sends back standard output, standard error and the exit code. What
 * such servers get wrong in tutorials, done right:
 *
 *   - Messages say how long they are, so output larger than one read is not cut and two messages are not taken for one.
 *   - The end of the connection is the event 'end'; an empty command is a message of length 0. A loop that takes both for
 *     "no data" spins on the first, or hangs on the second.
 *   - A client that resets its connection ends its own command, and nothing else.
 *   - Whole characters: a frame never ends in the middle of one.
 *   - A command has a time limit, and does not take what it started along into the night: the whole group is killed.
 *   - It refuses to run unless it is asked to explicitly. There is no password: clients are processes of this machine.
 *
 *   node examples/remote-command-server.mjs --allow-exec [UDP port, 7700] [utf-8 | gbk]     Ctrl-C ends it
 *
 * 远程命令服务器：运行客户端发来的命令，送回标准输出、标准错误和退出码。教程里常见的错误在这里都避免了：消息带长度，所以比一次
 * 读取更大的输出不会被截断；连接结束是 'end' 事件，空命令是长度为 0 的消息，两者不会混淆（混淆时，前者使循环空转，后者使双方
 * 死等）；客户端复位连接时只结束它自己的命令；不会把一个汉字切成两半；命令有时间限制，超时则连同它启动的进程一起杀掉；没有明确
 * 许可就拒绝运行。命令输出为 GBK 时，最后一个参数写 gbk。
 */
import { spawn } from 'node:child_process';
import { createNet } from 'synwave/net';
import { createHost, datagramLink } from 'synwave/node';

const [allow, port = '7700', encoding = 'utf-8'] = process.argv.slice(2);
if (allow !== '--allow-exec') {
  process.stderr.write(
    'this server runs any command of any client as you: say --allow-exec if that is what you want\n',
  );
  process.exit(2);
}

const TIME_LIMIT = 10_000;
const LONGEST_COMMAND = 65_536;
const Type = { Command: 1, Stdout: 2, Stderr: 3, Exit: 4, Error: 5 };

/** One octet for the type, four for the length of the body. @param {number} type @param {string | Uint8Array} body */
const frame = (type, body) => {
  const octets = Buffer.from(body);
  const header = Buffer.alloc(5, type);
  header.writeUInt32BE(octets.length, 1);
  return Buffer.concat([header, octets]);
};

/** The commands of a connection, however TCP cuts them. @param {AsyncIterable<Buffer>} socket */
async function* commandsOf(socket) {
  let buffered = Buffer.alloc(0);
  for await (const chunk of socket) {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 5) {
      const length = buffered.readUInt32BE(1);
      if (buffered[0] !== Type.Command || length > LONGEST_COMMAND) throw new Error('this is no command');
      if (buffered.length < 5 + length) break;
      yield buffered.toString('utf8', 5, 5 + length);
      buffered = buffered.subarray(5 + length);
    }
  }
  // Here the client has closed its side. If something is left, it closed in the middle of a command.
  if (buffered.length > 0) throw new Error('the connection ends inside a command');
}

/** @param {import('node:net').Socket} socket @param {string} command */
const run = (socket, command) =>
  new Promise((resolve) => {
    // A blank is nothing to a shell; spawn() takes no empty command. Detached: a process group of its own.
    const child = spawn(command || ' ', { shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const kill = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of the group have ended by themselves.
      }
    };
    const timer = setTimeout(() => {
      socket.write(frame(Type.Error, `killed after ${TIME_LIMIT / 1000} s`));
      kill();
    }, TIME_LIMIT);
    socket.once('close', kill);
    for (const [stream, type] of /** @type {const} */ ([
      [child.stdout, Type.Stdout],
      [child.stderr, Type.Stderr],
    ])) {
      // Streaming: half of a character waits for the other half. What goes over the wire is UTF-8.
      const decoder = new TextDecoder(encoding);
      stream.on('data', (chunk) => {
        const text = decoder.decode(chunk, { stream: true });
        if (text === '' || socket.write(frame(type, text))) return;
        // The client does not read as fast as the command writes: the command waits.
        stream.pause();
        socket.once('drain', () => stream.resume());
      });
    }
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      socket.off('close', kill);
      const body = Buffer.alloc(4);
      body.writeUInt32BE(code ?? (signal === 'SIGKILL' ? 137 : 128));
      if (!socket.destroyed) socket.write(frame(Type.Exit, body));
      resolve(undefined);
    });
  });

const link = await datagramLink({ listen: { port: Number(port) } });
const host = createHost({ name: 'server' });
host.attach(link, ['10.7.0.1/16']);
const net = createNet(host);

const server = net.createServer({ allowHalfOpen: true }, async (socket) => {
  try {
    for await (const command of commandsOf(socket.iterator({ destroyOnReturn: false }))) {
      process.stdout.write(`runs ${JSON.stringify(command)}\n`);
      await run(socket, command);
    }
    process.stdout.write('the client has closed the connection\n');
    socket.end();
  } catch (error) {
    // A reset, or nonsense: that connection is over. The server goes on.
    process.stdout.write(`a connection fails: ${/** @type {Error} */ (error).message}\n`);
    socket.destroy();
  }
});
server.listen(512, '10.7.0.1', () =>
  process.stdout.write(`remote commands on 10.7.0.1:512, UDP port ${link.local.port}\n`),
);
process.once('SIGINT', () => server.close());
