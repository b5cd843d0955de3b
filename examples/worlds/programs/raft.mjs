/**
 * A program as it is anywhere: a small Raft (Ongaro and Ousterhout, 2014). Servers elect a leader, which has its log on
 * most of them before a command counts. What `disk` holds outlives a server; `net` is what `node:net` exports.
 */
import nodeNet from 'node:net';

const HEARTBEAT = 100; // milliseconds
const ELECTION = 1000; // a server that hears nothing for that long, or up to twice as long, stands for election
const SILENT = 20; // messages without an answer, after which a connection is made anew

/** @typedef {{ term: number, command: string | null }} Entry */
/** @typedef {{ term: number, votedFor: string | null, log: Entry[] }} Disk */
/** @typedef {{ type: string, from: string, term: number } & Record<string, any>} Message */

/** A disk with nothing on it. @returns {Disk} */
export const emptyDisk = () => ({ term: 0, votedFor: null, log: [{ term: 0, command: null }] });

/** Calls `take` with each message that comes, one in a line. @param {nodeNet.Socket} socket @param {(m: any) => void} take */
function readLines(socket, take) {
  let rest = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(JSON.parse(line));
  });
}

export class Raft {
  role = 'follower';
  /** @type {string | null} */
  leader = null;
  commit = 0;
  /** Commands that count, in their order, each once. @type {string[]} */
  applied = [];
  /** @type {Map<string, { socket: nodeNet.Socket, unanswered: number }>} */
  links = new Map();
  votes = new Set();
  /** @type {Map<string, number>} */
  next = new Map();
  /** @type {Map<string, number>} */
  match = new Map();
  /** @type {Map<string, nodeNet.Socket[]>} */
  waiting = new Map();

  /** @param {{ id: string, peers: Record<string, string>, disk: Disk, port?: number, net?: typeof nodeNet, elected?: (raft: Raft) => void }} about */
  constructor({ id, peers, disk, port = 7000, net = nodeNet, elected = () => {} }) {
    this.id = id;
    this.peers = peers;
    this.disk = disk;
    this.port = port;
    this.net = net;
    this.elected = elected;
    net
      .createServer((socket) =>
        readLines(
          socket.on('error', () => {}),
          (message) => this.take(message, socket),
        ),
      )
      .listen(port);
    this.wait();
  }

