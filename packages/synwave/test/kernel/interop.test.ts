/** The kernel's programs against our stack, both ways: scanners, clients, servers, tutorials' programs; closed windows, urgent data, keepalives, a bad network. */
import { execFile } from 'node:child_process';
import http from 'node:http';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { impaired } from '../../src/link/impaired.ts';
import { createNet } from '../../src/node/net.ts';
import type { TcpListener } from '../../src/socket/tcp-listener.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import { linuxProfile } from '../../src/tcp/config.ts';
import { octets } from '../world/data.ts';
import { lacking } from './device.ts';
import { KERNEL, type KernelSocket, OURS, Python, type Space, space } from './namespace.ts';

const missing = lacking('python3', 'ss', 'curl', 'sysctl');
if (missing !== '') process.stderr.write(`SKIPPED: the kernel cannot be met here for want of ${missing}\n`);
const noScanner = lacking('nmap');
if (noScanner !== '') process.stderr.write(`SKIPPED: nobody scans ports here for want of ${noScanner}\n`);

const config = { ...linuxProfile, msl: SECOND };
const ramp = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i);

describe.skipIf(missing !== '')('the kernel’s programs', () => {
  let there: Space;
  beforeAll(async () => {
    there = await space({}, config);
  });
  afterAll(() => there.close());

  function echoAt(port: number): TcpListener {
    const listener = there.host.listen({ port });
    const serve = async (): Promise<void> => {
      for (let socket = await listener.accept(); socket !== null; socket = await listener.accept()) void echo(socket);
    };
    const echo = async (socket: TcpSocket): Promise<void> => {
      try {
        for await (const chunk of socket) await socket.write(chunk);
        socket.end();
      } catch {
        socket.close(); // whoever resets hears no echo
      }
    };
    void serve();
    return listener;
  }

  /** A socket of the kernel's that has called us, and ours. */
  async function pair(): Promise<[KernelSocket, TcpSocket]> {
    const listener = there.host.listen({ port: 0 });
    const kernel = there.socket();
    await kernel.do('connect', OURS[4], listener.port);
    const socket = (await listener.accept()) as TcpSocket;
    listener.close();
    return [kernel, socket];
  }

  describe.skipIf(noScanner !== '')('nmap', () => {
    const open = [22, 80, 443, 1000];
    let listeners: TcpListener[];
    beforeAll(() => {
      listeners = open.map((port) => there.host.listen({ port }));
    });
    afterAll(() => {
      for (const listener of listeners) listener.close();
    });

    /** Ports by what nmap calls them. */
    async function scan(...how: string[]): Promise<Record<string, number[]>> {
      const found: Record<string, number[]> = {};
      const words = ['-n', '-Pn', '--max-retries', '1', '-T5', '--reason', '-oG', '-', ...how, OURS[4]];
      const text = String(await there.run('nmap', ...words));
      for (const [, port, state = ''] of text.matchAll(/(\d+)\/([a-z|]+)\/tcp/g)) {
        found[state] = [...(found[state] ?? []), Number(port)];
      }
      return found;
    }

    test('-sS finds exactly the ports that are open', async () => {
      expect(await scan('-sS', '-p1-1024')).toMatchObject({ open });
    }, 30_000);

    test.each(['-sF', '-sN', '-sX'])(
      '%s: RST from closed ports, silence from open ones',
      async (how) => {
        const before = there.host.counters().resetsOut;
        const found = await scan(how, '-p20-24,79-81,443,1000');
        expect(found).toMatchObject({ 'open|filtered': open });
        expect(found['open'] ?? []).toEqual([]);
        expect(there.host.counters().resetsOut - before).toBe(6);
      },
      30_000,
    );
  });

  describe('tutorials’ programs', () => {
    test('short and long connections of a Python client to our echo server', async () => {
      const listener = echoAt(7007);
      const words = ['hello', 'wörld', '你好', 'x'.repeat(5000)];
      for (const kind of ['short', 'long']) {
        const client = new Python(there.name, 'tutorial_client', [kind, OURS[4], '7007', ...words]);
        expect(await client.output()).toBe(`${words.join('\n')}\n`);
      }
      listener.close();
    }, 15_000);

    test('a remote command: their client, our server', async () => {
      const run = promisify(execFile);
      const server = createNet(there.host).createServer((socket) => {
        let line = '';
        socket.on('data', (data: Buffer) => {
          line += String(data);
          if (!line.endsWith('\n')) return;
          const words = line.trim();
          line = '';
          void run('sh', ['-c', words]).then(({ stdout }) => socket.write(`${Buffer.byteLength(stdout)}\n${stdout}`));
        });
      });
      await new Promise<void>((resolve) => server.listen(7008, resolve));
      const client = new Python(there.name, 'tutorial_client', ['command', OURS[4], '7008', 'echo one', 'seq 1 3000']);
      const numbers = Array.from({ length: 3000 }, (_, i) => `${i + 1}\n`).join('');
      expect(await client.output()).toBe(`one\n${numbers}`);
      await new Promise((resolve) => server.close(resolve));
    }, 15_000);

    test('our client, their echo server and their command server', async () => {
      const echo = new Python(there.name, 'tutorial_server', ['echo', KERNEL[4], '7009']);
      const command = new Python(there.name, 'tutorial_server', ['command', KERNEL[4], '7010']);
      expect([await echo.line(), await command.line()]).toEqual(['listens', 'listens']);
      for (let i = 0; i < 5; i++) {
        const socket = there.host.connect({ address: KERNEL[4], port: 7009 });
        const said = octets(1 + i * 5000, i);
        void socket.write(said).then(() => socket.end());
        const heard: Uint8Array[] = [];
        for await (const chunk of socket) heard.push(chunk);
        expect(Buffer.concat(heard).equals(said)).toBe(true);
      }
      const socket = there.host.connect({ address: KERNEL[4], port: 7010 });
      await socket.write(new TextEncoder().encode('echo 1\nexpr 6 \\* 7\n'));
      socket.end();
      let text = '';
      for await (const chunk of socket) text += new TextDecoder().decode(chunk);
      expect(text).toBe('2\n1\n3\n42\n');
      await Promise.all([echo.kill(), command.kill()]);
    }, 15_000);
  });

  test('curl puts and gets 8 MiB in one go over node:http on our sockets', async () => {
    const web = http.createServer((request, response) => request.pipe(response));
    const server = createNet(there.host).createServer((socket) => web.emit('connection', socket));
    await new Promise<void>((resolve) => server.listen(8080, resolve));
    const [file, size] = ['/proc/self/exe', 8 << 20];
    const script = `head -c ${size} ${file} | curl -sS --noproxy '*' -m 20 -T - http://${OURS[4]}:8080/ | sha256sum; head -c ${size} ${file} | sha256sum`;
    const [back, right] = String(await there.run('bash', '-c', script))
      .trim()
      .split('\n');
    expect(right).toMatch(/^[0-9a-f]{64}/);
    expect(back).toBe(right);
    await new Promise((resolve) => server.close(resolve));
  }, 30_000);

  describe('a connection', () => {
    test('reset by the kernel, and by us', async () => {
      const [kernel, socket] = await pair();
      await kernel.do('abort');
      await expect(socket.closed).rejects.toMatchObject({ code: 'ECONNRESET' });
      const [second, ours] = await pair();
      ours.abort();
      expect(await second.do('recv', 1)).toBe('ECONNRESET');
    });

    test('refused by the kernel, and by us', async () => {
      const socket = there.host.connect({ address: KERNEL[4], port: 9 });
      await expect(socket.opened).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      expect(await there.socket().do('connect', OURS[4], 9)).toBe('ECONNREFUSED');
    });

    test('urgent octets arrive as such, both ways', async () => {
      const [kernel, socket] = await pair();
      let told = 0;
      socket.handler = { urgent: () => told++ };
      await kernel.do('text', 'abc');
      await kernel.do('urgent', '!');
      await expect.poll(() => [told, socket.readable]).toEqual([1, 4]);
      const into = new Uint8Array(9);
      expect(new TextDecoder().decode(into.subarray(0, socket.tryRead(into)))).toBe('abc!');
      expect(socket.tryWrite(new TextEncoder().encode('xy?'), 0, 3, true)).toBe(3);
      await expect.poll(() => kernel.do('oob')).toBe('?');
      socket.abort();
    });

    test('a reader of the kernel’s that does not read: its window closes, is probed, and opens', async () => {
      const kernel = there.socket();
      const port = Number(await kernel.do('listen', KERNEL[4]));
      await kernel.do('rcvbuf', 4096);
      const socket = there.host.connect({ address: KERNEL[4], port });
      await kernel.do('accept');
      const size = 200_000;
      const writing = socket.write(ramp(size));
      await expect.poll(() => socket.info().snd.wnd, { timeout: 5000 }).toBeLessThan(536);
      await new Promise((resolve) => setTimeout(resolve, 700)); // some probes
      expect(socket.info().state).toBe('ESTABLISHED');
      expect(await kernel.do('recv', size)).toBe(`${size} right`);
      await writing;
      socket.abort();
    }, 15_000);

    test('a reader of ours that does not read: the kernel waits, and goes on', async () => {
      const listener = there.host.listen({ port: 0, config: { ...config, receiveBuffer: 8192 } });
      const kernel = there.socket();
      await kernel.do('connect', OURS[4], listener.port);
      const socket = (await listener.accept()) as TcpSocket;
      const size = 200_000;
      const sending = kernel.do('send', size);
      // The buffer is half of the memory that text may take, as Linux has it: more of it waits, up to twice as much.
      await expect.poll(() => socket.readable, { timeout: 5000 }).toBeGreaterThan(4096);
      await new Promise((resolve) => setTimeout(resolve, 700));
      const held = socket.readable;
      expect(held).toBeLessThanOrEqual(2 * 8192);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(socket.readable).toBe(held);
      let [count, wrong] = [0, 0];
      while (count < size) {
        const chunk = (await socket.read()) ?? new Uint8Array(0);
        for (const octet of chunk) if (octet !== (count++ & 0xff)) wrong++;
      }
      expect([await sending, count, wrong]).toEqual(['sent', size, 0]);
      socket.abort();
      listener.close();
    }, 15_000);

    test('keepalives: the kernel’s are answered; ours find out that nobody is there', async () => {
      const [kernel, socket] = await pair();
      await kernel.do('keepalive', 1, 1, 1);
      socket.setKeepAlive(true, SECOND, 300 * MILLISECOND, 2);
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect([socket.state, await kernel.do('text', 'x')]).toEqual(['ESTABLISHED', 'sent']);
      const closed = expect(socket.closed).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      there.ip('address', 'del', `${KERNEL[4]}/24`, 'dev', there.link.name);
      await closed;
      there.ip('address', 'add', `${KERNEL[4]}/24`, 'dev', there.link.name);
    }, 20_000);

    test('a port in TIME-WAIT of ours takes the next connection from the same port of the kernel’s', async () => {
      const listener = there.host.listen({ port: 7020 });
      for (let i = 0; i < 3; i++) {
        const kernel = there.socket();
        expect(await kernel.do('connect', OURS[4], 7020, 45_000)).toBe('connected from 45000');
        const socket = (await listener.accept()) as TcpSocket;
        socket.end(); // we close first: TIME-WAIT is ours
        expect(await kernel.do('recv', 1)).toBe('0 right');
        await kernel.do('close');
        await socket.closed;
      }
      listener.close();
    }, 15_000);

    test('without window scaling no window is above 64 KiB', async () => {
      let most = 0;
      there.host.observe((event) => {
        if (event.type === 'segment') most = Math.max(most, event.window);
      });
      const listener = there.host.listen({ port: 0, config: { ...config, windowScale: false } });
      const kernel = there.socket();
      await kernel.do('connect', OURS[4], listener.port);
      const socket = (await listener.accept()) as TcpSocket;
      const sending = kernel.do('send', 300_000);
      let count = 0;
      while (count < 300_000) count += (await socket.read())?.length ?? 0;
      expect([await sending, socket.info().snd.scale]).toEqual(['sent', 0]);
      expect(most).toBeGreaterThan(32_768);
      expect(most).toBeLessThanOrEqual(65_535);
      there.host.observe(null);
      socket.abort();
      listener.close();
    }, 15_000);
  });

  test('300 short connections of the kernel’s, one after another; nothing remains but TIME-WAIT', async () => {
    const listener = echoAt(7030);
    expect(await there.socket().do('short', OURS[4], 7030, 300)).toBe('300');
    listener.close();
    const rest = there.states(7030).filter((state) => state !== 'TIME-WAIT');
    expect(rest).toEqual([]);
    // The ACK of the last FIN may still be on its way.
    const ours = (): string[] =>
      [...there.host.stack.connections(there.host.now())]
        .filter(({ name }) => name.localPort === 7030)
        .map(({ info }) => info.state)
        .filter((state) => state !== 'TIME-WAIT');
    await expect.poll(ours, { timeout: 5000 }).toEqual([]);
  }, 30_000);
});

