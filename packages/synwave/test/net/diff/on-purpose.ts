/** Where ours differs from node:net on purpose, and what the real one cannot be made to show over loopback. */
import type { Item } from './items.ts';

export interface Difference {
  readonly items: readonly Item[];
  /** What ours does. */
  readonly ours: string;
  readonly reason: string;
}

/** Differences on purpose: each is refused by name, and the refusal says what to do instead. */
export const onPurpose: readonly Difference[] = [
  {
    items: ['new Socket: fd'],
    ours: 'a valid fd is refused by name; an invalid one as Node.js does',
    reason: 'a file descriptor belongs to the kernel, and a stack of our own has none: node:net is for those',
  },
  {
    items: ['connect(path)', 'connect: path', 'listen(path)', 'listen: path'],
    ours: 'a path is refused by name, at once; values that are no path as Node.js does',
    reason: 'pipes and UNIX domain sockets live in the file system of the kernel, not in a TCP/IP stack',
  },
  {
    items: ['listen: readableAll', 'listen: writableAll'],
    ours: 'accepted and without effect',
    reason: 'they are the access rights of a pipe',
  },
  {
    items: ['listen(handle)'],
    ours: 'handles and descriptors are refused by name',
    reason: 'a handle wraps a descriptor of the kernel',
  },
  {
    items: ['listen: exclusive'],
    ours: 'accepted and without effect',
    reason: 'a host of ours lives in one process: there is no cluster to share a port with',
  },
  {
    items: ['Socket.connect', 'Socket.end'],
    ours: 'end() before the second attempt of autoSelectFamily is kept, and the connection ends',
    reason: 'Node.js 20 forgets it with the handle of the first attempt, and the connection stays open',
  },
  {
    items: ['new Socket: signal'],
    ours: 'a signal that was aborted before connect() leaves no connection behind',
    reason: 'Node.js 20 tells the error and closes, and then connects all the same',
  },
  {
    items: ['connect: localAddress', 'ENETUNREACH'],
    ours: 'a port for localAddress is chosen when it connects: one that is refused at once is told with port 0',
    reason: 'a port is chosen for both ends of a connection (RFC 6056), and where none came about none is taken',
  },
  {
    items: ['listen: host'],
    ours: 'listening on a group is EADDRNOTAVAIL',
    reason: 'Linux lets a server listen there, but no connection can ever come (RFC 9293 MUST-57)',
  },
  {
    items: ['Socket event: connectionAttempt'],
    ours: 'destroy() inside connectionAttempt destroys the socket',
    reason: 'Node.js 20 throws a TypeError from its own code there',
  },
];

export interface Unseen {
  readonly item: Item;
  readonly reason: string;
}

/** Error codes that cases name but that node:net gives nobody over loopback: no trace holds them. */
export const unseen: readonly Unseen[] = [
  {
    item: 'ECONNABORTED',
    reason:
      'Linux gives it to accept() alone, where libuv keeps it to itself; how connections fail is compared all the same',
  },
  {
    item: 'EHOSTUNREACH',
    reason: 'loopback reaches every address; the shape is that of ENETUNREACH, which is compared',
  },
  {
    item: 'ENOTCONN',
    reason: 'shutting down what the peer has reset gives it, and Node.js keeps it quiet: that is compared',
  },
  {
    item: 'ERR_SOCKET_CONNECTION_TIMEOUT',
    reason: 'Node.js gives ETIMEDOUT in the list of errors instead, whenever an attempt was made: that is compared',
  },
];
