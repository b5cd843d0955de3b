/** docs/recipes/pg.md: PostgreSQL through `pg`; the server is PGlite, which is PostgreSQL itself, compiled to WebAssembly. */
import type { Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { body, close, listen, type Place, tested } from './places.ts';

let database: PGlite;

beforeAll(async () => {
  database = await PGlite.create();
}, 30_000);

afterAll(() => database.close());

/** One message after the other goes to the database as it came, and its answers back: one connection at one time. */
async function serve(socket: Socket): Promise<void> {
  let rest = Buffer.alloc(0);
  let started = false;
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (;;) {
      // Each message has a letter and its length, the first of a connection only its length.
      const at = started ? 1 : 0;
      if (rest.length < at + 4) break;
      const length = at + rest.readInt32BE(at);
      if (rest.length < length) break;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      started = true;
      socket.write(await database.execProtocolRaw(message));
    }
  }
}

function clientOf({ client }: Place): Client {
  const stream = (): Socket => new client.Socket();
  return new Client({ host: 'server', user: 'postgres', database: 'postgres', password: 'none', stream });
}

describe('queries, a statement with parameters, a transaction, a large value, an error', () => {
  tested(async (place) => {
    const served: Promise<void>[] = [];
    const listening = await listen(place.server, 5432, (socket) => served.push(serve(socket)));
    const sql = clientOf(place);
    await sql.connect();
    const { rows: version } = await sql.query<{ version: string }>('SELECT version()');
    expect(version[0]?.version).toMatch(/^PostgreSQL 1\d/);

    await sql.query('CREATE TEMPORARY TABLE waves (id serial PRIMARY KEY, name text, data bytea)');
    await sql.query('BEGIN');
    const data = body(place.size);
    await sql.query('INSERT INTO waves (name, data) VALUES ($1, $2), ($3, NULL)', ['hello', data, '再见']);
    await sql.query('COMMIT');
    const { rows } = await sql.query<{ name: string; data: Buffer | null }>('SELECT name, data FROM waves ORDER BY id');
    expect(rows.map(({ name }) => name)).toEqual(['hello', '再见']);
    expect(rows[0]?.data?.equals(data)).toBe(true);
    expect(rows[1]?.data).toBeNull();

    const numbers = await sql.query<{ n: number }>('SELECT n FROM generate_series(1, 5000) AS n');
    expect(numbers.rows.map(({ n }) => n)).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1));
    await expect(sql.query('SELECT nothing FROM nowhere')).rejects.toMatchObject({ code: '42P01' });
    expect((await sql.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);

    await sql.query('DROP TABLE waves');
    await sql.end();
    await Promise.all(served);
    await close(listening);
  });
});
