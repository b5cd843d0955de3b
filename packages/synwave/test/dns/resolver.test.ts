/** What a resolver finds, what it does not, and for how long it remembers either. */
import { describe, expect, test } from 'vitest';
import { SECOND } from '../../src/base/time.ts';
import type { Message } from '../../src/dns/codec.ts';
import { DnsError } from '../../src/dns/errors.ts';
import { Rcode } from '../../src/dns/types.ts';
import { resolver } from '../../src/node/dns.ts';
import { world } from '../../src/sim/index.ts';
import { a, cname, codeOf, fakeServer, place, RECORDS, served, soa } from './helpers.ts';

describe.each([4, 6] as const)('over IPv%i', (family) => {
  test('records of every type', async () => {
    const { w, client, dns, server } = served();
    const r = resolver(client, { servers: [family === 4 ? dns.address : dns.address6] });
    await w.run(async () => {
      expect(await r.addresses('www.example')).toEqual(['fd01::1', '10.1.0.1']);
      expect(await r.resolve('example', 'MX')).toEqual([
        { name: 'example', ttl: 300, type: 'MX', preference: 10, exchange: 'mail.example' },
      ]);
      const [txt] = await r.resolve('mail.example', 'TXT');
      expect(txt?.strings.map((part) => new TextDecoder().decode(part))).toEqual(['v=spf1 -all']);
      expect(await r.resolve('_http._tcp.example', 'SRV')).toEqual([
        { name: '_http._tcp.example', ttl: 300, type: 'SRV', priority: 0, weight: 0, port: 80, target: 'www.example' },
      ]);
      expect(await r.resolve('example', 'NS')).toMatchObject([{ target: 'ns.example' }]);
      expect(await r.resolve('example', 'SOA')).toMatchObject([{ mname: 'ns.example', minimum: 300 }]);
      expect(await r.resolve('alias.example', 'CNAME')).toMatchObject([{ target: 'www.example' }]);
      expect(await r.resolve('alias.example', 'A')).toEqual([
        { name: 'www.example', ttl: 300, type: 'A', address: '10.1.0.1' },
      ]);
      expect(await r.reverse('10.1.0.1')).toEqual(['www.example']);
      expect(await r.reverse('fd01::1')).toEqual(['www.example']);
      expect(await r.addresses('what.any.example')).toEqual(['10.1.0.9']);
    });
    expect(client.counters().udpSockets).toBe(0);
    expect(server.counters.queries).toBe(r.counters.sent);
  });
});

describe('a name', () => {
  test('may be written in any case, with a dot at its end', async () => {
    const { w, r } = served();
    expect(await w.run(() => r.addresses('WWW.Example.', 4))).toEqual(['10.1.0.1']);
  });

  test('that is an address, or localhost (RFC 6761 §6.3), is not asked for', async () => {
    const { w, r } = served();
    await w.run(async () => {
      expect(await r.addresses('192.0.2.1')).toEqual(['192.0.2.1']);
      expect(await r.addresses('fd00::7', 4)).toEqual(['fd00::7']);
      expect(await r.addresses('localhost')).toEqual(['::1', '127.0.0.1']);
      expect(await r.addresses('a.LocalHost.', 4)).toEqual(['127.0.0.1']);
    });
    expect(r.counters.sent).toBe(0);
  });

  test.each(['a..b', '.a', 'a'.repeat(64), 'a.'.repeat(127) + 'bb', 'größe.example', 'a\\.b'])(
    'that is none is not asked for: %s',
    async (name) => {
      const { w, r } = served();
      await w.run(async () => {
        expect(await codeOf(r.resolve(name, 'A'))).toBe('EBADNAME');
        expect(await codeOf(r.addresses(name))).toBe('EBADNAME');
      });
      expect(r.counters.sent).toBe(0);
    },
  );

  test.each<[string, string, string[]]>([
    ['without a dot: the domains first', 'www', ['www.one.test', 'www.two.test', 'www']],
    ['with a dot: as it is first', 'www.sub', ['www.sub', 'www.sub.one.test', 'www.sub.two.test']],
    ['written out', 'www.', ['www']],
  ])('%s', async (_name, name, tried) => {
    const { w, client, dns } = place();
    const asked: unknown[] = [];
    fakeServer(dns, ({ query, answer }) => {
      asked.push(query.questions[0]?.name);
      answer({ rcode: Rcode.NXDomain });
    });
    const r = resolver(client, { servers: [dns.address], search: ['one.test', 'two.test'] });
    expect(await w.run(() => codeOf(r.addresses(name, 4)))).toBe('ENOTFOUND');
    expect(asked).toEqual(tried);
  });

  test('is found in a domain of the search list', async () => {
    const { w, r } = served({ search: ['nowhere.example', 'example'] });
    expect(await w.run(() => r.addresses('v4'))).toEqual(['10.1.0.4']);
  });
});

