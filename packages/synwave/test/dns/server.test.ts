/** A name server as its clients see it: codes, sizes, connections, bounds, and whom it asks itself. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import type { Message } from '../../src/dns/codec.ts';
import { queryOf } from '../../src/dns/message.ts';
import type { NameServerOptions } from '../../src/dns/server.ts';
import { codec, nameServer, resolver } from '../../src/node/dns.ts';
import { type SimHost, world } from '../../src/sim/index.ts';
import { octets, takeAll } from '../sim/helpers.ts';
import { a, codeOf, fakeServer, place, RECORDS, served } from './helpers.ts';

const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `10.2.${i >> 8}.${i & 0xff}`);

/** Sends octets over UDP; the answer within a second, or null. */
async function ask(client: SimHost, to: string, sent: Uint8Array): Promise<Uint8Array | null> {
  const socket = client.udp();
  socket.connect(to, 53);
  socket.send(sent);
  const alarm = client.driver.after(SECOND, () => socket.close());
  const message = await socket.receive();
  alarm.cancel();
  socket.close();
  return message?.octets ?? null;
}

async function askMessage(client: SimHost, to: string, query: Message): Promise<Message | null> {
  const got = await ask(client, to, codec.encode(query));
  return got === null ? null : codec.decode(got);
}

const edns = (udpSize: number, version = 0): Message['edns'] => ({ udpSize, version, dnssecOk: false });

const frame = (octetsOf: Uint8Array): Uint8Array =>
  Uint8Array.from([octetsOf.length >> 8, octetsOf.length & 0xff, ...octetsOf]);

/** The messages in what a TCP connection brought. */
function framesOf(bytes: Uint8Array): (Message | null)[] {
  const found: (Message | null)[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += 2 + view.getUint16(at)) {
    found.push(codec.decode(bytes.subarray(at + 2, at + 2 + view.getUint16(at))));
  }
  return found;
}

