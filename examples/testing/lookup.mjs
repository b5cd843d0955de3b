/** A program as it is anywhere: it asks for a word by UDP, and asks again when nobody answers. It knows nothing of worlds. */
import nodeDgram from 'node:dgram';

const PORT = 9000;

/**
 * Answers whoever asks.
 *
 * @param {Pick<typeof nodeDgram, 'createSocket'>} dgram
 */
export function serve(dgram = nodeDgram) {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (question, { address, port }) =>
    socket.send(`you asked for ${String(question)}`, port, address),
  );
  socket.bind(PORT);
  return socket;
}

/**
 * Resolves to the answer; rejects when three questions, a second apart, have brought none.
 *
 * @param {string} word
 * @param {string} address
 * @param {Pick<typeof nodeDgram, 'createSocket'>} dgram
 * @returns {Promise<string>}
 */
export function lookUp(word, address, dgram = nodeDgram) {
  const socket = dgram.createSocket('udp4');
  return new Promise((resolve, reject) => {
    let asked = 0;
    const ask = () => {
      if (asked++ === 3) end(() => reject(new Error(`nobody answers at ${address}`)));
      else socket.send(word, PORT, address);
    };
    const timer = setInterval(ask, 1000);
    /** @param {() => void} settle */
    const end = (settle) => {
      clearInterval(timer);
      socket.close();
      settle();
    };
    socket.once('message', (answer) => end(() => resolve(String(answer))));
    ask();
  });
}
