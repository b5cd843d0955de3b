/** What ours does not offer is refused by name, and the refusal says what to do instead. */
import { once } from 'node:events';
import type { Server } from 'node:net';
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
});
