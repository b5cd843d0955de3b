/** Web sockets in virtual time: what opens, what flows, what ends, and how it fails. */
import { describe, expect, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import type { CableOptions, WorldOptions } from '../../src/sim/index.ts';
import { connect, createWeb, listen, type Octets } from '../../src/web/index.ts';
import { octets, same, type Two, two, twoOver } from '../sim/helpers.ts';
import { failureOf, octetsOf, readAll, sockets, text } from './helpers.ts';

const DELAY = { delay: 10 * MILLISECOND };

describe('opening', () => {
  test.each<[Family, string, string]>([
    [4, '10.0.0.1', '10.0.0.2'],
    [6, '[fd00::1]', '[fd00::2]'],
  ])('opened tells both ends over IPv%i; the socket says that there is no TLS', async (family, here, there) => {
    const pair = twoOver(family, DELAY);
    await pair.w.run(async () => {
      const [mine, theirs] = await sockets(pair);
      const { remoteAddress, localAddress, alpn } = await mine.opened;
      expect(remoteAddress).toBe(`${there}:80`);
      expect(localAddress.replace(/\d+$/, '')).toBe(`${here}:`);
      expect(alpn).toBeUndefined();
      expect(await theirs.opened).toEqual({
        remoteAddress: localAddress,
        localAddress: `${there}:80`,
        alpn: undefined,
      });
      expect([mine.secureTransport, mine.upgraded]).toEqual(['off', false]);
      expect(() => mine.startTls()).toThrow(/no TLS/);
    });
  });

  test('by the name of a host of the world, in any case, and by IPv6', async () => {
    const pair = two(DELAY);
    const web = createWeb(pair.client);
    await pair.w.run(async () => {
      const listener = createWeb(pair.server).listen({ port: 7 });
      expect([listener.address, listener.port]).toEqual(['::', 7]);
      const named = web.connect('Server:7');
      const sixth = web.connect(`[${pair.server.address6}]:7`);
      expect((await named.opened).remoteAddress).toBe('10.0.0.2:7');
      expect((await sixth.opened).remoteAddress).toBe('[fd00::2]:7');
      await listener.close();
    });
  });

  test.each<[string, string]>([
    ['10.0.0.9', '10.0.0.2'],
    ['fd00::9', '10.0.0.2'],
    ['10.0.0.9', 'fd00::2'],
    ['fd00::9', 'fd00::2'],
  ])(
    'a lookup of the program is asked for names only; %s does not answer and has 250 ms, then %s',
    async (silent, second) => {
      const pair = two(DELAY);
      const written = second.includes(':') ? `[${second}]:80` : `${second}:80`;
      const asked: string[] = [];
      const lookup = (name: string): Promise<string[]> => {
        asked.push(name);
        return Promise.resolve([silent, second]);
      };
      const web = createWeb(pair.client);
      await pair.w.run(async () => {
        const listener = createWeb(pair.server).listen({ port: 80 });
        const socket = web.connect('example.test:80', { lookup });
        expect((await socket.opened).remoteAddress).toBe(written);
        expect(pair.w.now).toBe(250 * MILLISECOND + 2 * DELAY.delay);
        await web.connect(written, { lookup }).opened;
        expect(asked).toEqual(['example.test']);
        await listener.close();
      });
    },
  );

  test('an address that refuses makes room for the next at once; when all have failed, the last says why', async () => {
    const pair = two(DELAY);
    const web = createWeb(pair.client);
    await pair.w.run(async () => {
      const socket = web.connect('both:80', { lookup: () => ['10.0.0.2', 'fd00::2'] });
      expect(await failureOf(socket.opened)).toMatch(/^ECONNREFUSED: SocketError: connect fd00::2 port 80: nobody/);
      expect(pair.w.now).toBe(4 * DELAY.delay);
      const never = web.connect('none:80', { lookup: () => ['10.0.0.8', '10.0.0.9'] });
      await pair.w.sleep(SECOND);
      await never.close();
      expect(await failureOf(never.opened)).toMatch(/^ECONNABORTED: SocketError: connect/);
    });
  });

  test.each<[Family, string]>([
    [4, '192.0.2.1'],
    [6, '[2001:db8::1]'],
  ])('refused, unknown, unreachable over IPv%i: opened, closed and both streams tell', async (family, nowhere) => {
    const pair = twoOver(family, DELAY);
    const web = createWeb(pair.client);
    await pair.w.run(async () => {
      const refused = web.connect('server:81');
      const writer = refused.writable.getWriter();
      const reader = refused.readable.getReader();
      const write = writer.write(octetsOf('hello'));
      expect(await failureOf(refused.opened)).toMatch(/^ECONNREFUSED: SocketError: /);
      expect(await failureOf(refused.closed)).toMatch(/^ECONNREFUSED/);
      expect(await failureOf(write)).toMatch(/^ECONNREFUSED/);
      expect(await failureOf(reader.read())).toMatch(/^ECONNREFUSED/);
      const unknown = web.connect('nobody:80');
      expect(await failureOf(unknown.opened)).toMatch(/^EHOSTUNREACH: SocketError: lookup of nobody/);
      // Streams that were asked for only afterwards tell the same.
      expect(await failureOf(unknown.readable.getReader().read())).toMatch(/^EHOSTUNREACH/);
      expect(await failureOf(unknown.writable.getWriter().write(octetsOf('x')))).toMatch(/^EHOSTUNREACH/);
      expect(await failureOf(web.connect(`${nowhere}:80`).opened)).toMatch(/^ENETUNREACH/);
      const broken = web.connect('broken:80', { lookup: () => Promise.reject(new Error('no resolver')) });
      expect(await failureOf(broken.opened)).toBe('SocketError: no resolver');
    });
  });

  test('what makes no sense is refused at once', () => {
    const { client } = two();
    const web = createWeb(client);
    expect(() => web.connect('server')).toThrow(TypeError);
    expect(() => web.connect('server:80', { secureTransport: 'starttls' as 'off' })).toThrow(/'starttls'.*no TLS/);
    expect(() => web.connect('server:80', { highWaterMark: 0 })).toThrow(/highWaterMark/);
    expect(() => web.listen({ highWaterMark: Number.NaN })).toThrow(/highWaterMark/);
    expect(() => web.listen({ port: 65_536 })).toThrow(/^SocketError: .*EINVAL/);
    expect(() => web.listen({ hostname: 'nobody' })).toThrow(/EHOSTUNREACH/);
    expect(() => web.listen({ hostname: '10.9.9.9' })).toThrow(/EADDRNOTAVAIL/);
    expect(() => web.listen({ hostname: 'fd00::99' })).toThrow(/EADDRNOTAVAIL/);
    const first = web.listen({ port: 80, hostname: 'localhost' });
    expect(first.address).toBe('127.0.0.1');
    expect(() => web.listen({ port: 80 })).toThrow(/EADDRINUSE/);
  });
});

describe.each<Family>([4, 6])('over IPv%i', (family) => {
  const joined = (options: CableOptions = {}, about: WorldOptions = {}): Two => twoOver(family, options, about);

  describe('octets', () => {
    test.each([1, 2])('256 KiB each way at once over a bad cable, seed %i', async (seed) => {
      const pair = joined({ ...DELAY, rate: 50e6, loss: 0.02 }, { seed });
      const there = octets(262_144, seed);
      const back = octets(262_144, seed + 10);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair, { allowHalfOpen: true }, { allowHalfOpen: true });
        const send = async (stream: WritableStream<Octets>, bytes: Uint8Array): Promise<void> => {
          const writer = stream.getWriter();
          for (let at = 0; at < bytes.length; at += 10_000) {
            await writer.ready;
            void writer.write(bytes.subarray(at, at + 10_000));
          }
          await writer.close();
        };
        const [, , got, gotBack] = await Promise.all([
          send(mine.writable, there),
          send(theirs.writable, back),
          readAll(theirs.readable),
          readAll(mine.readable),
        ]);
        expect(same(got, there)).toBe(true);
        expect(same(gotBack, back)).toBe(true);
        await Promise.all([mine.closed, theirs.closed]);
      });
    });

    test('an echo is one line', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair);
        const echo = theirs.readable.pipeTo(theirs.writable);
        const writer = mine.writable.getWriter();
        await writer.write(octetsOf('hello, ').buffer);
        await writer.write(new DataView(octetsOf('world').buffer));
        await writer.close();
        expect(text(await readAll(mine.readable))).toBe('hello, world');
        await Promise.all([echo, mine.closed, theirs.closed]);
      });
    });

    test('a reader brings its own buffer (BYOB), and gets it back empty at the end', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair);
        const writer = mine.writable.getWriter();
        await writer.write(octetsOf('0123456789'));
        void writer.close();
        const reader = theirs.readable.getReader({ mode: 'byob' });
        const first = await reader.read(new Uint8Array(new ArrayBuffer(8), 2, 4));
        expect([first.done, text(first.value as Uint8Array), first.value?.byteOffset]).toEqual([false, '0123', 2]);
        const second = await reader.read(new Uint8Array(100));
        expect(text(second.value as Uint8Array)).toBe('456789');
        const last = await reader.read(new Uint8Array(100));
        expect([last.done, last.value?.byteLength, last.value?.buffer.byteLength]).toEqual([true, 0, 100]);
      });
    });

    test('a reader that waits before anything has arrived, with a buffer and without', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair);
        const own = theirs.readable.getReader({ mode: 'byob' }).read(new Uint8Array(5));
        const plain = mine.readable.getReader().read();
        await mine.writable.getWriter().write(octetsOf('there'));
        await theirs.writable.getWriter().write(octetsOf('back'));
        expect(text((await own).value as Uint8Array)).toBe('there');
        expect(text((await plain).value as Uint8Array)).toBe('back');
      });
    });

    test('streams are made when they are asked for, once', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine] = await sockets(pair);
        expect(mine.readable).toBe(mine.readable);
        expect(mine.writable).toBe(mine.writable);
      });
    });
  });

  describe('back-pressure', () => {
    test('who does not read closes the window; who waits for ready goes no faster', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair, { highWaterMark: 1000 });
        const whole = octets(2_000_000, 3);
        const writer = mine.writable.getWriter();
        let written = 0;
        const writing = (async (): Promise<void> => {
          while (written < whole.length) {
            await writer.ready;
            void writer.write(whole.subarray(written, written + 1000));
            written += 1000;
          }
          await writer.close();
        })();
        const { readable } = theirs; // touched, and not read
        await pair.w.sleep(20 * SECOND);
        const stuck = written;
        expect(stuck).toBeLessThan(whole.length);
        await pair.w.sleep(20 * SECOND);
        expect(written).toBe(stuck);
        expect(writer.desiredSize).toBeLessThanOrEqual(0);
        expect(same(await readAll(readable), whole)).toBe(true);
        await writing;
      });
    });
  });

  describe('ending', () => {
    test('half-close: the end of one side is not the end of the other', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair, {}, { allowHalfOpen: true });
        await mine.writable.close();
        expect(text(await readAll(theirs.readable))).toBe('');
        await pair.w.sleep(SECOND);
        const writer = theirs.writable.getWriter();
        await writer.write(octetsOf('still here'));
        await writer.close();
        expect(text(await readAll(mine.readable))).toBe('still here');
        await Promise.all([mine.closed, theirs.closed]);
      });
    });

    test('without allowHalfOpen the writable side closes when the end was read, after what was written', async () => {
      const pair = joined({ ...DELAY, rate: 1e6 });
      const big = octets(500_000, 4);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair, { allowHalfOpen: true });
        const writer = theirs.writable.getWriter(); // held: nobody else can close the stream
        const slow = writer.write(big);
        const next = writer.write(octetsOf('next'));
        await mine.writable.close();
        await readAll(theirs.readable);
        const answer = writer.write(octetsOf('last'));
        const got = await readAll(mine.readable);
        await Promise.all([slow, next, answer]);
        expect(got.length).toBe(big.length + 8);
        expect(text(got.subarray(big.length))).toBe('nextlast');
        await Promise.all([mine.closed, theirs.closed]);
        expect(await failureOf(writer.write(octetsOf('too late')))).toMatch(/^EPIPE: SocketError: write/);
      });
    });

    test('an end that nobody has read closes nothing', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair);
        await mine.writable.close();
        await pair.w.sleep(SECOND);
        await theirs.writable.getWriter().write(octetsOf('after a while'));
        expect((await mine.readable.getReader().read()).done).toBe(false);
      });
    });

    test('close() on both sides: closed resolves, a reader is told the end, a writer fails with the reason', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair);
        const reader = mine.readable.getReader();
        const read = reader.read();
        const writer = mine.writable.getWriter();
        const theirRead = theirs.readable.getReader().read();
        const reason = new Error('enough');
        const closing = mine.close(reason);
        expect(closing).toBe(mine.closed);
        await closing;
        expect((await read).done).toBe(true);
        await expect(writer.write(octetsOf('x'))).rejects.toBe(reason);
        expect((await theirRead).done).toBe(true);
        await theirs.closed;
        await mine.close(); // again: nothing more
      });
      for (const host of [pair.client, pair.server]) expect(host.counters().connections.full).toBe(0);
    });

    test('what the connection has taken is sent in spite of close()', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair);
        await mine.writable.getWriter().write(octetsOf('parting words'));
        await mine.close();
        expect(text(await readAll(theirs.readable))).toBe('parting words');
      });
    });

    test('a buffer that waits is given back when the socket is closed', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine] = await sockets(pair);
        const read = mine.readable.getReader({ mode: 'byob' }).read(new Uint8Array(9));
        await pair.w.sleep(SECOND);
        await mine.close();
        const { done, value } = await read;
        expect([done, value?.buffer.byteLength]).toEqual([true, 9]);
      });
    });

    test('close() before it is open: opened rejects, closed resolves', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const listener = createWeb(pair.server).listen({ port: 80 });
        const socket = createWeb(pair.client).connect('server:80');
        const write = socket.writable.getWriter().write(octetsOf('x'));
        await socket.close();
        expect(await failureOf(socket.opened)).toMatch(/^ECONNABORTED: SocketError: connect/);
        expect(await failureOf(write)).toMatch(/^ECONNABORTED/);
        expect((await socket.readable.getReader().read()).done).toBe(true);
        await listener.close();
      });
    });
  });

  describe('cancel and abort', () => {
    test('abort of the writable side resets the connection: both sides are told', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair);
        const read = theirs.readable.getReader().read();
        const reason = new Error('never mind');
        await mine.writable.abort(reason);
        expect(await failureOf(mine.closed)).toMatch(/^ECONNABORTED/);
        expect(await failureOf(mine.readable.getReader().read())).toMatch(/^ECONNABORTED/);
        await expect(mine.writable.getWriter().closed).rejects.toBe(reason);
        expect(await failureOf(read)).toMatch(/^ECONNRESET/);
        expect(await failureOf(theirs.closed)).toMatch(/^ECONNRESET/);
        expect(await failureOf(theirs.writable.getWriter().write(octetsOf('x')))).toMatch(/^ECONNRESET/);
      });
    });

    test('abort does not wait for a write that never ends', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair);
        const writer = mine.writable.getWriter();
        const write = writer.write(new Uint8Array(3_000_000));
        await pair.w.sleep(SECOND);
        const reason = new Error('too slow');
        const aborted = writer.abort(reason);
        await expect(write).rejects.toBe(reason);
        await aborted;
        expect(await failureOf(theirs.closed)).toMatch(/^ECONNRESET/);
      });
    });

    test('what had arrived before a reset can still be read', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair);
        await mine.writable.getWriter().write(octetsOf('so far'));
        await pair.w.sleep(SECOND);
        const reader = theirs.readable.getReader();
        pair.client.crash();
        pair.client.boot();
        const writer = theirs.writable.getWriter();
        await writer.write(octetsOf('anybody?'));
        expect(await failureOf(theirs.closed)).toMatch(/^ECONNRESET/);
        expect(text((await reader.read()).value as Uint8Array)).toBe('so far');
        expect(await failureOf(reader.read())).toMatch(/^ECONNRESET/);
      });
    });

    test('cancel of the readable side: what arrives is thrown away, writing goes on until the peer ends', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair, {}, { allowHalfOpen: true });
        await mine.readable.cancel();
        const writer = theirs.writable.getWriter();
        await writer.write(new Uint8Array(2_000_000)); // more than any buffer: somebody must be taking it
        await mine.writable.getWriter().write(octetsOf('go on'));
        await writer.close();
        expect(text(await readAll(theirs.readable))).toBe('go on');
        await Promise.all([mine.closed, theirs.closed]);
      });
    });

    test('cancel while a read waits; with the writable side closed too, the connection is let go', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair);
        const reader = mine.readable.getReader();
        const read = reader.read();
        await pair.w.sleep(SECOND);
        await reader.cancel();
        expect((await read).done).toBe(true);
        await mine.writable.close();
        await mine.closed;
        await readAll(theirs.readable);
        await theirs.closed;
      });
    });

    test('a chunk of something else than octets resets the connection: a FIN would say that all was sent', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const [mine, theirs] = await sockets(pair);
        const write = mine.writable.getWriter().write('words' as unknown as Octets);
        expect(await failureOf(write)).toMatch(/^a chunk for a socket/);
        expect(await failureOf(theirs.closed)).toMatch(/^ECONNRESET/);
      });
    });
  });

  describe('listening', () => {
    test('sockets one by one, as they are asked for; the loop ends when the listener is closed', async () => {
      const pair = joined(DELAY);
      const web = createWeb(pair.client);
      await pair.w.run(async () => {
        const listener = createWeb(pair.server).listen({ port: 80, backlog: 1 });
        const clients = [1, 2, 3].map(() => web.connect('server:80'));
        const heard: string[] = [];
        const serving = (async (): Promise<void> => {
          for await (const socket of listener) {
            heard.push((await socket.opened).remoteAddress);
            void socket.close();
            if (heard.length === 3) await listener.close();
          }
        })();
        await Promise.all(clients.map(({ opened }) => opened));
        await serving;
        expect(new Set(heard).size).toBe(3);
        expect(await failureOf(web.connect('server:80').opened)).toMatch(/^ECONNREFUSED/);
      });
    });

    test('a peer that has come, spoken and gone before anyone asked is heard all the same', async () => {
      const pair = joined(DELAY);
      await pair.w.run(async () => {
        const listener = createWeb(pair.server).listen({ port: 80 });
        const gone = createWeb(pair.client).connect('server:80');
        const writer = gone.writable.getWriter();
        await writer.write(octetsOf('I was here'));
        await writer.close();
        await pair.w.sleep(SECOND);
        const { value } = await listener[Symbol.asyncIterator]().next();
        if (value === undefined) throw new Error('nobody came');
        expect(text(await readAll(value.readable))).toBe('I was here');
        await value.closed;
        const reset = createWeb(pair.client).connect('server:80');
        await reset.opened;
        const next = listener[Symbol.asyncIterator]().next();
        await reset.writable.abort();
        const failed = (await next).value;
        if (failed === undefined) throw new Error('nobody came');
        expect(await failureOf(failed.closed)).toMatch(/^ECONNRESET/);
        await listener.close();
      });
    });
  });
});

describe('a listener', () => {
  test('asyncDispose closes', async () => {
    const { client } = two();
    const listener = listen({ host: client, port: 80 });
    await listener[Symbol.asyncDispose]();
    listen({ host: client, port: 80 });
    expect((await listener[Symbol.asyncIterator]().next()).done).toBe(true);
  });

  test('options without a host mean the host of the process', async () => {
    const listener = listen({ hostname: 'localhost' });
    const socket = connect(`localhost:${listener.port}`);
    const { value } = await listener[Symbol.asyncIterator]().next();
    expect((await socket.opened).remoteAddress).toBe(`127.0.0.1:${listener.port}`);
    await value?.close();
    await socket.close();
    await listener.close();
  });
});