  /** Waits for a leader to be heard. */
  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stand(), ELECTION * (1 + Math.random()));
  }

  stand() {
    this.role = 'candidate';
    this.disk.term++;
    this.disk.votedFor = this.id;
    this.votes = new Set([this.id]);
    this.wait();
    const { log } = this.disk;
    this.tellAll(() => ({ type: 'vote', lastIndex: log.length - 1, lastTerm: log.at(-1)?.term }));
  }

  lead() {
    this.role = 'leader';
    this.leader = this.id;
    clearTimeout(this.timer);
    const { log, term } = this.disk;
    for (const peer of Object.keys(this.peers)) {
      this.next.set(peer, log.length);
      this.match.set(peer, 0);
    }
    log.push({ term, command: null }); // entries of earlier terms count only with one of this term (§5.4.2)
    this.elected(this);
    this.beat();
  }

  beat() {
    if (this.role !== 'leader') return;
    this.tellAll((peer) => this.entriesFor(peer));
    this.timer = setTimeout(() => this.beat(), HEARTBEAT);
  }

  /** @param {string} peer */
  entriesFor(peer) {
    const { log } = this.disk;
    const prev = (this.next.get(peer) ?? 1) - 1;
    return {
      type: 'append',
      prev,
      prevTerm: log[prev]?.term,
      entries: log.slice(prev + 1, prev + 50),
      commit: this.commit,
    };
  }

  /** @param {Message} message @param {nodeNet.Socket} socket */
  take(message, socket) {
    if (message.type === 'propose') {
      this.propose(message.command, socket);
      return;
    }
    const { disk } = this;
    const link = this.links.get(message.from);
    if (link !== undefined) link.unanswered = 0;
    if (message.term > disk.term) {
      Object.assign(disk, { term: message.term, votedFor: null });
      this.follow();
    }
    if (message.type === 'vote') this.vote(message);
    if (message.type === 'append') this.append(message);
    if (message.term !== disk.term) return;
    if (message.type === 'voted' && this.role === 'candidate' && message.granted) {
      this.votes.add(message.from);
      if (2 * this.votes.size > Object.keys(this.peers).length + 1) this.lead();
    }
    if (message.type === 'appended' && this.role === 'leader') this.appended(message);
  }

  follow() {
    if (this.role !== 'follower') this.wait();
    this.role = 'follower';
  }

  /** @param {Message} message */
  vote({ from, term, lastIndex, lastTerm }) {
    const { disk } = this;
    const myTerm = disk.log.at(-1)?.term ?? 0;
    const upToDate = lastTerm > myTerm || (lastTerm === myTerm && lastIndex >= disk.log.length - 1);
    const granted = term === disk.term && upToDate && (disk.votedFor ?? from) === from;
    if (granted) {
      disk.votedFor = from;
      this.wait();
    }
    this.tell(from, { type: 'voted', granted });
  }

  /** @param {Message} message */
  append({ from, term, prev, prevTerm, entries, commit }) {
    const { disk } = this;
    const { log } = disk;
    let match = -1;
    if (term === disk.term) {
      this.follow();
      this.wait();
      this.leader = from;
      if (log[prev]?.term === prevTerm) {
        for (const [i, entry] of entries.entries()) {
          if (log[prev + 1 + i]?.term === entry.term) continue;
          log.splice(prev + 1 + i, log.length, entry);
        }
        match = prev + entries.length;
        this.apply(Math.min(commit, match));
      }
    }
    this.tell(from, { type: 'appended', match, prev });
  }

  /** @param {Message} message */
  appended({ from, match, prev }) {
    if (match < 0) {
      this.next.set(from, Math.max(1, Math.min(prev, (this.next.get(from) ?? 1) - 1)));
      return;
    }
    this.match.set(from, Math.max(match, this.match.get(from) ?? 0));
    this.next.set(from, (this.match.get(from) ?? 0) + 1);
    const { log, term } = this.disk;
    const reached = [...this.match.values(), log.length - 1].toSorted((a, b) => b - a);
    const most = reached[Math.floor(reached.length / 2)] ?? 0; // so many servers have it that it counts
    if (log[most]?.term === term) this.apply(most);
  }

  /** What counts up to there is done, and told to whom has asked for it. @param {number} upTo */
  apply(upTo) {
    while (this.commit < upTo) {
      const command = this.disk.log[++this.commit]?.command ?? null;
      if (command === null) continue;
      if (!this.applied.includes(command)) this.applied.push(command);
      for (const socket of this.waiting.get(command) ?? []) socket.write(`${JSON.stringify({ done: command })}\n`);
      this.waiting.delete(command);
    }
  }

  /** @param {string} command @param {nodeNet.Socket} socket */
  propose(command, socket) {
    const { log, term } = this.disk;
    if (this.role !== 'leader') {
      socket.write(`${JSON.stringify({ leader: this.leader })}\n`);
      return;
    }
    this.waiting.set(command, [...(this.waiting.get(command) ?? []), socket]);
    log.push({ term, command });
  }

  /** @param {(peer: string) => Record<string, unknown>} message */
  tellAll(message) {
    for (const peer of Object.keys(this.peers)) this.tell(peer, message(peer));
  }

  /** @param {string} peer @param {Record<string, unknown>} message */
  tell(peer, message) {
    let link = this.links.get(peer);
    if (link === undefined || link.unanswered > SILENT) {
      link?.socket.destroy();
      const socket = this.net.connect(this.port, this.peers[peer] ?? '');
      const made = { socket, unanswered: 0 };
      socket.on('error', () => {}).on('close', () => this.links.get(peer) === made && this.links.delete(peer));
      this.links.set(peer, made);
      link = made;
    }
    link.unanswered++;
    link.socket.write(`${JSON.stringify({ ...message, from: this.id, term: this.disk.term })}\n`);
  }
}

/** Has a command done: asks one server after the other until it counts. @param {string} command @param {string[]} servers */
export async function propose(command, servers, port = 7000, net = nodeNet) {
  for (let i = 0; ; i++) {
    const socket = net.connect(port, servers[i % servers.length] ?? '');
    const answer = await new Promise((resolve) => {
      const late = setTimeout(resolve, 3000, {});
      socket.on('error', () => resolve({})).on('close', () => clearTimeout(late));
      readLines(socket, resolve);
      socket.write(`${JSON.stringify({ type: 'propose', command })}\n`);
    });
    socket.destroy();
    if (answer.done === command) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