describe('what is not there', () => {
  test('has the codes, and the shape, of node:dns', async () => {
    const { w, r } = served();
    await w.run(async () => {
      const error = await r.resolve('nobody.example', 'AAAA').catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(DnsError);
      expect(error).toMatchObject({ code: 'ENOTFOUND', syscall: 'queryAaaa', hostname: 'nobody.example' });
      expect((error as Error).message).toBe('query AAAA of nobody.example: there is no such name (ENOTFOUND)');
      expect(await codeOf(r.resolve('v4.example', 'AAAA'))).toBe('ENODATA');
      expect(await codeOf(r.addresses('nobody.example'))).toBe('ENOTFOUND');
      expect(await codeOf(r.addresses('mail.example', 6))).toBe('ENODATA');
      expect(await codeOf(r.addresses('_http._tcp.example'))).toBe('ENODATA');
      expect(await codeOf(r.resolve('www.elsewhere', 'A'))).toBe('EREFUSED');
      expect(await codeOf(r.reverse('10.1.0.77'))).toBe('ENOTFOUND');
      expect(await codeOf(r.reverse('here'))).toBe('EINVAL');
    });
  });

  test.each<[string, number, string]>([
    ['FORMERR', Rcode.FormErr, 'EFORMERR'],
    ['SERVFAIL', Rcode.ServFail, 'ESERVFAIL'],
    ['NOTIMP', Rcode.NotImp, 'ENOTIMP'],
    ['REFUSED', Rcode.Refused, 'EREFUSED'],
    ['any other code', 9, 'ESERVFAIL'],
  ])('%s', async (_name, rcode, code) => {
    const { w, client, dns } = place();
    fakeServer(dns, ({ answer }) => answer({ rcode }));
    const r = resolver(client, { servers: [dns.address] });
    expect(await w.run(() => codeOf(r.resolve('www.example', 'A')))).toBe(code);
  });

  test('one family is enough, when the other fails', async () => {
    const { w, client, dns } = place();
    fakeServer(dns, ({ query, answer }) => {
      if (query.questions[0]?.type === 'A') answer({ answers: [a('www.example', '10.1.0.1')] });
      else answer({ rcode: Rcode.ServFail });
    });
    const r = resolver(client, { servers: [dns.address] });
    expect(await w.run(() => r.addresses('www.example'))).toEqual(['10.1.0.1']);
    expect(await w.run(() => codeOf(r.addresses('www.example', 6)))).toBe('ESERVFAIL');
  });
});

