/**
 * A server that loses the last bytes on reset. It sends its answer, gives it a tenth of a second to arrive, and resets the connection, so
 * that no TIME-WAIT is left behind. All goes well as long as nothing has to be sent again: what is still in the send buffer
 * when the connection is reset is gone (RFC 9293 §3.10.5), and so is what the client has not read.
 *
 *   npx synwave explore examples/explore/lossy-reset-server.mjs
 *
 * 重置时丢失最后几个字节的服务器：它发出回答，等十分之一秒让它到达，然后重置连接，以免留下 TIME-WAIT。只要没有重传，一切正常：
 * 重置时还在发送缓冲区里的数据就没了（RFC 9293 §3.10.5），客户端还没读的也没了。
 */
import { MILLISECOND } from 'synwave';

const ANSWER = new Uint8Array(4000).fill(7);

/** @param {import('synwave/sim').World} w */
async function program(w) {
  const [client, server] = [w.host('client'), w.host('server')];
  w.cable(client, server, { delay: 20_000 });
  serve(w, server);

  const socket = client.connect({ address: server.address, port: 80 });
  socket.end();
  let octets = 0;
  try {
    for await (const chunk of socket) octets += chunk.length;
  } catch (error) {
    // A reset is how this server ends: whether all has come, the length tells.
    if (/** @type {{ code?: string }} */ (error).code !== 'ECONNRESET') throw error;
  }
  return octets;
}

/** @param {import('synwave/sim').World} w @param {import('synwave/sim').SimHost} server */
function serve(w, server) {
  const listener = server.listen({ port: 80 });
  listener.onConnection = async (socket) => {
    await socket.write(ANSWER);
    await w.sleep(100 * MILLISECOND);
    socket.abort(); // the mistake: `end` would see to it that all arrives
  };
}

/** @param {number} octets */
function property(octets) {
  if (octets !== ANSWER.length) throw new Error(`the client got ${octets} of ${ANSWER.length} octets`);
}

export default { program, property };
