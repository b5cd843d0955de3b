/** Moving octets: writes of every kind, encodings, back-pressure, pausing, and what the counters say. */
import { on as listen, once } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex, pipeline, Readable, Transform } from 'node:stream';
import { pipeline as pipelineDone } from 'node:stream/promises';
import { cases } from '../case.ts';
import type { Item } from '../items.ts';

const ENCODINGS = ['utf8', 'latin1', 'ascii', 'hex', 'base64', 'ucs2'] as const;

export const dataCases = cases(
  {
    name: 'an echo there and back',
    covers: ['Socket.write', 'Socket event: data', 'Socket.bytesRead', 'Socket.bytesWritten'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.pipe(peer));
      const client = on.watch('client', net.connect(port, on.host), true);
      client.end('the quick brown fox');
      await on.closed(client);
      on.state('client', client, 'octets', 'bytesRead', 'bytesWritten');
    },
  },
  ENCODINGS.map((encoding) => ({
    name: `write in ${encoding}`,
    covers: ['Socket.write', 'Socket.bytesWritten'] as Item[],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      peer.on('data', (text) => on.note('peer', 'data', text));
      client.write('cafe', encoding, on.called('client', 'written'));
      client.end();
      client.resume();
      await on.closed(client);
      on.state('client', client, 'octets', 'bytesWritten');
    },
  })),
  ENCODINGS.map((encoding) => ({
    name: `read in ${encoding}`,
    covers: ['Socket.setEncoding', 'Socket event: data'] as Item[],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      on.chains('client', 'setEncoding', client, () => client.setEncoding(encoding));
      client.on('data', (text) => on.note('client', 'data', text));
      peer.end(Buffer.from([0x63, 0x61, 0x66, 0xc3, 0xa9, 0x21]));
      await on.closed(client);
      on.state('client', client, 'octets', 'bytesRead');
    },
  })),
  {
    name: 'a character cut in two is put together again',
    covers: ['Socket.setEncoding'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      client.setEncoding('utf8');
      client.on('data', (text) => on.note('client', 'data', text));
      peer.setNoDelay(true);
      const text = Buffer.from('三次挥手');
      peer.write(text.subarray(0, 4));
      await on.wait(20);
      peer.end(text.subarray(4));
      await on.closed(client);
    },
  },
  [
    ['a Buffer', Buffer.from('abc')],
    ['a Uint8Array', new Uint8Array([1, 2, 3])],
    ['a view into a larger buffer', new Uint8Array(new Uint8Array([9, 8, 7, 6]).buffer, 1, 2)],
    ['an empty string', ''],
    ['an empty Buffer', Buffer.alloc(0)],
  ].map(([what, value]) => ({
    name: `write ${String(what)}`,
    covers: ['Socket.write', 'Socket.bytesWritten'] as Item[],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      peer.on('data', (text) => on.note('peer', 'data', text));
      on.call('client', 'write', () => client.write(value as string, on.called('client', 'written')));
      client.end(on.called('client', 'ended'));
      client.resume();
      await on.closed(client);
      on.state('client', client, 'octets', 'bytesWritten');
    },
  })),
  [5, null, undefined, {}, [], true, new ArrayBuffer(4), new Uint16Array(2), new DataView(new ArrayBuffer(2))].map(
    (value) => ({
      name: `write refuses ${value === null ? 'null' : (value?.constructor.name ?? 'undefined')}`,
      covers: ['Socket.write', 'ERR_INVALID_ARG_TYPE'] as Item[],
      run: async (_net, on) => {
        const { client } = await on.pair({ quiet: true });
        client.on('error', on.called('client', 'error'));
        client.on('close', on.called('client', 'close'));
        on.call('client', 'write', () => client.write(value as never, on.called('client', 'written')));
        await on.wait(10);
        on.state('client', client);
      },
    }),
  ),
  {
    name: 'write in an unknown encoding',
    covers: ['Socket.write'],
    run: async (_net, on) => {
      const { client } = await on.pair({ quiet: true });
      on.call('client', 'write', () => client.write('x', 'klingon' as never));
      on.state('client', client);
    },
  },
  {
    name: 'setEncoding refuses an unknown encoding',
    covers: ['Socket.setEncoding'],
    run: async (_net, on) => {
      const { client } = await on.pair({ quiet: true });
      on.call('client', 'setEncoding', () => client.setEncoding('klingon' as never) === client);
    },
  },
  {
    name: 'callbacks of writes come in order, then that of end',
    covers: ['Socket.write', 'Socket.end'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.resume();
      client.resume();
      for (const n of [1, 2, 3]) client.write(`${n}`, on.called('client', `written ${n}`));
      client.end('4', on.called('client', 'ended'));
      await on.closed(client, peer);
    },
  },
  {
    name: 'a write of one octet: true, and its callback later',
    covers: ['Socket.write', 'Socket.bufferSize'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      peer.resume();
      on.note('client', 'write', client.write('x', on.called('client', 'written')));
      on.note('client', 'after the call');
      await on.wait(10);
      on.state('client', client, 'later', 'bufferSize', 'writableLength', 'writableNeedDrain', 'bytesWritten');
    },
  },
  {
    name: 'cork holds, uncork lets go',
    covers: ['Socket.write', 'Socket.bytesWritten'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      peer.on('data', (text) => on.note('peer', 'data', text));
      client.resume();
      client.cork();
      client.write('one ', on.called('client', 'written 1'));
      client.write(Buffer.from('two '), on.called('client', 'written 2'));
      client.write('6869', 'hex', on.called('client', 'written 3'));
      on.state('client', client, 'corked', 'writableCorked', 'bufferSize', 'bytesWritten');
      client.uncork();
      client.end();
      await on.closed(client);
      on.state('client', client, 'octets', 'bytesWritten');
    },
  },
  {
    name: 'bytesWritten counts what waits in the encoding it was written in',
    covers: ['Socket.bytesWritten'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.resume());
      const client = on.own(net.connect(port, on.host));
      client.cork();
      client.write('é', 'latin1');
      on.state('client', client, '1', 'bytesWritten');
      client.write('é', 'utf8');
      on.state('client', client, '2', 'bytesWritten');
      client.write('c3a9', 'hex');
      on.state('client', client, '3', 'bytesWritten');
      client.uncork();
      client.resume();
      client.end();
      await on.closed(client);
      on.state('client', client, 'closed', 'bytesWritten');
    },
  },
  {
    name: 'a reader that does not read: write answers false, drain comes when it reads',
    covers: ['Socket.write', 'Socket event: drain', 'Socket.pause', 'Socket.resume', 'Socket.bufferSize'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      const block = Buffer.alloc(1 << 20, 'x');
      peer.pause();
      let full = false;
      for (let n = 0; n < 64 && !full; n++) {
        full = !client.write(block);
        await on.turn();
        full &&= client.writableNeedDrain;
      }
      await on.wait(50);
      on.note('client', 'held back', full, client.writableLength > 0, client.writableNeedDrain);
      client.on('drain', on.called('client', 'drain'));
      const drained = on.until(client, 'drain');
      peer.resume();
      await drained;
      on.state('client', client, 'drained', 'bufferSize', 'writableNeedDrain');
      const ended = on.until(peer, 'end');
      client.end();
      await ended;
      on.note('both', 'all there', peer.bytesRead === client.bytesWritten);
    },
  },
  {
    name: 'a large write arrives whole',
    covers: ['Socket.write', 'Socket.bytesRead', 'Socket.bytesWritten', 'Socket event: drain'],
    run: async (net, on) => {
      const text = Buffer.alloc(3 << 20, 'abcdefghijklmnopqrstuvwxyz');
      const parts: Buffer[] = [];
      const port = await on.serve((peer) => peer.end(text));
      const client = on.own(net.connect(port, on.host));
      client.on('data', (part: Buffer) => parts.push(part));
      await on.closed(client);
      on.note('client', 'whole', Buffer.concat(parts).equals(text), client.bytesRead);
    },
  },
  {
    name: 'a large echo through pipe',
    covers: ['Socket event: data', 'Socket event: end', 'Socket.pause', 'Socket.resume'],
    run: async (net, on) => {
      const text = Buffer.alloc(2 << 20, '0123456789');
      const parts: Buffer[] = [];
      const port = await on.serve((peer) => peer.pipe(peer));
      const client = on.own(net.connect(port, on.host));
      client.on('data', (part: Buffer) => parts.push(part));
      client.end(text);
      await on.closed(client);
      on.note('client', 'whole', Buffer.concat(parts).equals(text), client.bytesRead, client.bytesWritten);
    },
  },
  {
    name: 'pause and resume answer the socket',
    covers: ['Socket.pause', 'Socket.resume'],
    run: async (net, on) => {
      const fresh = on.own(new net.Socket());
      on.chains('fresh', 'pause', fresh, () => fresh.pause());
      on.note('fresh', 'paused', fresh.isPaused(), fresh.readableFlowing);
      const { client } = await on.pair({ quiet: true });
      on.chains('client', 'pause', client, () => client.pause());
      on.note('client', 'paused', client.isPaused(), client.readableFlowing);
      on.chains('client', 'resume', client, () => client.resume());
      on.note('client', 'resumed', client.isPaused(), client.readableFlowing);
    },
  },
  {
    name: 'nothing is read while paused; all comes after resume, end last',
    covers: ['Socket.pause', 'Socket.resume', 'Socket event: end'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      client.on('data', (text) => on.note('client', 'data', text));
      client.on('end', on.called('client', 'end'));
      client.pause();
      peer.end('patience');
      await on.wait(30);
      on.note('client', 'still paused');
      client.resume();
      await on.closed(client);
    },
  },
  {
    name: 'without a reader there is no end and no close',
    covers: ['Socket event: end', 'Socket event: close', 'Socket.readyState'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.end('unread');
      await on.wait(50);
      on.state('client', client);
      on.state('peer', peer);
      client.resume();
      await on.closed(client, peer);
    },
  },
  {
    name: 'readable and read()',
    covers: ['Socket event: data', 'Socket.bytesRead'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      client.on('end', on.called('client', 'end'));
      peer.write('abcdef');
      await on.until(client, 'readable');
      on.note('client', 'read', client.read(2), client.read(2), client.read(), client.read());
      on.state('client', client, 'octets', 'bytesRead', 'readableLength');
      const ended = on.until(client, 'end');
      client.on('readable', () => client.read());
      peer.end();
      await ended;
    },
  },
  {
    name: 'for await reads to the end',
    covers: ['Socket event: data', 'Socket event: end', 'Socket event: close'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.end('a b c');
      for await (const text of client) on.note('client', 'data', text as Buffer);
      on.note('client', 'loop over');
      await on.closed(client);
    },
  },
  {
    name: 'for await left early destroys the socket',
    covers: ['Socket.destroy', 'Socket event: close'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      peer.write('a');
      for await (const _ of client) break;
      on.state('client', client);
      await on.closed(client);
      on.state('client', client);
    },
  },
  {
    name: 'pipeline from one socket into another',
    covers: ['Socket event: end', 'Socket.end'],
    run: async (net, on) => {
      const last = await on.serve((peer) => on.watch('last', peer, true));
      const port = await on.serve((peer) => {
        const onward = on.own(net.connect(last, on.host));
        onward.resume();
        pipeline(peer, onward, on.called('relay', 'pipeline'));
      });
      const client = on.watch('client', net.connect(port, on.host), true);
      client.end('through');
      await on.wait(100);
    },
  },
  {
    name: 'pipeline notices a socket that is destroyed: premature close',
    covers: ['ERR_STREAM_PREMATURE_CLOSE', 'Socket.destroy'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.resume());
      const { client, peer } = await on.pair({ quiet: true });
      const onward = on.own(net.connect(port, on.host));
      await on.until(onward, 'ready');
      const done = new Promise<void>((resolve) => {
        pipeline(client, onward, (error) => {
          on.note('relay', 'pipeline', error);
          resolve();
        });
      });
      peer.write('x');
      await on.wait(10);
      onward.destroy();
      await done;
      on.note('both', 'destroyed', client.destroyed, onward.destroyed);
    },
  },
  {
    name: 'many small writes are one text',
    covers: ['Socket.write', 'Socket.setNoDelay'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      peer.on('data', (text) => on.note('peer', 'data', text));
      client.resume();
      for (let n = 0; n < 200; n++) client.write(`${n % 10}`);
      client.end();
      await on.closed(client);
      on.note('both', 'octets', client.bytesWritten, peer.bytesRead);
    },
  },
  {
    name: 'bytesRead counts also what a paused stream holds',
    covers: ['Socket.bytesRead'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      on.state('client', client, 'none', 'bytesRead');
      peer.write('12345');
      await on.until(client, 'readable');
      on.state('client', client, 'held', 'bytesRead', 'readableLength');
      client.destroy();
      await on.closed(client);
      on.state('client', client, 'closed', 'bytesRead');
    },
  },
  [1, 1000, 16384].map((highWaterMark) => ({
    name: `the server's highWaterMark ${highWaterMark} is its sockets'`,
    covers: ['createServer: highWaterMark'] as Item[],
    run: async (_net, on) => {
      const { peer, client } = await on.pair({ quiet: true, server: { highWaterMark } });
      on.state('peer', peer, 'marks', 'readableHighWaterMark', 'writableHighWaterMark');
      on.state('client', client, 'marks', 'readableHighWaterMark', 'writableHighWaterMark');
      client.resume();
      on.note('peer', 'write', peer.write(Buffer.alloc(highWaterMark)));
    },
  })),
  {
    name: 'Buffer written and changed after its callback is sent as it was',
    covers: ['Socket.write'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      peer.on('data', (text) => on.note('peer', 'data', text));
      const text = Buffer.from('before');
      client.resume();
      await new Promise<void>((resolve) => {
        client.write(text, () => resolve());
      });
      text.fill('!');
      client.end();
      await on.closed(client);
    },
  },
  {
    name: 'web streams over a socket',
    covers: ['net.Socket', 'Socket event: data', 'Socket event: close'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.pipe(peer));
      const client = on.watch('client', net.connect(port, on.host));
      await on.until(client, 'ready');
      const { readable, writable } = Duplex.toWeb(client);
      const writer = writable.getWriter();
      await writer.write(new TextEncoder().encode('over the web'));
      void writer.close();
      for await (const text of readable) on.note('client', 'data', Buffer.from(text as Uint8Array));
      on.note('client', 'over');
    },
  },
  {
    name: 'once() and on() of node:events over a server and its sockets',
    covers: ['Server event: connection', 'Socket event: data'],
    run: async (net, on) => {
      const server = on.server();
      const port = await on.listen(server);
      const client = on.own(net.connect(port, on.host));
      for await (const [peer] of listen(server, 'connection') as AsyncIterable<[Socket]>) {
        client.end('one message');
        const [text] = (await once(peer, 'data')) as [Buffer];
        on.note('peer', 'data', text);
        await once(peer, 'end');
        on.note('peer', 'end');
        break;
      }
    },
  },
  {
    name: 'pipeline of node:stream/promises from a source to the peer and back',
    covers: ['Socket.write', 'Socket.end', 'Socket event: end'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.pipe(peer));
      const client = on.own(net.connect(port, on.host));
      const lines = ['one\n', 'two\n', 'three\n'];
      await pipelineDone(Readable.from(lines), client, async (source: AsyncIterable<Buffer>) => {
        for await (const text of source) on.note('client', 'data', text);
      });
      on.note('client', 'over');
      on.state('client', client, 'octets', 'bytesRead', 'bytesWritten', 'destroyed');
    },
  },
  {
    name: 'a transform between two sockets',
    covers: ['Socket event: data', 'Socket.pause', 'Socket.resume'],
    run: async (net, on) => {
      const upper = (): Transform =>
        new Transform({
          transform(text: Buffer, _encoding, done) {
            done(null, text.toString('latin1').toUpperCase());
          },
        });
      const port = await on.serve((peer) => peer.pipe(upper()).pipe(peer));
      const client = on.watch('client', net.connect(port, on.host), true);
      client.end('whisper');
      await on.closed(client);
    },
  },
);
