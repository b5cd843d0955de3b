/** How the two systems behave where they differ from each other or from the RFCs' plain words, as their manuals tell and as can be seen. */
import { describe, expect, test } from 'vitest';
import { drill, type ProfileName, runScript } from '../../src/drill/index.ts';

const accepted = (syn: string, synAck: string): string => `    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
   +0 bind(3, ..., ...) = 0
   +0 listen(3, 1) = 0
   +0 < S 0:0(0) win 32792 ${syn}
   +0 > S. 0:0(0) ack 1 ${synAck}
  +.1 < . 1:1(0) ack 1 win 257
   +0 accept(3, ..., ...) = 4
`;

const LINUX = accepted('<mss 1000,sackOK,nop,nop,nop,wscale 7>', 'win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 7>');
const FREEBSD = accepted('<mss 1460,nop,wscale 7,sackOK,eol,eol>', 'win 65535 <mss 1460,nop,wscale 6,sackOK,eol,eol>');

const run = (profile: ProfileName, script: string): void => drill(script, { profile, name: 'a.pkt' });

describe('Linux', () => {
  test('the first window is whole segments, of what timestamps leave', () => {
    run('linux', accepted('<mss 1460>', 'win 64240 <mss 1460>'));
    run(
      'linux',
      accepted(
        '<mss 1460,sackOK,TS val 5 ecr 0,nop,wscale 7>',
        'win 65160 <mss 1460,sackOK,TS val 9 ecr 5,nop,wscale 7>',
      ).replace('win 257', 'win 257 <nop,nop,TS val 6 ecr 9>'),
    );
  });

  test('the window goes down by units of the scale, rounded up', () => {
    run(
      'linux',
      `${LINUX}
+0 < P. 1:1001(1000) ack 1 win 257
+0 > . 1:1(0) ack 1001 win 495
+0 < P. 1001:2001(1000) ack 1 win 257
+0 > . 1:1(0) ack 2001 win 488
`,
    );
  });

  test('bursts of two segments end in PSH', () => {
    run(
      'linux',
      `--strict_segments=1
${LINUX}
+0 write(4, ..., 5000) = 5000
+0 > . 1:1001(1000) ack 1
+0 > P. 1001:2001(1000) ack 1
+0 > . 2001:3001(1000) ack 1
+0 > P. 3001:4001(1000) ack 1
+0 > P. 4001:5001(1000) ack 1
`,
    );
  });

  test('a small segment waits for another small one only (Minshall)', () => {
    run(
      'linux',
      `${LINUX}
+0 write(4, ..., 1500) = 1500
+0 > . 1:1001(1000) ack 1
+0 > P. 1001:1501(500) ack 1
+0 write(4, ..., 100) = 100
+.1 < . 1:1(0) ack 1001 win 257
+0 < . 1:1(0) ack 1501 win 257
+0 > P. 1501:1601(100) ack 1
`,
    );
  });

  test('a probe of the tail comes where the timer would be first, and the timer a whole RTO later (RFC 8985 §7.2)', () => {
    run(
      'linux',
      `${LINUX}
+0 write(4, ..., 1000) = 1000
+0 > P. 1:1001(1000) ack 1
+.3 > P. 1:1001(1000) ack 1
+.3 > P. 1:1001(1000) ack 1
+.6 > P. 1:1001(1000) ack 1
+1.2 > P. 1:1001(1000) ack 1
`,
    );
  });

  test('a closed window is probed from left of it', () => {
    run(
      'linux',
      `${LINUX}
+0 write(4, ..., 1000) = 1000
+0 > P. 1:1001(1000) ack 1
+.1 < . 1:1(0) ack 1001 win 0
+0 write(4, ..., 1000) = 1000
+.3 > . 1000:1000(0) ack 1
+.6 > . 1000:1000(0) ack 1
+1.2 > . 1000:1000(0) ack 1
+0 < . 1:1(0) ack 1001 win 257
+0 > P. 1001:2001(1000) ack 1
`,
    );
  });

  test('text after close is answered by a bare RST, unread text by one with an ACK', () => {
    run(
      'linux',
      `${LINUX}
+0 close(4) = 0
+0 > F. 1:1(0) ack 1
+.1 < P. 1:101(100) ack 2 win 257
+0 > R 2:2(0) win 0
`,
    );
    run(
      'linux',
      `${LINUX}
+0 < P. 1:101(100) ack 1 win 257
+0 > . 1:1(0) ack 101
+0 close(4) = 0
+0 > R. 1:1(0) ack 101 win 502
`,
    );
  });

  test('challenges come once in half a second (tcp_invalid_ratelimit)', () => {
    run(
      'linux',
      `${LINUX}
+0 < S 1:1(0) win 257
+0 > . 1:1(0) ack 1
+.1 < S 1:1(0) win 257
+.5 < S 1:1(0) win 257
+0 > . 1:1(0) ack 1
+0 write(4, ..., 10) = 10
+0 > P. 1:11(10) ack 1
`,
    );
  });

  test('an unreachable host ends a connect', () => {
    run(
      'linux',
      `    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) <...>
+.1 < [0:0(0)] icmp unreachable host_unreachable
+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [EHOSTUNREACH], [4]) = 0
`,
    );
  });
});