describe('a question', () => {
  const q = queryOf(7, 'v4.example', 'A', null);

  test.each<[string, Partial<Message>, number, boolean]>([
    ['of its zones', {}, 0, true],
    ['in other letters', { questions: [{ name: 'V4.eXample', type: 'A', class: 1 }] }, 0, true],
    ['of any class', { questions: [{ name: 'v4.example', type: 'A', class: 255 }] }, 0, true],
    ['of a name that is not there', { questions: [{ name: 'nobody.example', type: 'A', class: 1 }] }, 3, true],
    ['of a type that it has no word for', { questions: [{ name: 'v4.example', type: 'TYPE65', class: 1 }] }, 0, true],
    ['of other zones', { questions: [{ name: 'www.elsewhere', type: 'A', class: 1 }] }, 5, false],
    ['of another class', { questions: [{ name: 'v4.example', type: 'A', class: 3 }] }, 5, false],
    ['of a class that nobody has heard of', { questions: [{ name: 'v4.example', type: 'A', class: 77 }] }, 5, false],
    ['for the whole zone', { questions: [{ name: 'example', type: 'AXFR', class: 1 }] }, 5, false],
    ['of another kind: NOTIFY', { opcode: 4 }, 4, false],
    ['with no question', { questions: [] }, 1, false],
    ['with two (RFC 9619)', { questions: [...q.questions, ...q.questions] }, 1, false],
    ['with a later EDNS (RFC 6891 §6.1.3)', { edns: edns(1232, 1) }, 16, false],
  ])('%s', async (_name, change, rcode, authoritative) => {
    const { w, client, dns, server } = served();
    const query = { ...q, checkingDisabled: true, ...change };
    const got = await w.run(() => askMessage(client, dns.address, query));
    expect(got).toMatchObject({ id: 7, response: true, opcode: query.opcode, rcode, authoritative });
    expect(got).toMatchObject({ questions: query.questions, truncated: false });
    expect(got).toMatchObject({ recursionDesired: true, recursionAvailable: false, checkingDisabled: true });
    expect(server.counters).toMatchObject({ queries: 1, answered: rcode === 0 ? 1 : 0, denied: rcode === 0 ? 0 : 1 });
  });

  test('of an alias: where it leads, with the addresses of those that records name', async () => {
    const { w, client, dns } = served();
    const got = await w.run(() => askMessage(client, dns.address, queryOf(1, 'example', 'MX', null)));
    expect(got?.additionals).toEqual([a('mail.example', '10.1.0.25')]);
  });

  test('with EDNS has an answer with EDNS, and none without (RFC 6891 §6.1.1)', async () => {
    const { w, client, dns } = served();
    await w.run(async () => {
      const signed = { ...q, edns: { udpSize: 4096, version: 0, dnssecOk: true } };
      expect((await askMessage(client, dns.address, signed))?.edns).toEqual({
        udpSize: 1232,
        version: 0,
        dnssecOk: true,
      });
      expect((await askMessage(client, dns.address, q))?.edns).toBe(null);
    });
  });

  test('is answered from the address that it went to', async () => {
    const w = world();
    const [client, dns] = [w.host('client'), w.host('dns')];
    w.cable(client, dns, { addresses: [['10.0.0.1/24'], ['10.0.0.2/24', '10.0.0.3/24']] });
    nameServer(dns, { records: RECORDS });
    await w.run(async () => {
      for (const to of ['10.0.0.3', '10.0.0.2']) expect(await askMessage(client, to, q)).not.toBe(null);
    });
  });

  test('is answered at addresses that the host gets later', async () => {
    const w = world();
    const [client, dns] = [w.host('client'), w.host('dns')];
    nameServer(dns, { records: RECORDS });
    w.cable(client, dns, {
      addresses: [
        ['10.0.0.1/24', 'fd00::1/64'],
        ['10.0.0.2/24', '10.0.0.3/24', 'fd00::2/64'],
      ],
    });
    await w.run(async () => {
      // The first one leaves from where routes say.
      await askMessage(client, '10.0.0.3', q);
      for (const to of ['10.0.0.3', '10.0.0.2', 'fd00::2']) expect(await askMessage(client, to, q)).not.toBe(null);
    });
  });

  test('is heard at one address only, if the server is told so', async () => {
    const { w, client, dns } = place();
    nameServer(dns, { records: RECORDS, address: dns.address6 });
    await w.run(async () => {
      expect((await askMessage(client, dns.address6, q))?.answers).toEqual([a('v4.example', '10.1.0.4')]);
      expect(await codeOf(askMessage(client, dns.address, q))).toBe('ECONNREFUSED');
      expect(await codeOf(client.connect({ address: dns.address, port: 53 }).opened)).toBe('ECONNREFUSED');
    });
  });
});