describe('the order of addresses (RFC 6724 §6)', () => {
  test('IPv6 first, what no way leads to last, otherwise as they came', async () => {
    const w = world();
    const [client, dns] = [w.host('client'), w.host('dns')];
    w.cable(client, dns, {
      addresses: [
        ['10.0.0.1/24', 'fd00::1/64'],
        ['10.0.0.2/24', 'fd00::2/64'],
      ],
    });
    const addresses = ['10.9.0.1', '10.0.0.9', '10.0.0.8', 'fd09::1', 'fd00::9'];
    fakeServer(dns, ({ query, answer }) => {
      const type = query.questions[0]?.type as 'A' | 'AAAA';
      const own = addresses.filter((address) => address.includes(':') === (type === 'AAAA'));
      answer({ answers: own.map((address) => ({ name: 'www.example', ttl: 1, type, address })) });
    });
    const r = resolver(client, { servers: ['fd00::2'] });
    const found = await w.run(() => r.addresses('www.example'));
    expect(found).toEqual(['fd00::9', '10.0.0.9', '10.0.0.8', 'fd09::1', '10.9.0.1']);
  });
});

describe('what is kept', () => {
  test('an answer, for as long as it says, and its time runs down', async () => {
    const { w, r, server } = served({}, { ttl: 60 });
    const ttl = async (): Promise<unknown> => (await r.resolve('v4.example', 'A'))[0]?.ttl;
    await w.run(async () => {
      expect(await ttl()).toBe(60);
      await w.sleep(59 * SECOND);
      expect(await ttl()).toBe(1);
      expect(server.counters.queries).toBe(1);
      await w.sleep(SECOND);
      expect(await ttl()).toBe(60);
      expect(server.counters.queries).toBe(2);
    });
    expect(r.counters).toMatchObject({ sent: 2, kept: 1 });
  });

  test.each<[string, string]>([
    ['that there is no such name', 'nobody.example'],
    ['that there is no such record', 'v4.example'],
  ])('%s, for as long as the SOA says (RFC 2308 §5)', async (_name, name) => {
    const { w, r, server } = served({}, { ttl: 300, records: { ...RECORDS, example: { SOA: { minimum: 20 } } } });
    await w.run(async () => {
      const code = await codeOf(r.resolve(name, 'AAAA'));
      await w.sleep(19 * SECOND);
      expect(await codeOf(r.resolve(name, 'AAAA'))).toBe(code);
      expect(server.counters.queries).toBe(1);
      await w.sleep(SECOND);
      expect(await codeOf(r.resolve(name, 'AAAA'))).toBe(code);
      expect(server.counters.queries).toBe(2);
    });
  });

  test('nothing that is not to be kept: no SOA, a time of 0, a failure', async () => {
    const { w, client, dns } = place();
    let asked = 0;
    fakeServer(dns, ({ query, answer }) => {
      asked++;
      const [first = ''] = (query.questions[0]?.name ?? '').split('.');
      if (first === 'none') answer({ rcode: Rcode.NXDomain });
      if (first === 'now') answer({ answers: [a('now.example', '10.0.0.1', 0)] });
      if (first === 'fails') answer({ rcode: Rcode.ServFail });
    });
    const r = resolver(client, { servers: [dns.address], attempts: 1 });
    await w.run(async () => {
      for (const name of ['none', 'none', 'now', 'now', 'fails', 'fails'])
        await codeOf(r.resolve(`${name}.example`, 'A'));
    });
    expect(asked).toBe(6);
  });

  test('not for longer than a day, and three hours for what is not there', async () => {
    const { w, client, dns } = place();
    let asked = 0;
    fakeServer(dns, ({ query, answer }) => {
      asked++;
      if (query.questions[0]?.name === 'is.example') answer({ answers: [a('is.example', '10.0.0.1', 0x7fff_ffff)] });
      else answer({ rcode: Rcode.NXDomain, authorities: [soa('example', 0x7fff_ffff, 0x7fff_ffff)] });
    });
    const r = resolver(client, { servers: [dns.address] });
    const look = async (name: string): Promise<number> => {
      await codeOf(r.resolve(name, 'A'));
      return asked;
    };
    await w.run(async () => {
      expect(await look('is.example')).toBe(1);
      expect(await look('not.example')).toBe(2);
      await w.sleep(10_799 * SECOND);
      expect(await look('not.example')).toBe(2);
      await w.sleep(2 * SECOND);
      expect(await look('not.example')).toBe(3);
      expect(await look('is.example')).toBe(3);
      await w.sleep(86_400 * SECOND);
      expect(await look('is.example')).toBe(4);
    });
  });

  test('so many and no more: what was asked for longest ago gives way', async () => {
    const { w, r, server } = served({ cache: 2 });
    const look = async (name: string): Promise<number> => {
      await r.resolve(`${name}.any.example`, 'A');
      return server.counters.queries;
    };
    await w.run(async () => {
      const counts = [await look('one'), await look('two'), await look('one'), await look('three')];
      expect([...counts, await look('one'), await look('two')]).toEqual([1, 2, 2, 3, 3, 4]);
    });
  });

  test('with a cache of 0, nothing', async () => {
    const { w, r, server } = served({ cache: 0 });
    await w.run(async () => {
      await r.resolve('v4.example', 'A');
      await r.resolve('v4.example', 'A');
    });
    expect(server.counters.queries).toBe(2);
  });
});

