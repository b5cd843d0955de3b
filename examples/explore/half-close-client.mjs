/**
 * A client that forgets to handle a half-close. It asks over one long connection, and waits for each answer. The server closes
 * a connection that was silent for five seconds; all goes well as long as each question arrives in time. A question that is
 * lost on the way comes again too late: the server has half-closed, and the client, who looks at nothing but data, waits for
 * an answer that never comes.
 *
 *   npx synwave explore examples/explore/half-close-client.mjs
 *
 * 忘了处理半关闭的客户端：它在一条长连接上逐个提问并等待回答。服务器关闭静默五秒的连接；只要每个问题都及时到达，一切正常。
 * 路上丢失的问题重传得太晚：服务器已经半关闭，而客户端只关心数据，永远等不到回答。
 */
import { SECOND } from 'synwave';
import { createNet } from 'synwave/net';

/** What the server does with a silent connection, and how long the client thinks before its next question. */
const IDLE = 5000;
const THINKS = 4.9 * SECOND;

/** @param {import('synwave/sim').World} w */
export default async function program(w) {
  const [client, server] = [w.host('client'), w.host('server')];
  w.cable(client, server, { delay: 20_000 });

  const serving = createNet(server).createServer({ allowHalfOpen: true }, (socket) => {
    let closing = false;
    socket.setTimeout(IDLE, () => {
      closing = true;
      socket.end(); // what the client still has to say is read, and not answered
    });
    socket.on('data', (question) => {
      if (!closing) socket.write(`answer to ${String(question)}`);
    });
    socket.on('error', () => undefined);
  });
  serving.listen(80);

  const socket = createNet(client).connect(80, 'server');
  socket.setNoDelay(true);
  for (let i = 1; i <= 3; i++) {
    await ask(socket, `question ${i}`);
    await w.sleep(THINKS);
  }
  socket.end();
  serving.close();
}

/**
 * The mistake is here: 'end' has no listener.
 *
 * @param {import('node:net').Socket} socket
 * @param {string} question
 * @returns {Promise<string>}
 */
function ask(socket, question) {
  return new Promise((resolve, reject) => {
    socket.once('data', (answer) => {
      socket.off('error', reject);
      resolve(String(answer));
    });
    socket.once('error', reject);
    socket.write(question);
  });
}
