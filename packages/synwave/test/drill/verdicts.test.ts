/** A wrong expectation fails, of each kind there is; beside it stands the right one, which passes. */
import { describe, expect, test } from 'vitest';
import { runScript } from '../../src/drill/index.ts';

const HANDSHAKE = `    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
   +0 bind(3, ..., ...) = 0
   +0 listen(3, 1) = 0
   +0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>
   +0 > S. 0:0(0) ack 1 win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 7>
  +.1 < . 1:1(0) ack 1 win 257
   +0 accept(3, ..., ...) = 4
`;

const OPENED = `    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
   +0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
   +0 > S 0:0(0) win 64240 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>
  +.1 < S. 0:0(0) ack 1 win 5792 <mss 1460,sackOK,TS val 700 ecr 100,nop,wscale 7>
   +0 > . 1:1(0) ack 1 <nop,nop,TS val 200 ecr 700>
`;

function verdict(script: string): string {
  return runScript(script, { name: 'a.pkt', profile: 'linux' }).status;
}

type Row = readonly [kind: string, before: string, right: string, wrong: string];

const rows: readonly Row[] = [
  [
    'a sequence number',
    '',
    '+0 write(4, ..., 100) = 100\n+0 > P. 1:101(100) ack 1',
    '+0 write(4, ..., 100) = 100\n+0 > P. 2:102(100) ack 1',
  ],
  [
    'a length',
    '',
    '+0 write(4, ..., 100) = 100\n+0 > P. 1:101(100) ack 1',
    '+0 write(4, ..., 100) = 100\n+0 > P. 1:100(99) ack 1',
  ],
  [
    'a longer text than comes',
    '',
    '+0 write(4, ..., 100) = 100\n+0 > P. 1:101(100) ack 1',
    '+0 write(4, ..., 100) = 100\n+0 > P. 1:102(101) ack 1',
  ],
  [
    'an acknowledgment',
    '',
    '+0 < P. 1:11(10) ack 1 win 257\n+0 > . 1:1(0) ack 11',
    '+0 < P. 1:11(10) ack 1 win 257\n+0 > . 1:1(0) ack 10',
  ],
  [
    'a window',
    '',
    '+0 < P. 1:11(10) ack 1 win 257\n+0 > . 1:1(0) ack 11 win 502',
    '+0 < P. 1:11(10) ack 1 win 257\n+0 > . 1:1(0) ack 11 win 501',
  ],
  [
    'a flag too many',
    '',
    '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1',
    '+0 write(4, ..., 10) = 10\n+0 > FP. 1:11(10) ack 1',
  ],
  [
    'a flag too few',
    '',
    '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1',
    '+0 write(4, ..., 10) = 10\n+0 > . 1:11(10) ack 1',
  ],
  [
    'an urgent pointer',
    '',
    '+0 send(4, ..., 10, MSG_OOB) = 10\n+0 > PU. 1:11(10) ack 1 urg 10',
    '+0 send(4, ..., 10, MSG_OOB) = 10\n+0 > PU. 1:11(10) ack 1 urg 9',
  ],
  [
    'an option where none comes',
    '',
    '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1',
    '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1 <nop,nop,TS val 1 ecr 1>',
  ],
  [
    'no option where one comes',
    '',
    '+0 < . 101:201(100) ack 1 win 257\n+0 > . 1:1(0) ack 1 <nop,nop,sack 101:201>',
    '+0 < . 101:201(100) ack 1 win 257\n+0 > . 1:1(0) ack 1',
  ],
  [
    'a block of SACK',
    '',
    '+0 < . 101:201(100) ack 1 win 257\n+0 > . 1:1(0) ack 1 <nop,nop,sack 101:201>',
    '+0 < . 101:201(100) ack 1 win 257\n+0 > . 1:1(0) ack 1 <nop,nop,sack 101:202>',
  ],
  [
    'the order of blocks of SACK',
    '+0 < . 101:201(100) ack 1 win 257\n+0 > . 1:1(0) ack 1 <nop,nop,sack 101:201>\n+0 < . 301:401(100) ack 1 win 257\n',
    '+0 > . 1:1(0) ack 1 <nop,nop,sack 301:401 101:201>',
    '+0 > . 1:1(0) ack 1 <nop,nop,sack 101:201 301:401>',
  ],
  ['a packet that does not come', '', '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1', '+0 > . 1:1(0) ack 1'],
  [
    'a packet that nobody expects, before one that somebody does',
    '+0 < . 101:201(100) ack 1 win 257\n',
    '+0 > . 1:1(0) ack 1 <nop,nop,sack 101:201>\n+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1',
    '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1',
  ],
  [
    'a packet too early',
    '',
    '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n+.3 > P. 1:11(10) ack 1',
    '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n+.4 > P. 1:11(10) ack 1',
  ],
  [
    'a packet too late',
    '',
    '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n+.3 > P. 1:11(10) ack 1',
    '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n+.2 > P. 1:11(10) ack 1',
  ],
  [
    'a range of time',
    '',
    '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n+.2~+.35 > P. 1:11(10) ack 1',
    '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n+.1~+.2 > P. 1:11(10) ack 1',
  ],
  [
    'a packet that may come at any time and is another',
    '',
    '+0 write(4, ..., 10) = 10\n* > P. 1:11(10) ack 1',
    '+0 write(4, ..., 10) = 10\n* > P. 1:12(11) ack 1',
  ],
  [
    'a packet that may come at any time and never does',
    '',
    '+0 write(4, ..., 10) = 10\n* > P. 1:11(10) ack 1',
    '* > P. 1:11(10) ack 1',
  ],
  ['a result', '', '+0 write(4, ..., 10) = 10', '+0 write(4, ..., 10) = 9'],
  ['an error where none comes', '', '+0 write(4, ..., 10) = 10', '+0 write(4, ..., 10) = -1 EPIPE'],
  [
    'no error where one comes',
    '+0 < R. 1:1(0) ack 1 win 0\n',
    '+0 read(4, ..., 10) = -1 ECONNRESET',
    '+0 read(4, ..., 10) = 0',
  ],
  [
    'another error',
    '+0 < R. 1:1(0) ack 1 win 0\n',
    '+0 read(4, ..., 10) = -1 ECONNRESET',
    '+0 read(4, ..., 10) = -1 EPIPE',
  ],
  [
    'the value of a socket option',
    '',
    '+0 getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [4]) = 0',
    '+0 getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNRESET], [4]) = 0',
  ],
  ['an assertion', '', '+0 %{ assert tcpi_snd_cwnd == 10 }%', '+0 %{ assert tcpi_snd_cwnd == 11 }%'],
  [
    'an assertion of a state',
    '',
    '+0 %{ assert tcpi_state == 1, tcpi_state }%',
    '+0 %{ assert tcpi_state == 8, tcpi_state }%',
  ],
  [
    'an assertion among several',
    '',
    '+0 %{\nassert tcpi_snd_cwnd == 10\nassert tcpi_unacked == 0\n}%',
    '+0 %{\nassert tcpi_snd_cwnd == 10\nassert tcpi_unacked == 1\n}%',
  ],
  [
    'a call that blocks and does not end',
    '+0...0.1 read(4, ..., 10) = 10\n',
    '+.1 < P. 1:11(10) ack 1 win 257',
    '+.3 write(4, ..., 10) = 10',
  ],
  [
    'a call that ends too early',
    '',
    '+0...0.2 read(4, ..., 10) = 10\n+.2 < P. 1:11(10) ack 1 win 257',
    '+0...0.6 read(4, ..., 10) = 10\n+.2 < P. 1:11(10) ack 1 win 257',
  ],
  [
    'a call that blocks where it is to answer',
    '+0 < P. 1:11(10) ack 1 win 257\n',
    '+0 read(4, ..., 10) = 10',
    '+0 read(4, ..., 10) = 10\n+0 read(4, ..., 10) = 10',
  ],
  ['a count of sockets', '', '+0 `ss -tan | grep -q ESTAB`', '+0 `ss -tan | grep -q CLOSE-WAIT`'],
  [
    'events of poll',
    '',
    '+0 poll([{fd=4, events=POLLOUT, revents=POLLOUT}], 1, 0) = 1',
    '+0 poll([{fd=4, events=POLLOUT, revents=POLLIN}], 1, 0) = 1',
  ],
];