describe('the same question', () => {
  test('is asked once, however many wait for it, and each has the answer', async () => {
    const { w, r, server } = served();
    const found = await w.run(() => Promise.all(Array.from({ length: 50 }, () => r.resolve('v4.example', 'A'))));
    expect(found.every(([record]) => record?.address === '10.1.0.4')).toBe(true);
    expect(server.counters.queries).toBe(1);
    expect(r.counters).toMatchObject({ sent: 1, kept: 49 });
  });

  test('fails for all at once, and is asked anew afterwards', async () => {
    const { w, client, dns } = place();
    let asked = 0;
    fakeServer(dns, ({ answer }) => {
      asked++;
      answer(asked === 1 ? { rcode: Rcode.Refused } : { answers: [a('www.example', '10.0.0.1')] });
    });
    const r = resolver(client, { servers: [dns.address], attempts: 1 });
    await w.run(async () => {
      const codes = await Promise.all([1, 2, 3].map(() => codeOf(r.resolve('www.example', 'A'))));
      expect(codes).toEqual(['EREFUSED', 'EREFUSED', 'EREFUSED']);
      expect(await codeOf(r.resolve('www.example', 'A'))).toBe(null);
    });
    expect(asked).toBe(2);
  });
});

describe('aliases (CNAME)', () => {
  /** A server that knows an alias for each name and nothing else, one for each question; the last has an address. */
  function chain(links: Readonly<Record<string, string>>): {
    readonly look: () => Promise<unknown>;
    readonly asked: string[];
  } {
    const { w, client, dns } = place();
    const asked: string[] = [];
    fakeServer(dns, ({ query, answer }) => {
      const { name = '' } = query.questions[0] ?? {};
      asked.push(name);
      const target = links[name];
      answer({ answers: target === undefined ? [a(name, '10.0.0.1')] : [cname(name, target)] });
    });
    const r = resolver(client, { servers: [dns.address], attempts: 1 });
    return { look: () => w.run(() => r.resolve('n0', 'A').catch((error: unknown) => (error as DnsError).code)), asked };
  }

  const inRow = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, `n${i + 1}`]));

  test('are followed from answer to answer', async () => {
    const { look, asked } = chain(inRow(3));
    expect(await look()).toEqual([a('n3', '10.0.0.1')]);
    expect(asked).toEqual(['n0', 'n1', 'n2', 'n3']);
  });

  test.each<[string, Record<string, string>, number]>([
    ['in a circle', { n0: 'n1', n1: 'n0' }, 2],
    ['of itself', { n0: 'n0' }, 1],
    ['without an end', inRow(100), 9],
  ])('%s are given up', async (_name, links, questions) => {
    const { look, asked } = chain(links);
    expect(await look()).toBe('EBADRESP');
    expect(asked.length).toBe(questions);
  });

  test('in a circle within one answer are given up', async () => {
    const { w, client, dns } = place();
    fakeServer(dns, ({ answer }) => answer({ answers: [cname('a', 'b'), cname('b', 'a')] }));
    const r = resolver(client, { servers: [dns.address] });
    expect(await w.run(() => codeOf(r.resolve('a', 'A')))).toBe('EBADRESP');
  });

  test('within one answer are followed in any order, and records of other names are not taken', async () => {
    const { w, client, dns } = place();
    const answers = [a('c', '10.0.0.3'), a('x', '10.6.6.6'), cname('b', 'c'), cname('a', 'b')];
    fakeServer(dns, ({ answer }) => answer({ answers }));
    const r = resolver(client, { servers: [dns.address] });
    expect(await w.run(() => r.addresses('a'))).toEqual(['10.0.0.3']);
  });

  test.each([
    [8, null],
    [9, 'EBADRESP'],
  ])('%i in one answer: %s', async (count, code) => {
    const { w, client, dns } = place();
    const links = Array.from({ length: count }, (_, i) => cname(`n${i}`, `n${i + 1}`));
    fakeServer(dns, ({ answer }) => answer({ answers: [...links, a(`n${count}`, '10.0.0.1')] }));
    const r = resolver(client, { servers: [dns.address] });
    expect(await w.run(() => codeOf(r.resolve('n0', 'A')))).toBe(code);
  });

  test('that lead to nothing: no such name, or no such record', async () => {
    const { w, client, dns } = place();
    fakeServer(dns, ({ query, answer }) => {
      const { name = '' } = query.questions[0] ?? {};
      const about: Partial<Message> = { answers: [cname(name, 'gone.example')], authorities: [soa('example', 60)] };
      answer(name === 'missing' ? { ...about, rcode: Rcode.NXDomain } : about);
    });
    const r = resolver(client, { servers: [dns.address] });
    await w.run(async () => {
      expect(await codeOf(r.resolve('missing', 'A'))).toBe('ENOTFOUND');
      expect(await codeOf(r.resolve('empty', 'A'))).toBe('ENODATA');
    });
  });

  test('are kept no longer than the shortest of their times', async () => {
    const { w, client, dns } = place();
    let asked = 0;
    fakeServer(dns, ({ answer }) => {
      asked++;
      answer({ answers: [cname('a', 'b', 10), a('b', '10.0.0.1', 300)] });
    });
    const r = resolver(client, { servers: [dns.address] });
    await w.run(async () => {
      await r.resolve('a', 'A');
      await w.sleep(11 * SECOND);
      await r.resolve('a', 'A');
    });
    expect(asked).toBe(2);
  });
});

