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
