/**
 * A chat over WebSockets with three who talk, on bad cables; for a while one of them cannot hear the server, and another
 * cannot be heard. In the end all have the same lines in the same order.
 *
 *   node examples/worlds/chat.mjs [seed]
 */
import 'synwave/early'; // before `ws`, which takes its randomness for itself when it is loaded
import assert from 'node:assert/strict';
import { SECOND } from 'synwave';
import { world } from 'synwave/sim';
import { Chatter, serveChat } from './programs/chat.mjs';

/** @param {number | string} seed @param {number} count lines of each */
export async function run(seed, count = 20) {
  const w = world({ seed, timers: true, randomness: true, strict: true, hash: true, limit: { time: 600 * SECOND } });
  const [server, lan] = [w.host('server'), w.switch('lan')];
  w.plug(server, lan);
  const clients = ['ann', 'bob', 'eve'].map((name) => w.host(name));
  const cables = clients.map((client) => w.plug(client, lan, { delay: 20_000, jitter: 5000, loss: 0.03 }));
  const [ann, bob] = clients;
  const third = (count * SECOND) / 3;

  const chatters = await w.run(async () => {
    const chat = serveChat(80, server.http);
    const all = clients.map((host) => new Chatter(host.name, `ws://${server.address}/`, host.net));
    w.at(third, () => w.partition(ann ? [ann] : [], [server]));
    w.at(third + 10 * SECOND, () => w.heal());
    w.at(2 * third, () => cables[1]?.unplug(bob));
    w.at(2 * third + 10 * SECOND, () => cables[1]?.plug());
    for (let i = 0; i < count; i++) {
      for (const chatter of all) chatter.say(`line ${i} of ${count}`);
      await w.sleep(SECOND);
    }
    while (all.some(({ heard }) => heard.length < 3 * count)) await w.sleep(SECOND);
    for (const chatter of all) chatter.leave();
    await w.sleep(SECOND);
    chat.close();
    assert.equal(chat.lines.length, 3 * count);
    for (const { heard, name } of all) assert.deepEqual(heard, chat.lines, `what ${name} has heard`);
    return all;
  });
  await w.run(); // what is still on its way
  const connections = chatters.map((each) => each.connections);
  return { shape: w.shape, hash: w.hash, time: w.now, connections };
}

if (process.argv[1] === import.meta.filename) {
  const { shape, hash, time, connections } = await run(process.argv[2] ?? 1);
  process.stdout.write(`everybody has heard everything after ${(time / SECOND).toFixed(1)} s, `);
  process.stdout.write(`by ${connections.join(', ')} connections\nshape ${shape}, hash ${hash}\n`);
}
