/**
 * docs/recipes/relay.md: PostgreSQL, Redis and MariaDB themselves, as Debian packages them, in real time. Their servers
 * live on the kernel's loopback, the clients on a host of ours; a relay on another host of ours joins the two.
 */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import nodeNet, { type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createConnection, type RowDataPacket } from 'mysql2';
import { Client } from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { connectorOf } from './ioredis-connector.ts';
import { body, close, listen, type Place, piped } from './places.ts';

/** A server that never answers ends the test sooner than the long run's own limit would. */
const LIMIT = { timeout: 60_000 };

/** Where Debian puts programs that are not for everybody's path. */
const FOLDERS: readonly string[] = [
  ...(process.env['PATH'] ?? '').split(':'),
  '/usr/sbin',
  ...postgresFolders('/usr/lib/postgresql'),
];

function postgresFolders(top: string): string[] {
  return existsSync(top) ? readdirSync(top).map((version) => join(top, version, 'bin')) : [];
}

/** Where the program is; null when it is not installed. */
function find(name: string): string | null {
  const found = FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
  return found ?? null;
}

/** Database servers refuse to run as root: they run as nobody then. */
const NOBODY = 65_534;
const isRoot: boolean = process.getuid?.() === 0;
const asNobody: SpawnOptions = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

/** Servers that still run: a failed test leaves none behind. */
const running: Set<Running> = new Set<Running>();

afterAll(async () => {
  for (const each of running) await each.stop();
});

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'synwave-'));
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  return folder;
}

/** A port of the kernel's that nobody has. */
async function freePort(): Promise<number> {
  const server = nodeNet.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await close(server);
  return port;
}