describe('what is no question', () => {
  test('is FORMERR, with its number, if it has as much as a header', async () => {
    const { w, client, dns } = served();
    const whole = codec.encode(queryOf(0x1234, 'v4.example', 'A', null));
    const got = await w.run(() => ask(client, dns.address, whole.subarray(0, -1)));
    expect(got === null ? '' : Buffer.from(got).toString('hex')).toBe('123481010000000000000000');
  });

  test.each<[string, Uint8Array]>([
    ['less than a header', new Uint8Array(11)],
    ['an answer', codec.encode({ ...queryOf(1, 'v4.example', 'A', null), response: true })],
    ['half an answer', Uint8Array.of(0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0)],
    ['nothing', new Uint8Array(0)],
  ])('%s is passed over', async (_name, sent) => {
    const { w, client, dns, server } = served();
    expect(await w.run(() => ask(client, dns.address, sent))).toBe(null);
    expect(server.counters).toMatchObject({ queries: 1, ignored: 1, answered: 0, denied: 0 });
  });

  test('any octets, over UDP and TCP: nothing throws, and it goes on serving', async () => {
    const query = codec.encode(queryOf(1, 'v4.example', 'A', edns(1232)));
    const changed = fc
      .array(fc.tuple(fc.nat({ max: query.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 5 })
      .map((changes) => {
        const made = Uint8Array.from(query);
        for (const [at, octet] of changes) made[at] = octet;
        return made;
      });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 100 }), changed), { maxLength: 20 }),
        async (noise) => {
          const { w, client, dns, server } = served({}, {}, {});
          await w.run(async () => {
            const socket = client.udp();
            for (const each of noise) socket.send(each, dns.address, 53);
            for (const bytes of [Buffer.concat(noise.map(frame)), Buffer.concat(noise)]) {
              const tcp = client.connect({ address: dns.address, port: 53 });
              await codeOf(tcp.write(bytes).then(() => tcp.end()));
              await codeOf(takeAll(tcp));
            }
            expect((await askMessage(client, dns.address, queryOf(1, 'v4.example', 'A', null)))?.rcode).toBe(0);
            socket.close();
          });
          expect(server.counters.queries).toBeGreaterThan(noise.length);
          expect(server.counters.open).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('what does not fit', () => {
  /** Answers of growing size, to a question with that EDNS, over UDP. */
  test.each<[string, Message['edns'], number, number]>([
    ['without EDNS: 512 octets', null, 512, 1232],
    ['the size that the question says', edns(900), 900, 1232],
    ['not more than the server sends', edns(4096), 1232, 1232],
    ['not less than 512 (RFC 6891 §6.2.3)', edns(100), 512, 1232],
    ['a server that sends more', edns(4096), 1400, 1400],
  ])('%s', async (_name, with_, most, udpSize) => {
    const records = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`n${i + 1}.example`, many(i + 1)]));
    const { w, client, dns, server } = served({}, { records, udpSize });
    let largest = 0;
    await w.run(async () => {
      for (let i = 1; i <= 60; i++) {
        const sent = codec.encode(queryOf(i, `n${i}.example`, 'A', with_));
        const got = (await ask(client, dns.address, sent)) as Uint8Array;
        const message = codec.decode(got);
        if (message?.truncated === false) {
          largest = Math.max(largest, got.length);
          expect(message.answers.length).toBe(i);
        } else expect(message).toMatchObject({ truncated: true, answers: [], rcode: 0 });
      }
    });
    expect(largest).toBeLessThanOrEqual(most);
    expect(largest).toBeGreaterThan(most - 30);
    expect(server.counters.truncated).toBeGreaterThan(0);
  });

  test('additional records are left out before anything is truncated (RFC 2181 §9)', async () => {
    const records = { example: { MX: { preference: 1, exchange: 'mail.example' } }, 'mail.example': many(60) };
    const { w, client, dns } = served({}, { records });
    const got = await w.run(() => askMessage(client, dns.address, queryOf(1, 'example', 'MX', null)));
    expect(got).toMatchObject({ truncated: false, additionals: [] });
    expect(got?.answers.length).toBe(1);
  });

  test('a link that carries less than both agree on: it comes in fragments', async () => {
    const { w, client, dns } = place({ mtu: 600 });
    nameServer(dns, { records: { 'big.example': many(30) } });
    const got = await w.run(() => askMessage(client, dns.address, queryOf(1, 'big.example', 'A', edns(1232))));
    expect([got?.truncated, got?.answers.length]).toEqual([false, 30]);
    expect(client.counters().ip.reassembled).toBe(1);
  });

  test('more than 65,535 octets: not over TCP either', async () => {
    const { w, r } = served({}, { records: { 'big.example': many(3000) } });
    expect(await w.run(() => codeOf(r.resolve('big.example', 'A')))).toBe('ENODATA');
  });
});

