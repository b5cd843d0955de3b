/** What ours does not offer is refused by name, and the refusal says what to do instead. */
import { once } from 'node:events';
import type { AddressInfo, LookupFunction, Server } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connect, createServer, Socket } from '../../../src/node/net.ts';
import { items } from './items.ts';
import { onPurpose, unseen } from './on-purpose.ts';

/** What `listen` answers: it throws, or the server says 'error'. */
async function refusal(listen: (server: Server) => unknown): Promise<unknown> {
  const server = createServer();
  const said = once(server, 'error').then(([error]) => error as unknown);
  try {
    listen(server);
  } catch (error) {
    return error;
  }
  return said;
}

const REFUSED = /not offered by synwave.*node:net/;

describe('differences on purpose', () => {
  test('each names items of the checklist, what ours does, and why', () => {
    for (const { items: named, ours, reason } of onPurpose) {
      expect(items).toEqual(expect.arrayContaining([...named]));
      expect(ours.length * reason.length).toBeGreaterThan(0);
    }
    for (const { item } of unseen) expect(items).toContain(item);
  });

  test('a socket over a file descriptor', () => {
    expect(() => new Socket({ fd: 0 })).toThrow(REFUSED);
  });

  test('a connection to a path', () => {
    expect(() => connect('/run/some.sock')).toThrow(REFUSED);
    expect(() => connect({ path: '/run/some.sock' })).toThrow(REFUSED);
  });

  test.each<[string, (server: Server) => unknown]>([
    ['a path', (server) => server.listen('/run/some.sock')],
    ['a path in options', (server) => server.listen({ path: '/run/some.sock', readableAll: true, writableAll: true })],
    ['a file descriptor', (server) => server.listen({ fd: 3 })],
  ])('listening on %s', async (_what, listen) => {
    expect(await refusal(listen)).toMatchObject({ message: expect.stringMatching(REFUSED) });
  });

  test('end() before the second attempt is kept', async () => {
    const server = createServer((peer) => peer.resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const found = [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ];
    const lookup: LookupFunction = (_name, _options, done) => done(null, found);
    const client = connect({ port, host: 'two.example', lookup }).resume();
    client.end('kept');
    expect(await once(client, 'close')).toEqual([false]);
    expect([client.bytesWritten, client.autoSelectFamilyAttemptedAddresses?.length]).toEqual([4, 2]);
    server.close();
  });

  test.each([
    ['::ffff:127.0.0.1', '::1', 'connect ENETUNREACH ::ffff:127.0.0.1:9 - Local (::1:0)'],
    ['::1', '::ffff:127.0.0.1', 'connect EAFNOSUPPORT ::1:9 - Local (::ffff:127.0.0.1:0)'],
    ['::1', '::ffff:0.0.0.0', 'connect EAFNOSUPPORT ::1:9 - Local (::ffff:0.0.0.0:0)'],
  ])('to %s from %s: refused with port 0', async (host, localAddress, message) => {
    const [error] = (await once(connect({ port: 9, host, localAddress }), 'error')) as [Error];
    expect(error.message).toBe(message);
  });

  test.each(['224.0.0.1', 'ff05::1', '::ffff:224.0.0.1'])('listening on the group %s', async (host) => {
    expect(await refusal((server) => server.listen(0, host))).toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  test('destroy() inside connectionAttempt, and a signal aborted before connect(): no connection', async () => {
    let connections = 0;
    const server = createServer(() => connections++).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const hasty = connect(port, '127.0.0.1');
    hasty.on('connectionAttempt', () => hasty.destroy());
    expect(await once(hasty, 'close')).toEqual([false]);
    const aborted = connect({ port, host: '127.0.0.1', signal: AbortSignal.abort() });
    expect(await once(aborted, 'error')).toMatchObject([{ code: 'ABORT_ERR' }]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([connections, aborted.destroyed, aborted.connecting]).toEqual([0, true, false]);
    server.close();
  });
});
