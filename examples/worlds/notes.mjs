/**
 * A web service, its PostgreSQL on another host, and who writes notes: over cables that lose packets, while the service
 * cannot reach its database for 20 s. Every note is there in the end. The database is PGlite, which is PostgreSQL itself.
 *
 *   node examples/worlds/notes.mjs [seed]
 */
import 'synwave/early';
import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';
import { SECOND } from 'synwave';
import { world } from 'synwave/sim';
import { ask, serveDatabase, serveNotes } from './programs/notes.mjs';

/** @param {number | string} seed @param {PGlite} database @param {number} count of notes */
export async function run(seed, database, count = 20) {
  await database.exec('CREATE TABLE IF NOT EXISTS notes (name text PRIMARY KEY, note text); TRUNCATE notes');
  const w = world({ seed, timers: true, randomness: true, strict: true, hash: true, limit: { time: 3600 * SECOND } });
  const [writer, web, store] = [w.host('writer'), w.host('web'), w.host('store')];
  w.cable(writer, web, { delay: 20_000, jitter: 5000, loss: 0.03 });
  w.cable(web, store, { delay: 1000, loss: 0.01 });

  const asked = await w.run(async () => {
    const listening = serveDatabase(database, 5432, store.net);
    const service = serveNotes(80, { database: 'store', http: web.http, net: web.net });
    w.after((count / 2) * SECOND, () => w.partition([web], [store]));
    w.after((count / 2 + 20) * SECOND, () => w.heal());
    let questions = 0;
    for (let i = 1; i <= count; i++) {
      const put = await ask('PUT', `http://${web.address}/${i}`, `note ${i}`, writer.http);
      questions += put.asked;
      await w.sleep(SECOND);
    }
    const { body } = await ask('GET', `http://${web.address}/`, '', writer.http);
    const wanted = Array.from({ length: count }, (_, i) => ({ name: `/${i + 1}`, note: `note ${i + 1}` }));
    assert.deepEqual(
      JSON.parse(body),
      wanted.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
    await service.close();
    listening.close();
    return questions;
  });
  return { shape: w.shape, hash: w.hash, time: w.now, asked };
}

if (process.argv[1] === import.meta.filename) {
  const database = await PGlite.create();
  const { shape, hash, time, asked } = await run(process.argv[2] ?? 1, database);
  process.stdout.write(`20 notes were kept after ${(time / SECOND).toFixed(1)} s, with ${asked} requests\n`);
  process.stdout.write(`shape ${shape}, hash ${hash}\n`);
  await database.close();
}
