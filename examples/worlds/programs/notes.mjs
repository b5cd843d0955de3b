/** Programs as they are anywhere: a service that keeps notes in PostgreSQL, by `pg`; who writes notes; a database behind a port. */
import nodeHttp from 'node:http';
import nodeNet from 'node:net';
import { text } from 'node:stream/consumers';
import { Pool } from 'pg';

/** What is used of PGlite. @typedef {{ execProtocolRaw(message: Uint8Array): Promise<Uint8Array> }} Database */

/**
 * PostgreSQL's protocol, message by message: each has a letter and its length, the first of a connection only its length.
 *
 * @param {Database} database
 * @param {Pick<typeof nodeNet, 'createServer'>} net
 */
export function serveDatabase(database, port = 5432, net = nodeNet) {
  return net
    .createServer(async (socket) => {
      let rest = Buffer.alloc(0);
      let at = 0;
      socket.on('error', () => {});
      try {
        for await (const chunk of socket) {
          rest = Buffer.concat([rest, chunk]);
          while (rest.length >= at + 4 && rest.length >= at + rest.readInt32BE(at)) {
            const length = at + rest.readInt32BE(at);
            socket.write(await database.execProtocolRaw(rest.subarray(0, length)));
            rest = rest.subarray(length);
            at = 1;
          }
        }
      } catch {
        // the connection is gone
      }
    })
    .listen(port);
}

/**
 * `PUT /name` keeps a note, `GET /` answers all of them.
 *
 * @param {number} port
 * @param {{ database: string, http?: Pick<typeof nodeHttp, 'createServer'>, net?: Pick<typeof nodeNet, 'Socket'> }} about
 */
export function serveNotes(port, { database, http = nodeHttp, net = nodeNet }) {
  const pool = new Pool({
    host: database,
    user: 'postgres',
    max: 1,
    connectionTimeoutMillis: 2000,
    query_timeout: 2000,
    stream: () => new net.Socket(),
  });
  pool.on('error', () => {}); // of a connection that nobody uses now
  const web = http.createServer(async (request, response) => {
    try {
      const note = await text(request);
      if (request.method === 'PUT') {
        await pool.query('INSERT INTO notes VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET note = $2', [
          request.url,
          note,
        ]);
        response.writeHead(201).end();
      } else {
        const { rows } = await pool.query('SELECT name, note FROM notes ORDER BY name');
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(rows));
      }
    } catch (error) {
      if (!response.headersSent) response.writeHead(503).end(String(error));
    }
  });
  web.listen(port);
  return {
    async close() {
      web.close();
      await pool.end();
    },
  };
}

/**
 * Asks until the service has done it.
 *
 * @param {string} method
 * @param {string} url
 * @param {string} body
 * @param {Pick<typeof nodeHttp, 'request'>} http
 * @returns {Promise<{ body: string, asked: number, date: string | undefined }>}
 */
export async function ask(method, url, body, http = nodeHttp) {
  for (let asked = 1; ; asked++) {
    const answer = await new Promise((resolve) => {
      const request = http.request(url, { method, timeout: 5000 }, (response) =>
        text(response).then(
          (got) => resolve({ status: response.statusCode, body: got, date: response.headers.date }),
          () => resolve({}),
        ),
      );
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve({}));
      request.end(body);
    });
    if (answer.status === 200 || answer.status === 201) return { ...answer, asked };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
