/** The lookup on a bad cable, as a test of vitest: `npx vitest run --root examples/testing`. */
import { inWorld } from 'synwave/testing';
import { expect, test } from 'vitest';
import { lookUp, serve } from './lookup.mjs';

test('a word is found, though every third packet is lost', (context) =>
  inWorld({ test: context, seed: 1, timers: true, strict: true }, async (w) => {
    const [client, server] = [w.host('client'), w.host('server')];
    w.cable(client, server, { delay: 20_000, loss: 1 / 3 });
    const socket = serve(server.dgram);
    expect(await lookUp('wave', server.address, client.dgram)).toBe('you asked for wave');
    socket.close();
  }));