describe('a resolver that is closed', () => {
  test('gives up what is under way, and leaves nothing behind', async () => {
    const { w, client, dns } = place();
    const r = resolver(client, { servers: [dns.address] });
    w.after(SECOND, () => r.close());
    dns.pause();
    await w.run(async () => {
      const codes = await Promise.all([r.addresses('www.example'), r.resolve('b', 'MX')].map(codeOf));
      expect(codes).toEqual(['ECANCELLED', 'ECANCELLED']);
      expect(w.now).toBe(SECOND);
      expect(await codeOf(r.resolve('b', 'MX'))).toBe('ECANCELLED');
    });
    expect(client.counters().udpSockets).toBe(0);
    await w.run();
    expect(w.now).toBe(SECOND); // no alarm is left
  });
});

describe('options that make no sense', () => {
  test.each([
    [{ servers: [] }],
    [{ servers: ['server.example'] }],
    [{ servers: [{ address: '10.0.0.1', port: 0 }] }],
    [{ servers: ['10.0.0.1'], timeout: 0 }],
    [{ servers: ['10.0.0.1'], attempts: 0 }],
    [{ servers: ['10.0.0.1'], search: ['a..b'] }],
  ])('%j', (options) => {
    const { client } = place();
    expect(() => resolver(client, options)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });
});