describe('FreeBSD', () => {
  test('buffers are whole segments once the MSS is known, and the window is rounded up to its unit', () => {
    run(
      'freebsd',
      `${FREEBSD}
+0 < P. 1:1461(1460) ack 1 win 257
+0 < P. 1461:2921(1460) ack 1 win 257
+0 > . 1:1(0) ack 2921 win 981
+0 read(4, ..., 2920) = 2920
+0 < P. 2921:4381(1460) ack 1 win 257
+.04 > . 1:1(0) ack 4381 win 1004
`,
    );
  });

  test('a write that begins on an idle connection goes out to its end; the next one waits (Nagle)', () => {
    run(
      'freebsd',
      `${FREEBSD}
+0 write(4, ..., 2000) = 2000
+0 > . 1:1461(1460) ack 1
+0 > P. 1461:2001(540) ack 1
+0 write(4, ..., 100) = 100
+.1 < . 1:1(0) ack 1461 win 257
+0 < . 1:1(0) ack 2001 win 257
+0 > P. 2001:2101(100) ack 1
`,
    );
  });

  test('every second segment is acknowledged at once, a lone one after 40 ms', () => {
    run(
      'freebsd',
      `${FREEBSD}
+0 < P. 1:11(10) ack 1 win 257
+.04 > . 1:1(0) ack 11
+0 < P. 11:21(10) ack 1 win 257
+0 < P. 21:31(10) ack 1 win 257
+0 > . 1:1(0) ack 31
`,
    );
  });

  test('unread text at close: FIN; text that comes after it: RST', () => {
    run(
      'freebsd',
      `${FREEBSD}
+0 < P. 1:101(100) ack 1 win 257
+.04 > . 1:1(0) ack 101
+0 close(4) = 0
+0 > F. 1:1(0) ack 101
+.1 < P. 101:201(100) ack 2 win 257
+0 > R 2:2(0) win 0
`,
    );
  });

  test('TIME-WAIT takes no RST (RFC 1337)', () => {
    run(
      'freebsd',
      `${FREEBSD}
+0 close(4) = 0
+0 > F. 1:1(0) ack 1
+.1 < F. 1:1(0) ack 2 win 257
+0 > . 2:2(0) ack 2
+0 < R 2:2(0) win 0
+0 \`sockstat -46 -s -P tcp -p 8080 | grep -q TIME_WAIT\`
`,
    );
  });

  test('a closed window is probed by one octet, after five seconds', () => {
    run(
      'freebsd',
      `${FREEBSD}
+0 write(4, ..., 1000) = 1000
+0 > P. 1:1001(1000) ack 1
+.1 < . 1:1(0) ack 1001 win 0
+0 write(4, ..., 1000) = 1000
+5 > . 1001:1002(1) ack 1
`,
    );
  });

  test('the smallest MSS is 216', () => {
    run(
      'freebsd',
      `${FREEBSD.replace('mss 1460,nop,wscale 7', 'mss 100,nop,wscale 7')}
+0 write(4, ..., 300) = 300
+0 > . 1:217(216) ack 1
+0 > P. 217:301(84) ack 1
`,
    );
  });
});

describe('which system a script is for', () => {
  const script = (command: string): string => `0 \`${command}\`
+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) win 65535 <mss 1460,nop,wscale 6,sackOK,TS val 1 ecr 0>
`;
  test('its commands say so', () => {
    expect(runScript(script('sysctl -w net.inet.tcp.rfc1323=1')).status).toBe('passed');
    expect(runScript(script('kldload -n cc_newreno')).status).toBe('passed');
  });
  test('without any, and with commands of Linux, it is for Linux', () => {
    expect(runScript(script('true')).status).toBe('failed');
    expect(runScript(script('sysctl -q net.ipv4.tcp_timestamps=1')).status).toBe('failed');
  });
  test('the order of options does not, for it is what is tested', () => {
    expect(runScript(script('true').replace(' win 65535', '')).message).toContain('the options are');
  });
  test('a profile that is given holds', () => {
    expect(runScript(script('sysctl -w net.inet.tcp.rfc1323=1'), { profile: 'linux' }).status).toBe('failed');
    expect(runScript(script('true'), { profile: 'freebsd' }).status).toBe('passed');
  });
});
