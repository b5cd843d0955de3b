/** A resolver and a name server in a world: what is found, what is not, and what it costs. */
import { describe, expect, test } from 'vitest';
import { codeOf, served } from './helpers.ts';

describe('a look-up', () => {
  test('addresses', async () => {
    const { w, r, server } = served();
    await w.run(async () => {
      expect(await r.addresses('www.example')).toEqual(['fd01::1', '10.1.0.1']);
      console.log(await r.resolve('example', 'MX'), await r.resolve('mail.example','TXT'), await r.resolve('_http._tcp.example','SRV'), await r.resolve('alias.example', 'A'), await r.reverse('10.1.0.1'), await r.reverse('fd01::1'), await r.resolve('example','SOA'));
      expect(await codeOf(r.addresses('nobody.example'))).toBe('ENOTFOUND');
      expect(await codeOf(r.resolve('v4.example','AAAA'))).toBe('ENODATA');
      expect(await codeOf(r.resolve('v4.other','AAAA'))).toBe('EREFUSED');
    });
    console.log(r.counters, server.counters, w.now);
  });
});
