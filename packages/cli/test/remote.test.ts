/** The remote command below the command line: frames, characters, a session with its client, limits. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import * as fc from 'fast-check';
import { createNet, type SynwaveNet } from 'synwave/net';
import { createHost } from 'synwave/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { charactersOf, type Encoding } from '../src/remote/characters.ts';
import { exitFrame, FrameError, FrameReader, FrameType, frame, LONGEST } from '../src/remote/frames.ts';
import type { CommandSettings } from '../src/remote/run.ts';
import { Session } from '../src/remote/session.ts';

/** Octets cut at places that are given as shares of the whole. */
function cut(octets: Buffer, shares: readonly number[]): Buffer[] {
  const places = [0, ...shares.map((share) => Math.floor(share * octets.length)).sort((a, b) => a - b), octets.length];
  return places.slice(1).map((end, i) => octets.subarray(places[i], end));
}

const anyCuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });

describe('frames', () => {
  test('come out as they went in, wherever TCP cuts them', () => {
    const anyFrame = fc.tuple(fc.constantFrom(...Object.values(FrameType)), fc.uint8Array({ maxLength: 300 }));
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 10 }), anyCuts, (frames, cuts) => {
        const reader = new FrameReader();
        const wire = Buffer.concat(frames.map(([type, body]) => frame(type, body)));
        const read = cut(wire, cuts).flatMap((chunk) => reader.push(chunk));
        expect(read.map(({ type, body }) => [type, [...body]])).toEqual(
          frames.map(([type, body]) => [type, [...body]]),
        );
        expect(reader.isInside).toBe(false);
      }),
    );
  });

  test('an empty body is a frame, the end of the stream is none', () => {
    const reader = new FrameReader();
    expect(reader.push(frame(FrameType.Command, ''))).toHaveLength(1);
    expect(reader.isInside).toBe(false);
    expect(reader.push(frame(FrameType.Command, 'ls').subarray(0, 6))).toHaveLength(0);
    expect(reader.isInside).toBe(true);
  });

  test('what is not of the protocol is refused before its body is awaited', () => {
    for (const header of ['GET / HTTP/1.1\r\n', '\0\0\0\0\0', `\x01${'\xff'.repeat(4)}`]) {
      expect(() => new FrameReader().push(Buffer.from(header, 'latin1'))).toThrow(FrameError);
    }
    expect(() => frame(FrameType.Stdout, Buffer.alloc(LONGEST + 1))).toThrow(RangeError);
  });
});

describe('characters', () => {
  const whole = new TextDecoder('utf-8', { fatal: true });

  test.each<[Encoding, string[], (text: string) => Buffer]>([
    ['utf8', ['a', 'é', '你', '好', '🌊', '\n'], (text) => Buffer.from(text)],
    ['gbk', ['a', '你', '好', '界', '\n'], gbk],
  ])('%s is never cut inside a character', (encoding, alphabet, encode) => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...alphabet)), anyCuts, (letters, cuts) => {
        const characters = charactersOf(encoding);
        const pieces = cut(encode(letters.join('')), cuts).map((chunk) => whole.decode(characters.push(chunk)));
        expect(pieces.join('')).toBe(letters.join(''));
        expect(characters.end()).toHaveLength(0);
      }),
    );
  });

  test('octets that are no UTF-8 come through as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), anyCuts, (octets, cuts) => {
        const characters = charactersOf('utf8');
        const pieces = cut(Buffer.from(octets), cuts).map((chunk) => Buffer.from(characters.push(chunk)));
        expect(Buffer.concat([...pieces, characters.end()]).equals(octets)).toBe(true);
      }),
    );
  });

  test('half a character of GBK at the very end is marked as such', () => {
    const characters = charactersOf('gbk');
    expect(characters.push(gbk('你').subarray(0, 1))).toHaveLength(0);
    expect(String(characters.end())).toBe('\ufffd');
  });
});

/** Only the characters that these tests write. */
function gbk(text: string): Buffer {
  const codes: Readonly<Record<string, string>> = { 你: 'c4e3', 好: 'bac3', 界: 'bde7' };
  return Buffer.concat(
    Array.from(text, (each) => Buffer.from(codes[each] ?? Buffer.from(each).toString('hex'), 'hex')),
  );
}