describe.skipIf(missing !== '')('a bad network between the kernel and us', () => {
  test.each([
    ['2 % loss, 20 ms', { delay: 20 * MILLISECOND, loss: 0.02 }],
    ['20 ms, reordering', { delay: 20 * MILLISECOND, jitter: 2 * MILLISECOND, reorder: 0.05 }],
  ])(
    '%s: transfers are whole, and no silence is longer than the RTO allows',
    async (_name, impairments) => {
      const around = (link: Parameters<typeof impaired>[0], host: Space['host']): ReturnType<typeof impaired> =>
        impaired(link, { clock: host.driver, random: new Random(7), impairments });
      // What travels is what hosts would see: no super segments, sums in them.
      const there = await space({ vnet: false }, config, around);
      try {
        let last = 0;
        let silence = 0;
        there.host.observe((event) => {
          if (event.type !== 'segment') return;
          if (last > 0) silence = Math.max(silence, event.time - last);
          last = event.time;
        });
        const size = 1 << 20;
        const listener = there.host.listen({ port: 7000 });
        const kernel = there.socket();
        await kernel.do('connect', OURS[4], 7000);
        const socket = (await listener.accept()) as TcpSocket;
        const sending = kernel.do('send', size);
        let [count, wrong] = [0, 0];
        while (count < size) {
          const chunk = (await socket.read()) ?? new Uint8Array(0);
          for (const octet of chunk) if (octet !== (count++ & 0xff)) wrong++;
        }
        expect([await sending, wrong]).toEqual(['sent', 0]);
        const writing = socket.write(ramp(size));
        expect(await kernel.do('recv', size)).toBe(`${size} right`);
        await writing;
        // An RTO of at most 300 ms here, doubled twice, and what a busy machine adds.
        expect(silence).toBeLessThan(2 * SECOND);
        socket.abort();
        listener.close();
      } finally {
        there.close();
      }
    },
    40_000,
  );
});

describe.skipIf(missing !== '')('kill -9 in the middle of a transfer', () => {
  test.each([1, 2])(
    'of the kernel’s side, %i: we are reset, and the next connection is taken at once',
    async (seed) => {
      const there = await space({}, config);
      try {
        const random = new Random(seed);
        const listener = there.host.listen({ port: 7000 });
        for (let i = 0; i < 3; i++) {
          const peer = there.peer('exchange', 'call', OURS[4], '7000', String(24 << 20), '1');
          const socket = (await listener.accept()) as TcpSocket;
          const ended = expect(socket.closed).rejects.toMatchObject({ code: 'ECONNRESET' });
          const reading = (async (): Promise<void> => {
            for await (const _ of socket);
          })().catch(() => undefined);
          const writing = socket.write(octets(24 << 20, 2)).catch(() => undefined);
          await expect.poll(() => socket.bytesRead, { interval: 1, timeout: 5000 }).toBeGreaterThan(0);
          await new Promise((resolve) => setTimeout(resolve, random.below(40)));
          peer.child.kill('SIGKILL');
          await ended;
          await Promise.all([reading, writing]);
        }
        expect(there.states(7000)).toEqual([]);
        listener.close();
      } finally {
        there.close();
      }
    },
    40_000,
  );
});
