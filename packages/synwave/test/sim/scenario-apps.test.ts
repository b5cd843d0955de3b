/** Apps of scenarios that readers meet in the page: pages over HTTP, files, chat, a shell; what a server does about its clients; and the way back to a file. */
import { describe, expect, test } from 'vitest';
import { parseFault } from '../../src/sim/fault-text.ts';
import { parseDeed, parseScenario } from '../../src/sim/scenario/parse.ts';
import { play, type Run } from '../../src/sim/scenario/run.ts';
import { deedValue, matchOf } from '../../src/sim/scenario/write.ts';

type Part = Readonly<Record<string, unknown>>;

const words = { zh: '题', en: 'title' };

function played(script: readonly Part[], part: Part = {}): Run {
  const hosts = [{ name: 'client' }, { name: 'server' }];
  const links = [{ between: ['client', 'server'], delay: '20 ms' }];
  const run = play(parseScenario({ id: 'test', title: words, summary: words, hosts, links, script, ...part }));
  run.finish();
  return run;
}

/** All that a host's programs have read, or written. */
function octets(run: Run, host: string, call: 'read' | 'write'): string {
  const decoder = new TextDecoder();
  return run.events
    .flatMap((event) =>
      event.type === 'return' && event.host === host && event.call === call && event.octets !== null
        ? [decoder.decode(event.octets, { stream: true })]
        : [],
    )
    .join('');
}

const listen = (app: unknown): Part => ({ who: 'server', do: 'listen', app });
const connect = (app: unknown, part: Part = {}): Part => ({
  at: '10 ms',
  who: 'client',
  do: 'connect',
  to: 'server',
  as: 'c',
  app,
  ...part,
});
const write = (at: string, text: string): Part => ({ at, who: 'client', do: 'write', socket: 'c', text });

describe('http', () => {
  const fetched = (path: string, server: unknown = 'http'): string =>
    octets(played([listen(server), connect({ name: 'get', path })]), 'client', 'read');

  test.each([
    ['/', 'HTTP/1.1 200 OK', '这个页面是装在 TCP 报文段里送来的'],
    ['/request', 'HTTP/1.1 200 OK', '<pre>GET /request HTTP/1.1'],
    ['/<b>', 'HTTP/1.1 404 Not Found', 'There is no /&lt;b&gt; here'],
    ['/long', 'HTTP/1.1 200 OK', 'line 400 of a page'],
  ])('%s is fetched whole, and the length is as the head says', (path, status, part) => {
    const text = fetched(path);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toContain(status);
    expect(body).toContain(part);
    expect(new TextEncoder().encode(body).length).toBe(Number(/Content-Length: (\d+)/.exec(head)?.[1]));
  });

  test('a page of the scenario’s own; both sides are closed in the end', () => {
    expect(fetched('/', { name: 'http', page: '<p>mine</p>' })).toMatch(/\r\n\r\n<p>mine<\/p>$/);
    const run = played([listen('http'), connect({ name: 'get', path: '/' })]);
    expect(run.view().map(({ connections }) => connections.length)).toEqual([0, 0]);
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n', '400 Bad Request'],
    ['another method', 'PUT / HTTP/1.1\r\n\r\n', '405 Method Not Allowed'],
    ['a head without end', 'x'.repeat(9000), '431 Request Header Fields Too Large'],
    ['a head in two writes', 'GET / HTT', 'none'],
  ])('%s', (_name, text, status) => {
    const run = played([listen('http'), connect('read'), write('200 ms', text)]);
    const answer = octets(run, 'client', 'read');
    if (status === 'none') expect(answer).toBe('');
    else expect(answer).toContain(`HTTP/1.1 ${status}`);
  });

  test('a connection carries one request after the other', () => {
    const request = 'GET /request HTTP/1.1\r\n\r\n';
    const run = played([listen('http'), connect('read'), write('200 ms', request + request), write('1 s', request)]);
    expect(octets(run, 'client', 'read').match(/200 OK/g)).toHaveLength(3);
  });
});

test('a file comes whole, and the server ends its direction first', () => {
  const run = played([listen({ name: 'file', octets: 30_000 }), connect('read')]);
  const text = run.events.flatMap((event) =>
    event.type === 'return' && event.host === 'client' ? [event.result] : [],
  );
  expect(text.map((each) => Number(/^(\d+) octets/.exec(each)?.[1] ?? 0)).reduce((a, b) => a + b)).toBe(30_000);
  const fin = run.packets.find(({ segment }) => segment !== null && (segment.flags & 1) !== 0);
  expect(fin?.from).toBe('server');
});