/** Starts a server in a folder of its own, and waits until it takes connections. */
async function start(program: string, args: (folder: string, port: number) => string[]): Promise<Running> {
  const folder = makeFolder();
  const port = await freePort();
  const child = spawn(program, args(folder, port), { ...asNobody, cwd: folder, stdio: 'ignore' });
  const each: Running = {
    port,
    stop: async () => {
      running.delete(each);
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  running.add(each);
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${program} ends with ${child.exitCode}`);
    await sleep(50);
  }
  return each;
}

/** Asks it to end; one that does not within five seconds, for clients that a failed test left with it, is ended. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  const last = setTimeout(() => child.kill('SIGKILL'), 5000);
  child.kill('SIGTERM');
  await exit;
  clearTimeout(last);
}

async function answers(port: number): Promise<boolean> {
  const socket = nodeNet.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** What comes to a host of ours goes on to a port of the kernel's loopback, and back. */
function relay({ server }: Pick<Place, 'server'>, port: number, to: number): Promise<Server> {
  const passOn = (socket: Socket): void => {
    const kernel = nodeNet.connect({ port: to, host: '127.0.0.1', allowHalfOpen: true });
    // Either may be reset: then the other is destroyed, and that is all there is to do.
    pipeline(socket, kernel, socket).catch(() => undefined);
  };
  return listen(server, port, passOn, { allowHalfOpen: true });
}

const postgres = find('postgres');
const initdb = find('initdb');

describe.skipIf(postgres === null || initdb === null)(`PostgreSQL${missing(postgres, 'postgresql')}`, () => {
  test('tables, 1 MiB in a row, 20 clients at one time, LISTEN and NOTIFY', LIMIT, async () => {
    const database = await start(String(postgres), (folder, port) => {
      execFileSync(String(initdb), ['-D', join(folder, 'data'), '-U', 'wave', '-A', 'trust', '-N'], {
        ...asNobody,
        stdio: 'ignore',
      });
      const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off'];
      return ['-D', join(folder, 'data'), ...settings.flatMap((setting) => ['-c', setting])];
    });
    const place = piped();
    const listening = await relay(place, 5432, database.port);
    const clientOf = async (): Promise<Client> => {
      const stream = (): Socket => new place.client.Socket();
      const sql = new Client({ host: 'server', user: 'wave', database: 'postgres', stream });
      await sql.connect();
      return sql;
    };

    const sql = await clientOf();
    const { rows: about } = await sql.query<{ version: string }>('SELECT version()');
    expect(about[0]?.version).toMatch(/^PostgreSQL \d+/);
    await sql.query('CREATE TABLE waves (id int PRIMARY KEY, data bytea)');
    const data = body(1 << 20);
    await sql.query('INSERT INTO waves VALUES (1, $1)', [data]);
    const { rows } = await sql.query<{ data: Buffer }>('SELECT data FROM waves');
    expect(rows[0]?.data.equals(data)).toBe(true);

    const told = once(sql, 'notification') as Promise<[{ payload?: string }]>;
    await sql.query('LISTEN shore');
    const others = await Promise.all(Array.from({ length: 20 }, clientOf));
    await Promise.all(others.map((each, i) => each.query('INSERT INTO waves VALUES ($1, NULL)', [i + 2])));
    await others[0]?.query("NOTIFY shore, 'a wave'");
    expect((await told)[0].payload).toBe('a wave');
    expect((await sql.query<{ n: number }>('SELECT count(*)::int AS n FROM waves')).rows[0]?.n).toBe(21);

    await Promise.all([sql, ...others].map((each) => each.end()));
    await close(listening);
    await database.stop();
  });
});

const redisServer = find('redis-server');

describe.skipIf(redisServer === null)(`Redis${missing(redisServer, 'redis-server')}`, () => {
  test('values, 1 MiB, a pipeline of 10,000 commands, a subscription', LIMIT, async () => {
    const database = await start(String(redisServer), (folder, port) => [
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
    ]);
    const place = piped();
    const listening = await relay(place, 6379, database.port);
    const redis = new Redis({ host: 'server', port: 6379, Connector: connectorOf(place.client) });
    const data = body(1 << 20);
    await redis.set('large', data);
    expect((await redis.getBuffer('large'))?.equals(data)).toBe(true);
    const pipelined = redis.pipeline();
    for (let i = 0; i < 10_000; i++) pipelined.incr('count');
    const counts = await pipelined.exec();
    expect(counts?.map(([, n]) => n)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));

    const reader = redis.duplicate();
    await reader.subscribe('shore');
    const told = once(reader, 'message');
    await redis.publish('shore', 'a wave');
    expect(await told).toEqual(['shore', 'a wave']);
    await Promise.all([redis.quit(), reader.quit()]);
    await close(listening);
    await database.stop();
  });
});

const mariadb = find('mariadbd');
const installMariadb = find('mariadb-install-db');

describe.skipIf(mariadb === null || installMariadb === null)(`MariaDB${missing(mariadb, 'mariadb-server')}`, () => {
  test('tables, 1 MiB in a row, statements with parameters', LIMIT, async () => {
    const database = await start(String(mariadb), (folder, port) => {
      const data = `--datadir=${join(folder, 'data')}`;
      const auth = ['--auth-root-authentication-method=normal', '--skip-test-db'];
      execFileSync(String(installMariadb), ['--no-defaults', data, ...auth], { ...asNobody, stdio: 'ignore' });
      const socket = [`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`];
      return ['--no-defaults', data, ...socket, `--port=${port}`, '--bind-address=127.0.0.1', '--skip-name-resolve'];
    });
    const place = piped();
    const listening = await relay(place, 3306, database.port);
    const stream = (): Socket => place.client.connect(3306, 'server');
    const sql = createConnection({ user: 'root', stream }).promise();
    await sql.query('CREATE DATABASE sea');
    await sql.query('CREATE TABLE sea.waves (id int PRIMARY KEY, data mediumblob)');
    const data = body(1 << 20);
    await sql.execute('INSERT INTO sea.waves VALUES (?, ?)', [1, data]);
    const [rows] = await sql.execute<RowDataPacket[]>('SELECT data FROM sea.waves WHERE id = ?', [1]);
    const [row] = rows as [{ data: Buffer }];
    expect(row.data.equals(data)).toBe(true);
    await sql.end();
    await close(listening);
    await database.stop();
  });
});

/** Said aloud in the list of tests. */
function missing(found: string | null, debianPackage: string): string {
  return found === null ? ` (SKIPPED: the package ${debianPackage} is not installed)` : '';
}
