/** The lookup on a bad cable, as a test of Node.js: `node --test examples/testing/lookup.node-test.mjs`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inWorld } from 'synwave/testing';
import { lookUp, serve } from './lookup.mjs';

void test('a word is found, though every third packet is lost', (context) =>
  inWorld({ test: context, seed: 1, timers: true, strict: true }, async (w) => {
    const [client, server] = [w.host('client'), w.host('server')];
    w.cable(client, server, { delay: 20_000, loss: 1 / 3 });
    const socket = serve(server.dgram);
    assert.equal(await lookUp('wave', server.address, client.dgram), 'you asked for wave');
    socket.close();
  }));
