/**
 * Five servers of a small Raft on one switch; for a minute they crash, stand still and are parted, as the seed has it, while
 * a client has 40 commands done. Afterwards every server has all of them, in one order, and no term had two leaders.
 *
 *   node examples/worlds/raft.mjs [seed]
 */
import assert from 'node:assert/strict';
import { SECOND } from 'synwave';
import { world } from 'synwave/sim';
import { emptyDisk, propose, Raft } from './programs/raft.mjs';

/** @param {number | string} seed @param {number} seconds of trouble @param {number} rest seconds after it */
export async function run(seed, seconds = 60, rest = 10) {
  const count = Math.floor((seconds * 2) / 3);
  const w = world({ seed, timers: true, randomness: true, strict: true, hash: true });
  const lan = w.switch('lan');
  const hosts = ['n1', 'n2', 'n3', 'n4', 'n5'].map((name) => w.host(name));
  const client = w.host('client');
  for (const host of [...hosts, client]) w.plug(host, lan, { delay: 2000, jitter: 1000, loss: 0.01 });
  /** @type {Map<string, Raft>} */
  const servers = new Map();
  /** @type {Map<number, Set<string>>} */
  const leaders = new Map();

  await w.run(async () => {
    for (const host of hosts) {
      const disk = emptyDisk();
      const others = hosts.filter((each) => each !== host);
      const peers = Object.fromEntries(others.map(({ name, address }) => [name, address]));
      /** @param {Raft} raft */
      const elected = ({ id, disk: { term } }) => leaders.set(term, (leaders.get(term) ?? new Set()).add(id));
      host.start(() => servers.set(host.name, new Raft({ id: host.name, peers, disk, net: host.net, elected })));
    }
    w.chaos({
      hosts,
      until: seconds * SECOND,
      crashes: { every: 15 * SECOND, lasts: 5 * SECOND },
      pauses: { every: 15 * SECOND, lasts: 2 * SECOND },
      partitions: { every: 10 * SECOND, lasts: 5 * SECOND },
    });
    for (let i = 1; i <= count; i++) {
      await propose(
        `command ${i}`,
        hosts.map(({ address }) => address),
        7000,
        client.net,
      );
      await w.sleep(SECOND);
    }
    await w.sleep(Math.max(0, (seconds + rest) * SECOND - w.now));
  });

  const logs = [...servers.values()].map(({ applied }) => applied);
  const wanted = Array.from({ length: count }, (_, i) => `command ${i + 1}`);
  for (const log of logs) assert.deepEqual(log, wanted);
  for (const [term, { size }] of leaders) assert.equal(size, 1, `term ${term} had ${size} leaders`);
  return { shape: w.shape, hash: w.hash, time: w.now, terms: leaders.size };
}

if (process.argv[1] === import.meta.filename) {
  const { shape, hash, time, terms } = await run(process.argv[2] ?? 1);
  process.stdout.write(
    `40 commands, ${terms} terms with a leader, ${(time / SECOND).toFixed(1)} s\nshape ${shape}, hash ${hash}\n`,
  );
}
