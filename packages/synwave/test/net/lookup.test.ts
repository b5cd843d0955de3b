/** Names: the table, the host, localhost; called as dns.lookup is. */
import { ADDRCONFIG, ALL, lookup as systemLookup, V4MAPPED } from 'node:dns';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type HostTable, type Lookup, type LookupOptions, tableLookup } from '../../src/net/lookup.ts';
import { Validator } from '../../src/net/validate.ts';
import { createHost } from '../../src/node/index.ts';
import { createNet } from '../../src/node/net.ts';
import { platform } from '../../src/node/platform.ts';

function lookupIn(table: HostTable): Lookup {
  return tableLookup(createHost(), platform, new Validator(platform), table);
}

/** What a look-up answers: addresses, or a code. */
function ask(lookup: Lookup, name: string, options: LookupOptions = {}): Promise<unknown> {
  return new Promise((resolve) => {
    lookup(name, options, (error, address, family) => {
      if (error !== null) resolve((error as NodeJS.ErrnoException).code);
      else resolve(family === undefined ? address : [address, family]);
    });
  });
}

describe('a look-up', () => {
  const lookup = lookupIn({ One: '10.0.0.1', both: ['fd00::1', '10.0.0.1'], wrong: 'no address' });

  test.each<[string, string, LookupOptions, unknown]>([
    ['one address', 'one', {}, ['10.0.0.1', 4]],
    ['without regard to case, with a dot at the end', 'ONE.', {}, ['10.0.0.1', 4]],
    ['the first of several', 'both', {}, ['fd00::1', 6]],
    ['the first of a family', 'both', { family: 4 }, ['10.0.0.1', 4]],
    ['a family by its name', 'both', { family: 'IPv6' }, ['fd00::1', 6]],
    [
      'all',
      'both',
      { all: true },
      [
        { address: 'fd00::1', family: 6 },
        { address: '10.0.0.1', family: 4 },
      ],
    ],
    ['none of that family', 'one', { family: 6 }, 'ENOTFOUND'],
    ['none of that family, all', 'one', { family: 6, all: true }, 'ENOTFOUND'],
    ['mapped where there is no other (RFC 3493 §6.1)', 'one', { family: 6, hints: V4MAPPED }, ['::ffff:10.0.0.1', 6]],
    ['not mapped where there is another', 'both', { family: 6, hints: V4MAPPED }, ['fd00::1', 6]],
    ['not mapped unless IPv6 is asked for', 'one', { hints: V4MAPPED | ALL }, ['10.0.0.1', 4]],
    ['ALL alone maps nothing', 'one', { family: 6, hints: ALL }, 'ENOTFOUND'],
    ['ADDRCONFIG', 'both', { family: 4, hints: ADDRCONFIG }, ['10.0.0.1', 4]],
    [
      'mapped beside the others',
      'both',
      { family: 6, hints: V4MAPPED | ALL, all: true },
      [
        { address: 'fd00::1', family: 6 },
        { address: '::ffff:10.0.0.1', family: 6 },
      ],
    ],
    ['a name that nobody has', 'two', {}, 'ENOTFOUND'],
    ['what is no address', 'wrong', {}, 'ENOTFOUND'],
    ['an address is its own name', '192.0.2.1', { family: 6 }, ['192.0.2.1', 4]],
    ['an address is not mapped', '192.0.2.1', { family: 6, hints: V4MAPPED | ALL }, ['192.0.2.1', 4]],
    ['with its zone', 'fe80::1%eth0', { family: 4, all: true }, [{ address: 'fe80::1%eth0', family: 6 }]],
    [
      'localhost',
      'localhost',
      { all: true },
      [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ],
    ],
    ['below localhost (RFC 6761 §6.3)', 'a.b.localhost', { family: 6 }, ['::1', 6]],
  ])('%s', async (_name, name, options, answer) => {
    expect(await ask(lookup, name, options)).toEqual(answer);
  });

  test.for([0, 4, 6].flatMap((family) => [0, V4MAPPED, ALL, V4MAPPED | ALL].map((hints) => [family, hints] as const)))(
    'family %i, hints %i: as the system answers for a name with an IPv4 address alone',
    async ([family, hints], { skip }) => {
      const system = systemLookup as unknown as Lookup;
      // In which order a system answers that has ::1 as well is its own affair.
      const known = (await ask(system, 'localhost', { all: true })) as { address: string }[];
      if (known.length !== 1 || known[0]?.address !== '127.0.0.1')
        skip('this system calls more than 127.0.0.1 localhost');
      const options = { family, hints, all: true };
      expect(await ask(lookupIn({ localhost: '127.0.0.1' }), 'localhost', options)).toEqual(
        await ask(system, 'localhost', options),
      );
    },
  );

  test('a table may say what localhost is', async () => {
    expect(await ask(lookupIn({ localhost: '127.0.0.7' }), 'localhost')).toEqual(['127.0.0.7', 4]);
  });

  test("the system's resolver may be handed in", async () => {
    const net = createNet(createHost(), { lookup: systemLookup });
    const server = net.createServer((socket) => socket.end()).listen(4000, '127.0.0.1');
    await once(server, 'listening');
    const socket = net.connect({ port: 4000, host: 'localhost', family: 4 }).resume();
    await once(socket, 'connect');
    expect(socket.remoteAddress).toBe('127.0.0.1');
    await once(socket, 'close');
    server.close();
  });

  test('a resolver of the program is asked instead, for servers too', async () => {
    const asked: string[] = [];
    const net = createNet(createHost(), {
      lookup: (name, { all }, callback) => {
        asked.push(name);
        if (all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
        else callback(null, '127.0.0.1', 4);
      },
    });
    const server = net.createServer((socket) => socket.end()).listen({ port: 4000, host: 'here' });
    await once(server, 'listening');
    const socket = net.connect(4000, 'there').resume();
    await once(socket, 'close');
    await promisify(server.close.bind(server))();
    expect(asked).toEqual(['here', 'there']);
  });
});
