/** docs/recipes/mysql2.md: MySQL through `mysql2`; the server's half of the protocol is mysql2's own, the answers are ours. */

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import mysql, { type Connection, type RowDataPacket } from 'mysql2';
import { describe, expect } from 'vitest';
import type { SynwaveNet } from '../../src/node/net.ts';
import { body, close, listen, tested } from './places.ts';

/** Numbers of the protocol: utf8mb4_general_ci; what a server of version 4.1 on can do; VAR_STRING. */
const CHARACTER_SET = 45;
const CAPABILITIES = 0xf7fb; // all of the lower half but compression and TLS
const VAR_STRING = 0xfd;

/** Answers `PAIR ...` with one row of its two words, and `LETTERS n` with n letters. */
function serve(socket: Socket, id: number): void {
  const connection = mysql.createConnection({ stream: socket, isServer: true });
  connection.serverHandshake({
    protocolVersion: 10,
    serverVersion: '8.0.0 of the recipe',
    connectionId: id,
    statusFlags: 2,
    characterSet: CHARACTER_SET,
    capabilityFlags: CAPABILITIES,
    authCallback: (_who: object, accept: (error: null) => void) => {
      accept(null);
      restart(connection);
    },
  });
  connection.on('query', (text: string) => {
    const [verb, ...words] = text.split(' ');
    if (verb === 'PAIR') answer(connection, { first: words[0], second: words[1] });
    else if (verb === 'LETTERS') answer(connection, { letters: letters(Number(words[0])) });
    else connection.writeError({ message: `no such verb: ${verb}`, code: 1064 });
    restart(connection);
  });
  connection.on('error', () => undefined); // a client that has gone
}

/** The packets of each command and its answer are counted from 0: on the server's side that is left to the program. */
function restart(connection: Connection): void {
  connection.sequenceId = 0;
}

function answer(connection: Connection, row: Readonly<Record<string, unknown>>): void {
  const columns = Object.keys(row).map((name) => {
    const about = { catalog: 'def', schema: '', table: '', orgTable: '', name, orgName: name };
    const kind = { characterSet: CHARACTER_SET, columnLength: 1 << 24, columnType: VAR_STRING, flags: 0, decimals: 0 };
    return { ...about, ...kind };
  });
  connection.writeTextResult([row], columns);
}

function letters(count: number): string {
  return body(count / 2).toString('hex');
}

function streamOf(net: SynwaveNet): () => Duplex {
  return () => net.connect(3306, 'server');
}

describe('queries in a row, at one time through a pool, a large answer, an error', () => {
  tested(async ({ client, server, size }) => {
    let connections = 0;
    const listening = await listen(server, 3306, (socket) => serve(socket, ++connections));

    const one = mysql.createConnection({ user: 'root', stream: streamOf(client) }).promise();
    for (let i = 0; i < 3; i++) {
      const [rows] = await one.query<RowDataPacket[]>(`PAIR ${i} 波`);
      expect(rows).toEqual([{ first: `${i}`, second: '波' }]);
    }
    const [[large]] = await one.query<RowDataPacket[]>(`LETTERS ${size}`);
    expect(large?.['letters'] === letters(size)).toBe(true);
    await expect(one.query('NONSENSE')).rejects.toMatchObject({ errno: 1064, message: 'no such verb: NONSENSE' });
    await one.end();
    expect(connections).toBe(1);

    const pool = mysql.createPool({ user: 'root', connectionLimit: 4, stream: streamOf(client) }).promise();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => pool.query<RowDataPacket[]>(`PAIR ${i} ${i * i}`)),
    );
    expect(answers.map(([[row]]) => Number(row?.['second']))).toEqual(Array.from({ length: 20 }, (_, i) => i * i));
    expect(connections).toBe(5);
    await pool.end();
    await close(listening);
  });
});
