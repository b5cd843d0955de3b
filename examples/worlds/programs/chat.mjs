/** A program as it is anywhere: a chat over WebSockets. The server numbers the lines; who was away asks for those that it missed. */
import nodeHttp from 'node:http';
import nodeNet from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

const BEAT = 2000; // milliseconds after which a side that has said nothing is given up

/** @param {number} port @param {Pick<typeof nodeHttp, 'createServer'>} http */
export function serveChat(port, http = nodeHttp) {
  /** @type {string[]} */
  const lines = [];
  const seen = new Set();
  const web = http.createServer();
  const sockets = new WebSocketServer({ server: web });
  sockets.on('connection', (socket) => {
    let from = Number.POSITIVE_INFINITY;
    let alive = true;
    const beat = setInterval(() => {
      if (!alive) socket.terminate();
      alive = false;
      socket.ping();
    }, BEAT);
    socket.on('pong', () => (alive = true));
    socket.on('error', () => {});
    socket.on('close', () => clearInterval(beat));
    socket.on('message', (data) => {
      const { have, id, text } = JSON.parse(textOf(data));
      if (have !== undefined) from = have;
      // A line that was sent again after its connection had broken is there already.
      if (id !== undefined && !seen.has(id)) {
        seen.add(id);
        lines.push(text);
      }
      for (const client of sockets.clients) client.emit('news');
    });
    socket.on('news', () => {
      for (; from < lines.length; from++) socket.send(JSON.stringify({ number: from, text: lines[from] }));
    });
  });
  web.listen(port);
  return {
    lines,
    close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      web.close();
    },
  };
}

/** Somebody who talks, and connects again whenever the connection is gone. */
export class Chatter {
  /** What has been said, as far as it has been heard here. @type {string[]} */
  heard = [];
  /** What has been said here, and has not come back yet. @type {Map<string, string>} */
  unheard = new Map();
  said = 0;
  connections = 0;
  over = false;

  /** @param {string} name @param {string} url @param {Pick<typeof nodeNet, 'createConnection'>} net */
  constructor(name, url, net = nodeNet) {
    this.name = name;
    this.url = url;
    this.net = net;
    this.connect();
  }

  /** @param {string} words */
  say(words) {
    const text = `${this.name} ${++this.said}: ${words}`;
    this.unheard.set(text, `${this.name} ${this.said}`);
    this.send(text);
  }

  leave() {
    this.over = true;
    this.socket?.close();
  }

  /** @param {string} text */
  send(text) {
    if (this.socket?.readyState === WebSocket.OPEN)
      this.socket.send(JSON.stringify({ id: this.unheard.get(text), text }));
  }

  connect() {
    if (this.over) return;
    this.connections++;
    const createConnection = /** @type {any} */ (this.net.createConnection);
    const socket = new WebSocket(this.url, { createConnection, handshakeTimeout: BEAT });
    this.socket = socket;
    /** @type {NodeJS.Timeout | undefined} */
    let silence;
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(() => socket.terminate(), 2 * BEAT);
    };
    socket.on('open', () => {
      alive();
      socket.send(JSON.stringify({ have: this.heard.length }));
      for (const text of this.unheard.keys()) this.send(text);
    });
    socket.on('ping', alive);
    socket.on('message', (data) => {
      alive();
      const { number, text } = JSON.parse(textOf(data));
      if (number !== this.heard.length) return; // twice
      this.heard.push(text);
      this.unheard.delete(text);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(silence);
      setTimeout(() => this.connect(), 500);
    });
  }
}

/** @param {import('ws').RawData} data */
function textOf(data) {
  return Buffer.isBuffer(data) ? data.toString('utf8') : '';
}
