/** docs/recipes/ioredis.md: Redis through `ioredis`; the server is a mock of the protocol, for none runs in a process. */
import type { Socket } from 'node:net';
import { Redis } from 'ioredis';
import { describe, expect } from 'vitest';
import { connectorOf } from './ioredis-connector.ts';
import { body, close, listen, tested } from './places.ts';

/** One value of the mock: text that is a status, a number, octets, nothing, a refusal. */
type Answer = string | number | Buffer | null | Error;

function encoded(answer: Answer): Buffer {
  if (answer === null) return Buffer.from('$-1\r\n');
  if (answer instanceof Error) return Buffer.from(`-ERR ${answer.message}\r\n`);
  if (typeof answer === 'number') return Buffer.from(`:${answer}\r\n`);
  if (typeof answer === 'string') return Buffer.from(`+${answer}\r\n`);
  return Buffer.concat([Buffer.from(`$${answer.length}\r\n`), answer, Buffer.from('\r\n')]);
}

/** What a few commands do with a table of values. */
function obey(table: Map<string, Buffer>, [command, key, value]: readonly Buffer[]): Answer {
  const name = String(key);
  switch (String(command).toUpperCase()) {
    case 'SET':
      table.set(name, value ?? Buffer.alloc(0));
      return 'OK';
    case 'GET':
      return table.get(name) ?? null;
    case 'INCR': {
      const next = Number(table.get(name) ?? 0) + 1;
      table.set(name, Buffer.from(String(next)));
      return next;
    }
    case 'QUIT':
      return 'OK';
    default:
      return new Error(`unknown command '${String(command)}'`);
  }
}

/** Commands come as arrays of octets: `*2`, then `$3`, `GET`, `$1`, `x`, each with its line's end. */
class Reader {
  private rest: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
  }

  /** The next command that has come as a whole. */
  next(): Buffer[] | null {
    const head = this.line(0);
    if (head === null) return null;
    const words: Buffer[] = [];
    let at = head.end;
    for (let i = 0; i < head.count; i++) {
      const length = this.line(at);
      if (length === null || this.rest.length < length.end + length.count + 2) return null;
      words.push(this.rest.subarray(length.end, length.end + length.count));
      at = length.end + length.count + 2;
    }
    this.rest = this.rest.subarray(at);
    return words;
  }

  private line(at: number): { readonly count: number; readonly end: number } | null {
    const end = this.rest.indexOf('\r\n', at);
    return end < 0 ? null : { count: Number(this.rest.toString('latin1', at + 1, end)), end: end + 2 };
  }
}

function serve(table: Map<string, Buffer>): (socket: Socket) => void {
  return (socket) => {
    const reader = new Reader();
    socket.on('data', (chunk) => {
      reader.add(chunk);
      for (let command = reader.next(); command !== null; command = reader.next()) {
        socket.write(encoded(obey(table, command)));
        if (String(command[0]).toUpperCase() === 'QUIT') socket.end();
      }
    });
  };
}

describe('values, a pipeline of 1,000 commands, a large value, an error', () => {
  tested(async ({ client, server, size }) => {
    const listening = await listen(server, 6379, serve(new Map()));
    const redis = new Redis({
      host: 'server',
      port: 6379,
      Connector: connectorOf(client),
      protocol: 2,
      enableReadyCheck: false,
      disableClientInfo: true,
    });
    expect(await redis.set('wave', '你好')).toBe('OK');
    expect(await redis.get('wave')).toBe('你好');
    expect(await redis.get('nothing')).toBeNull();

    const pipeline = redis.pipeline();
    for (let i = 0; i < 1000; i++) pipeline.incr('count');
    const answers = await pipeline.exec();
    expect(answers?.map(([, n]) => n)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));

    const value = body(size);
    await redis.set('large', value);
    expect((await redis.getBuffer('large'))?.equals(value)).toBe(true);
    await expect(redis.call('NONSENSE')).rejects.toThrow("unknown command 'NONSENSE'");
    expect(await redis.quit()).toBe('OK');
    await close(listening);
  });
});