describe('over TCP', () => {
  const questions = (count: number): Uint8Array =>
    Buffer.concat(
      Array.from({ length: count }, (_, i) => frame(codec.encode(queryOf(i, `n${i}.any.example`, 'A', null)))),
    );

  test('1000 questions in a row, and then a FIN: all are answered (§6.2.1.1)', async () => {
    const { w, client, dns, server } = served();
    await w.run(async () => {
      const socket = client.connect({ address: dns.address, port: 53 });
      const written = socket.write(questions(1000)).then(() => socket.end());
      const answers = framesOf(await takeAll(socket));
      await written;
      expect(answers.map((message) => message?.id)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
      expect(answers.every((message) => message?.answers.length === 1)).toBe(true);
    });
    expect(server.counters).toMatchObject({ queries: 1000, open: 0, truncated: 0 });
  });

  test('octet by octet', async () => {
    const { w, client, dns } = served();
    await w.run(async () => {
      const socket = client.connect({ address: dns.address, port: 53 }).setNoDelay();
      for (const octet of questions(2)) {
        await socket.write(Uint8Array.of(octet));
        await w.sleep(30 * MILLISECOND);
      }
      socket.end();
      expect(framesOf(await takeAll(socket)).length).toBe(2);
    });
  });

  test('a message that is malformed is answered, and the next as well; what is no question ends the connection', async () => {
    const { w, client, dns } = served();
    const wrong = codec.encode(queryOf(9, 'v4.example', 'A', null)).subarray(0, -1);
    await w.run(async () => {
      const socket = client.connect({ address: dns.address, port: 53 });
      await socket.write(Buffer.concat([frame(wrong), questions(1)]));
      socket.end();
      expect(framesOf(await takeAll(socket)).map((message) => message?.rcode)).toEqual([1, 0]);
      const other = client.connect({ address: dns.address, port: 53 });
      await other.write(frame(Uint8Array.of(1, 2, 3)));
      expect(await codeOf(takeAll(other))).toBe('ECONNRESET');
    });
  });

  test('silence ends a connection, and pieces of a message are silence (§6.2.3)', async () => {
    const { w, client, dns, server } = served({}, { idle: 10 * SECOND });
    await w.run(async () => {
      const silent = client.connect({ address: dns.address, port: 53 });
      const slow = client.connect({ address: dns.address, port: 53 });
      await Promise.all([silent.opened, slow.opened]);
      for (let i = 0; i < 9; i++) {
        await slow.write(Uint8Array.of(i === 1 ? 32 : 0));
        await w.sleep(SECOND);
      }
      expect(server.counters.open).toBe(2);
      await w.sleep(1.1 * SECOND);
      expect(server.counters.open).toBe(0);
      expect(await silent.read()).toBe(null);
      expect(await slow.read().catch(() => null)).toBe(null);
      for (const socket of [silent, slow]) socket.close();
    });
  });

  test('questions keep it open', async () => {
    const { w, client, dns, server } = served({}, { idle: 10 * SECOND });
    await w.run(async () => {
      const socket = client.connect({ address: dns.address, port: 53 });
      for (let i = 0; i < 5; i++) {
        await socket.write(questions(1));
        await w.sleep(9 * SECOND);
      }
      expect(server.counters).toMatchObject({ open: 1, queries: 5 });
      socket.close();
    });
  });

  test('who does not take the answers is not read from, and then let go', async () => {
    const records = { 'big.example': many(2000) };
    const { w, client, dns, server } = served({}, { records, idle: 10 * SECOND });
    await w.run(async () => {
      const socket = client.connect({
        address: dns.address,
        port: 53,
        config: { ...dns.stack.config, receiveBuffer: 4096 },
      });
      const one = frame(codec.encode(queryOf(1, 'big.example', 'A', null)));
      const writing = codeOf(socket.write(Buffer.concat(Array.from({ length: 5000 }, () => one))));
      await w.sleep(5 * SECOND);
      const { queries } = server.counters;
      expect(queries).toBeLessThan(100);
      expect(dns.counters().memory.used).toBeLessThan(4 * 1024 * 1024);
      await w.sleep(20 * SECOND);
      expect(server.counters).toMatchObject({ open: 0, queries });
      expect(await writing).not.toBe(undefined);
      socket.abort();
    });
  });

  test('who takes an answer slowly has the time for it', async () => {
    const small = { config: { sendBuffer: 4096, receiveBuffer: 4096 } };
    const { w, client, dns } = served({}, { records: { 'huge.example': many(2300) }, idle: 10 * SECOND }, {}, small);
    const one = frame(codec.encode(queryOf(1, 'huge.example', 'A', null)));
    await w.run(async () => {
      const socket = client.connect({ address: dns.address, port: 53 });
      await socket.write(one);
      socket.end();
      const chunks: Uint8Array[] = [];
      for await (const chunk of socket) {
        chunks.push(chunk);
        await w.sleep(SECOND);
      }
      expect(framesOf(Buffer.concat(chunks)).map((message) => message?.answers.length)).toEqual([2300]);
    });
    expect(w.now).toBeGreaterThan(15 * SECOND);
  });

  test('so many connections and no more: the next is reset', async () => {
    const { w, client, dns, server } = served({}, { connections: 2 });
    await w.run(async () => {
      const sockets = [1, 2, 3].map(() => client.connect({ address: dns.address, port: 53 }));
      await Promise.all(sockets.map((socket) => socket.opened));
      await w.sleep(SECOND);
      expect(server.counters).toMatchObject({ accepted: 2, open: 2, turnedAway: 1 });
      expect(await codeOf(takeAll(sockets[2] as (typeof sockets)[0]))).toBe('ECONNRESET');
      sockets[0]?.close();
      await w.sleep(SECOND);
      const again = client.connect({ address: dns.address, port: 53 });
      await again.write(questions(1));
      again.end();
      expect(framesOf(await takeAll(again)).length).toBe(1);
      sockets[1]?.close();
    });
  });
});

describe('the rate', () => {
  test('of one client is bounded, and leaves others alone', async () => {
    const w = world();
    const [client, other, dns] = [w.host('client'), w.host('other'), w.host('dns')];
    w.cable(client, dns);
    w.cable(other, dns);
    const server = nameServer(dns, { records: RECORDS, rate: 10 });
    const [near, far] = ['10.0.0.2', '10.0.1.2'];
    const query = codec.encode(queryOf(1, 'v4.example', 'A', null));
    await w.run(async () => {
      const socket = client.udp();
      for (let i = 0; i < 25; i++) socket.send(query, near, 53);
      await w.sleep(MILLISECOND);
      expect(server.counters).toMatchObject({ answered: 10, limited: 15 });
      expect(await ask(other, far, query)).not.toBe(null);
      await w.sleep(SECOND / 2);
      for (let i = 0; i < 25; i++) socket.send(query, near, 53);
      await w.sleep(MILLISECOND);
      expect(server.counters).toMatchObject({ answered: 16, limited: 35 });
      socket.close();
    });
  });
});

describe('a server that asks another', () => {
  /** client – dns – up, where `up` knows the rest of the world. */
  function recursing(options: NameServerOptions = {}) {
    const w = world();
    const [client, dns, up] = [w.host('client'), w.host('dns'), w.host('up')];
    w.cable(client, dns, { delay: 1000 });
    w.cable(dns, up, { delay: 1000 });
    const above = nameServer(up, {
      records: { 'www.elsewhere': '10.7.0.1', 'big.elsewhere': many(300), 'svc.elsewhere': { TXT: 'x', ttl: 60 } },
    });
    const server = nameServer(dns, {
      records: { ...RECORDS, 'away.example': { CNAME: 'www.elsewhere' } },
      forward: { servers: [up.address] },
      ...options,
    });
    const r = resolver(client, { servers: [dns.address], cache: 0 });
    return { w, client, dns, up, above, server, r };
  }

  test('answers what it knows, and what it is told; and keeps that', async () => {
    const { w, r, above, server } = recursing();
    await w.run(async () => {
      expect(await r.addresses('v4.example')).toEqual(['10.1.0.4']);
      expect(server.counters.forwarded).toBe(0);
      expect(await r.addresses('www.elsewhere')).toEqual(['10.7.0.1']);
      expect(await r.resolve('away.example', 'A')).toMatchObject([{ name: 'www.elsewhere', address: '10.7.0.1' }]);
      expect((await r.resolve('big.elsewhere', 'A')).length).toBe(300);
      expect(await codeOf(r.resolve('nobody.elsewhere', 'A'))).toBe('ENOTFOUND');
      expect(await codeOf(r.resolve('www.elsewhere', 'MX'))).toBe('ENODATA');
      const { queries } = above.counters;
      await w.sleep(10 * SECOND);
      expect(await r.resolve('www.elsewhere', 'A')).toMatchObject([{ ttl: 290 }]);
      expect(await codeOf(r.resolve('nobody.elsewhere', 'A'))).toBe('ENOTFOUND');
      expect(above.counters.queries).toBe(queries);
    });
  });

  test('says so (RA), and asks only for those who want it (RD)', async () => {
    const { w, client, dns, server } = recursing();
    const query = queryOf(1, 'www.elsewhere', 'A', null);
    await w.run(async () => {
      expect(await askMessage(client, dns.address, query)).toMatchObject({
        rcode: 0,
        recursionAvailable: true,
        authoritative: false,
      });
      const without = { ...query, recursionDesired: false };
      expect(await askMessage(client, dns.address, without)).toMatchObject({ rcode: 5, recursionAvailable: true });
    });
    expect(server.counters.forwarded).toBe(1);
  });

  test('carries types that it has no word for', async () => {
    const w = world();
    const [client, dns, up] = [w.host('client'), w.host('dns'), w.host('up')];
    w.cable(client, dns);
    w.cable(dns, up);
    const record = { name: 'x.elsewhere', ttl: 60, type: 'TYPE65', octets: octets(40, 1) } as const;
    fakeServer(up, ({ answer }) => answer({ answers: [record] }));
    nameServer(dns, { forward: { servers: [up.address] } });
    const r = resolver(client, { servers: [dns.address] });
    expect(await w.run(() => r.resolve('x.elsewhere', 'TYPE65'))).toEqual([record]);
  });

  test('that is dead: SERVFAIL, and an answer that takes long holds up no other, over TCP as well', async () => {
    const { w, client, dns, up } = recursing({ forward: { servers: ['10.0.1.2'], timeout: SECOND, attempts: 3 } });
    up.crash();
    const ids = ['www.elsewhere', 'v4.example'].map((name, id) => frame(codec.encode(queryOf(id, name, 'A', null))));
    await w.run(async () => {
      const socket = client.connect({ address: dns.address, port: 53 });
      await socket.write(Buffer.concat(ids));
      socket.end();
      const answers = framesOf(await takeAll(socket));
      expect(answers.map((message) => [message?.id, message?.rcode])).toEqual([
        [1, 0],
        [0, 2],
      ]);
    });
    expect(w.now).toBeGreaterThan(3 * SECOND);
  });

  test('64 questions of one connection may wait, the others are not read until then', async () => {
    const { w, client, dns, up, server } = recursing();
    up.pause();
    const questions = Array.from({ length: 200 }, (_, i) =>
      frame(codec.encode(queryOf(i, `n${i}.elsewhere`, 'A', null))),
    );
    await w.run(async () => {
      const socket = client.connect({ address: dns.address, port: 53 });
      await socket.write(Buffer.concat(questions));
      socket.end();
      await w.sleep(SECOND);
      expect(server.counters).toMatchObject({ forwarded: 64, queries: 64 });
      up.resume();
      expect(framesOf(await takeAll(socket)).length).toBe(200);
    });
    expect(server.counters).toMatchObject({ forwarded: 200, open: 0 });
  });

  test('a client that has gone is sent nothing, and a server that is closed gives up what it asks', async () => {
    const { w, client, dns, up, server } = recursing();
    up.pause();
    await w.run(async () => {
      const socket = client.connect({ address: dns.address, port: 53 });
      await socket.write(frame(codec.encode(queryOf(1, 'www.elsewhere', 'A', null))));
      await w.sleep(SECOND);
      expect(server.counters.forwarded).toBe(1);
      socket.abort();
      await w.sleep(SECOND);
      expect(server.counters.open).toBe(0);
      server.close();
      await w.sleep(SECOND);
    });
    expect(dns.counters().udpSockets).toBe(0);
  });

  test('no more than it can: over 1000 at once, SERVFAIL', async () => {
    const { w, client, dns, up, server } = recursing({ rate: 10_000 });
    up.pause();
    await w.run(async () => {
      const socket = client.udp({ receiveBuffer: 1 << 20 });
      const codes: (number | undefined)[] = [];
      socket.handler = {
        readable: () => {
          for (let got = socket.tryReceive(); got !== null; got = socket.tryReceive())
            codes.push(codec.decode(got.octets)?.rcode);
        },
      };
      for (let i = 0; i < 1100; i++) {
        socket.send(codec.encode(queryOf(i, `n${i}.elsewhere`, 'A', null)), dns.address, 53);
        if (i % 100 === 0) await w.sleep(MILLISECOND);
      }
      await w.sleep(SECOND);
      expect(server.counters.forwarded).toBe(1000);
      expect(codes).toEqual(Array.from({ length: 100 }, () => 2));
      socket.close();
    });
  });
});

describe('a server that is closed', () => {
  test('leaves nothing behind, and its port to the next', async () => {
    const { w, client, dns, server } = served();
    await w.run(async () => {
      const socket = client.connect({ address: dns.address, port: 53 });
      await socket.opened;
      await w.sleep(SECOND);
      server.close();
      server.close();
      expect(await socket.read()).toBe(null);
      socket.close();
      expect(dns.counters().udpSockets).toBe(0);
      expect(dns.openListeners).toEqual([]);
      nameServer(dns, { records: RECORDS });
    });
  });

  test('by a power cut: nothing throws, and after it a new one serves', async () => {
    const { w, client, dns, server, r } = served();
    await w.run(async () => {
      const socket = client.connect({ address: dns.address, port: 53 });
      await socket.opened;
      dns.crash();
      await w.sleep(20 * SECOND);
      server.close();
      dns.boot();
      nameServer(dns, { records: RECORDS });
      expect(await r.addresses('v4.example')).toEqual(['10.1.0.4']);
      socket.abort();
    });
  });
});

describe('what makes no sense, or cannot be, is refused', () => {
  test.each<[NameServerOptions, string]>([
    [{ rate: 0 }, 'EINVAL'],
    [{ connections: 0 }, 'EINVAL'],
    [{ idle: -1 }, 'EINVAL'],
    [{ udpSize: 511 }, 'EINVAL'],
    [{ udpSize: 4097 }, 'EINVAL'],
    [{ address: 'here' }, 'EINVAL'],
    [{ address: '192.0.2.1' }, 'EADDRNOTAVAIL'],
    [{ forward: { servers: [] } }, 'EINVAL'],
  ])('%j', (options, code) => {
    const { dns } = place();
    expect(() => nameServer(dns, options)).toThrow(expect.objectContaining({ code }));
    expect(dns.counters().udpSockets).toBe(0);
    expect(dns.openListeners).toEqual([]);
  });

  test.each([
    ['UDP', (host: SimHost) => host.udp({ port: 53 })],
    ['TCP', (host: SimHost) => host.listen({ port: 53 })],
  ])('a port of %s that somebody has', (_name, take) => {
    const { dns } = place();
    take(dns);
    expect(() => nameServer(dns)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
    expect(dns.counters().udpSockets + dns.openListeners.length).toBe(1);
  });
});