test('chat: what both sides say arrives, and is told with its octets', () => {
  const run = played([
    listen('chat'),
    connect('chat'),
    write('200 ms', '你好\n'),
    { at: '400 ms', who: 'server', do: 'write', socket: 'listener-1', text: 'hello\n' },
  ]);
  expect([octets(run, 'server', 'read'), octets(run, 'client', 'read')]).toEqual(['你好\n', 'hello\n']);
  expect([octets(run, 'client', 'write'), octets(run, 'server', 'write')]).toEqual(['你好\n', 'hello\n']);
});

describe('what a server does about its clients, whatever its app', () => {
  test('a connection that is silent for too long is closed; one that speaks lives on', () => {
    const app = { name: 'echo', idle: '2 s' };
    const speaks = [1, 2, 3].map((second) => write(`${second} s`, 'x'));
    const run = played([listen(app), connect('read'), ...speaks]);
    const fin = run.packets.find(({ from, segment }) => from === 'server' && ((segment?.flags ?? 0) & 1) !== 0);
    expect(fin?.sentAt).toBeGreaterThanOrEqual(5_000_000);
    expect(fin?.sentAt).toBeLessThan(5_200_000);
  });

  test('one client may have so many connections, and its next one is reset', () => {
    const app = { name: 'echo', most: 2 };
    const run = played([listen(app), ...[1, 2, 3].map((i) => connect('read', { as: `c${i}`, at: `${i} s` }))], {
      until: '5 s',
    });
    expect(run.view()[1]?.connections).toHaveLength(2);
    expect(run.packets.filter(({ segment }) => ((segment?.flags ?? 0) & 4) !== 0)).not.toHaveLength(0);
  });

  test('a page that was fetched and closed is not closed once more', () => {
    const run = played([listen({ name: 'http', idle: '2 s' }), connect({ name: 'get', path: '/' })]);
    const closes = run.events.filter((each) => each.type === 'call' && each.host === 'server' && each.call === 'close');
    expect(closes).toHaveLength(1);
  });
});

describe('the way back to a file', () => {
  test.each<Part>([
    {
      do: 'listen',
      port: 80,
      as: 'listener',
      app: { name: 'http', idle: '5 s' },
      backlog: 3,
      config: { noDelay: true },
    },
    { do: 'connect', to: 'server', port: 80, as: 'mine', app: 'read', from: 7 },
    { do: 'write', socket: 'mine', text: 'hi', times: 3, every: '40 ms' },
    { do: 'send', socket: 'u', to: 'server', port: 5, octets: 10 },
    {
      do: 'link',
      to: 'server',
      delay: '1.5 s',
      jitter: '3 ms',
      loss: '2.5%',
      rate: '64 kbit/s',
      queue: 5000,
      corrupt: '0%',
    },
    { do: 'unplug' },
    { do: 'set', socket: 'mine', keepAlive: true },
    { do: 'answer-for', host: 'client' },
    { do: 'crash' },
  ])('$do', (value) => {
    const deed = parseDeed(value);
    expect(parseDeed(JSON.parse(JSON.stringify(deedValue(deed))))).toEqual(deed);
  });

  test('a fault on one packet is a fault of a file, and gives the same run', () => {
    const script = [listen('http'), connect({ name: 'get', path: '/long' })];
    const first = played(script);
    const packet = first.packets[12];
    if (packet === undefined) throw new Error('too few packets');
    const scenario = {
      hosts: [{ name: 'client' }, { name: 'server' }],
      links: [{ between: ['client', 'server'], delay: '20 ms' }],
    };
    const head = { id: 'test', title: words, summary: words, ...scenario, script };
    const run = play(parseScenario(head), {
      interventions: [{ type: 'packet', packet: packet.id, fault: parseFault('drop') }],
    });
    run.finish();
    const again = played(script, { faults: [{ match: matchOf(packet, first.packets), do: 'drop' }] });
    expect(again.packets.map(({ sentAt, fates }) => [sentAt, fates])).toEqual(
      run.packets.map(({ sentAt, fates }) => [sentAt, fates]),
    );
    expect(again.packets[12]?.fates).toEqual(['fault']);
  });
});