describe('a session', () => {
  const settings: CommandSettings = { timeLimit: 5_000, outputLimit: 1024 * 1024, encoding: 'utf8' };
  let net: SynwaveNet;
  let server: Server;
  let ran: string[];
  let open: Set<Socket>;

  beforeEach(() => {
    net = createNet(createHost());
    ran = [];
    open = new Set();
  });
  afterEach(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });

  async function connectTo(changes: Partial<CommandSettings> = {}): Promise<Socket> {
    server = net.createServer({ allowHalfOpen: true }, (socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      new Session(socket, { ...settings, ...changes }, (command) => ran.push(command)).start();
    });
    server.listen(512);
    await once(server, 'listening');
    return client();
  }

  async function client(): Promise<Socket> {
    const socket = net.connect({ port: 512, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  }

  /** All that a server says until it ends, by type; exit codes as numbers. */
  async function answersOf(socket: Socket): Promise<{ out: string; err: string; said: string[]; codes: number[] }> {
    const reader = new FrameReader();
    const answers = { out: '', err: '', said: [] as string[], codes: [] as number[] };
    for await (const chunk of socket) {
      for (const { type, body } of reader.push(chunk as Buffer)) {
        if (type === FrameType.Stdout) answers.out += new TextDecoder('utf-8', { fatal: true }).decode(body);
        else if (type === FrameType.Stderr) answers.err += String(body);
        else if (type === FrameType.Error) answers.said.push(String(body));
        else if (type === FrameType.Exit) answers.codes.push(body.readUInt32BE());
      }
    }
    return answers;
  }

  const command = (text: string): Buffer => frame(FrameType.Command, text);

  test('both streams and the exit code, of commands that came at once and are answered in order', async () => {
    const socket = await connectTo();
    socket.end(Buffer.concat(['echo 你好', 'echo no >&2; exit 3', '', 'kill -9 $$'].map(command)));
    expect(await answersOf(socket)).toEqual({ out: '你好\n', err: 'no\n', said: [], codes: [0, 3, 0, 137] });
    expect(ran).toEqual(['echo 你好', 'echo no >&2; exit 3', '', 'kill -9 $$']);
  });

  test('an orderly close without a command is answered by one', async () => {
    const socket = await connectTo();
    socket.end();
    expect(await answersOf(socket)).toEqual({ out: '', err: '', said: [], codes: [] });
    expect(ran).toEqual([]);
  });

  test('more commands than may wait', async () => {
    const socket = await connectTo();
    socket.end(Buffer.concat(Array.from({ length: 40 }, (_, i) => command(`exit ${i}`))));
    expect((await answersOf(socket)).codes).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  test('output larger than a read is not cut', async () => {
    const socket = await connectTo();
    socket.end(command('seq 1 100000'));
    const { out, codes } = await answersOf(socket);
    expect(out.length).toBe(588_895);
    expect(out.endsWith('\n99999\n100000\n')).toBe(true);
    expect(codes).toEqual([0]);
  });

  test('output above its limit is left out, and the command ends as it would have', async () => {
    const socket = await connectTo({ outputLimit: 10_000 });
    socket.end(command('seq 1 100000; exit 5'));
    const { out, said, codes } = await answersOf(socket);
    expect(out.length).toBe(10_000);
    expect(said).toEqual(['output above 10000 octets, the limit, is left out']);
    expect(codes).toEqual([5]);
  });

  test('at its time limit a command is killed, with all that it has started', async () => {
    const socket = await connectTo({ timeLimit: 300 });
    socket.end(command('sleep 60 & echo $!; sleep 60'));
    const { out, said, codes } = await answersOf(socket);
    expect(said).toEqual(['killed after 0.3 s, the time limit']);
    expect(codes).toEqual([124]);
    await gone(Number(out));
  });

  test('a client that resets takes its command with it; the others go on', async () => {
    const socket = await connectTo();
    socket.write(command('echo $$; exec sleep 60'));
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.resetAndDestroy();
    await gone(Number(chunk.subarray(5)));
    const other = await client();
    other.end(command('echo still here'));
    expect(await answersOf(other)).toMatchObject({ out: 'still here\n', codes: [0] });
  });

  test('so does one that resets after it has closed its side', async () => {
    const socket = await connectTo();
    socket.end(command('echo $$; exec sleep 60'));
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.resetAndDestroy();
    await gone(Number(chunk.subarray(5)));
    await Promise.all([...open].map((each) => once(each, 'close')));
  });

  test('what GBK commands write arrives as UTF-8', async () => {
    const socket = await connectTo({ encoding: 'gbk' });
    // One octet, a pause, and the other.
    socket.end(command("printf '\\304'; sleep 0.1; printf '\\343\\272\\303'"));
    expect(await answersOf(socket)).toMatchObject({ out: '你好', codes: [0] });
  });

  test('what cannot be run is told, and the session goes on', async () => {
    const socket = await connectTo();
    socket.end(Buffer.concat([command('nul \0 inside'), command(`: ${'x'.repeat(500_000)}`), command('exit 4')]));
    const { said, codes } = await answersOf(socket);
    expect(said).toEqual([
      expect.stringMatching(/cannot be run: .*null bytes/) as string,
      expect.stringMatching(/cannot be run: .*E2BIG/) as string,
    ]);
    expect(codes).toEqual([127, 127, 4]);
  });

  test.each([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /type 71/],
    ['what only servers say', exitFrame(0), /commands alone/],
    ['half a frame', command('ls').subarray(0, 6), /inside a frame/],
  ])('%s is refused with the reason, and the connection closed', async (_what, octets, reason) => {
    const socket = await connectTo();
    socket.end(octets);
    const { said } = await answersOf(socket);
    expect(said).toEqual([expect.stringMatching(reason) as string]);
    expect(ran).toEqual([]);
  });
});

/** Resolves when there is no such process any more, or what is left of it only waits to be noticed. */
async function gone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(1);
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