describe('on an accepted connection', () => {
  test.each(rows)('%s', (_kind, before, right, wrong) => {
    expect(verdict(`${HANDSHAKE}${before}${right}\n`)).toBe('passed');
    expect(verdict(`${HANDSHAKE}${before}${wrong}\n`)).toBe('failed');
  });
});

/** What stands in the script, and what is put in its place. */
const changes: readonly (readonly [kind: string, from: string, to: string])[] = [
  ['the window of a SYN', 'win 64240', 'win 65535'],
  ['the MSS', '<mss 1460,sackOK,TS val 100', '<mss 1440,sackOK,TS val 100'],
  ['the window scale', 'ecr 0,nop,wscale 7>', 'ecr 0,nop,wscale 8>'],
  [
    'the order of options',
    '<mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>',
    '<mss 1460,nop,wscale 7,sackOK,TS val 100 ecr 0>',
  ],
  ['an option that is missing', ',nop,wscale 7>\n  +.1', '>\n  +.1'],
  ['an echoed timestamp', 'val 200 ecr 700', 'val 200 ecr 701'],
  ['a number of the final ACK', '> . 1:1(0) ack 1', '> . 1:1(0) ack 2'],
  ['EINPROGRESS', 'EINPROGRESS', 'EALREADY'],
  ['a connect that answers', '-1 EINPROGRESS (Operation now in progress)', '0'],
];

describe('on a connection of our own', () => {
  test('the script passes as it is', () => {
    expect(verdict(OPENED)).toBe('passed');
  });

  test.each(changes)('%s', (_kind, from, to) => {
    const changed = OPENED.replace(from, to);
    expect(changed).not.toBe(OPENED);
    expect(verdict(changed)).toBe('failed');
  });

  test('a message says where, what was expected and what came', () => {
    const { message, line } = runScript(OPENED.replace('win 64240', 'win 1'), { name: 'a.pkt', profile: 'linux' });
    expect(line).toBe(4);
    expect(message).toMatch(
      /^a\.pkt:4: expected > S 0:0\(0\) win 1 <.*>, and > S 0:0\(0\) win 64240 <.*> came: the window is 64240, not 1$/,
    );
  });
});

describe('UDP and ICMP', () => {
  const udp = (length: number, back: number): string => `    0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3
   +0 connect(3, ..., ...) = 0
   +0 write(3, ..., 100) = 100
   +0 > udp (${length})
   +0 < udp (${back})
   +0 read(3, ..., 2000) = 50
`;
  const unreachable = (what: string): string => `    0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3
   +0 bind(3, ..., ...) = 0
   +0 < udp (10)
   +0 close(3) = 0
   +0 < udp (10)
   +0 > icmp unreachable ${what}
`;
  test('datagrams', () => {
    expect(verdict(udp(100, 50))).toBe('passed');
    expect(verdict(udp(101, 50))).toBe('failed');
    expect(verdict(udp(100, 51))).toBe('failed');
  });
  test('the host says that nobody is there', () => {
    expect(verdict(unreachable('port_unreachable'))).toBe('passed');
    expect(verdict(unreachable('host_unreachable'))).toBe('failed');
  });
});
