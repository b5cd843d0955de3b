/** drill: any text as a packet script. What can be read is run; nothing but the errors that users are told comes out. */
import { ScriptError } from '../../packages/synwave/dist/drill/errors.js';
import { parseScript } from '../../packages/synwave/dist/drill/parse.js';
import { runScript } from '../../packages/synwave/dist/drill/run.js';
import { holds } from '../target.mjs';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const opened = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>
+0 > S. 0:0(0) ack 1 <...>
+.1 < . 1:1(0) ack 1 win 257
+0 accept(3, ..., ...) = 4
`;

const seeds = [
  `${opened}+0 write(4, ..., 1000) = 1000
+0 > P. 1:1001(1000) ack 1
+.1 < . 1:1(0) ack 1001 win 257
+0 < P. 1:501(500) ack 1001 win 257
* > . 1001:1001(0) ack 501
+0 read(4, ..., 1000) = 500
+0 %{ assert tcpi_state == TCP_ESTABLISHED and tcpi_unacked < 3, tcpi_state }%
+0 close(4) = 0
+0~+.1 > F. 1001:1001(0) ack 501
`,
  `${opened}+0 < . 1001:2001(1000) ack 1 win 257
+0 > . 1:1(0) ack 1 <nop,nop,sack 1001:2001>
+.05 < [1:1461(1460)] icmp unreachable frag_needed mtu 1400
+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLOUT}], 1, 0) = 1
+0 ioctl(4, SIOCINQ, [0]) = 0
+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0
+0 close(4) = 0
`,
  `--ip_version=ipv6
--tolerance_usecs=10000
\`sysctl -q net.ipv4.tcp_ecn=1 && ss -tan | grep -c LISTEN || true\`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
0.1 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
.2 connect(3, {sa_family = AF_INET6, sin6_port = htons(80), inet_pton(AF_INET6, "fd3d::1", ...)}, ...) = -1 EINPROGRESS (in progress)
+0 > [noecn] SEW 0:0(0) <mss 1440,sackOK,TS val 1 ecr 0,nop,wscale 7>
+0 < (tos 0x3) S.E 0:0(0) ack 1 win 5792 urg 2 <mss 1000,sackOK,TS val 7 ecr 1,FO 0102,md5,eol>
+0...0.3 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 10}], msg_flags=0}, MSG_PEEK) = -1 EAGAIN
/* the end */ \`sleep 1; true\`
`,
  `0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3
+0 sendto(3, ..., 100, 0, ..., ...) = 100
+0 > udp (100)
+.1 < [udp (100)] icmp unreachable port_unreachable
+0 < udp (0)
+0 recvfrom(3, ..., 10, 0, ..., ...) = 0
`,
];

const outcomes = ['passed', 'failed', 'malformed', 'unsupported'];

/** @type {import('../target.mjs').Target} */
export default {
  name: 'drill',
  most: 1024,
  words: [...new Set(seeds.join(' ').match(/[A-Za-z_]+|[=<>[\]{}(),:|%`~*+.]+/g)), '1e9', '4294967295', '0x7fffffff'],
  seeds: () => seeds.map((text) => encoder.encode(text)),
  show: (input) => JSON.stringify(decoder.decode(input)),
  run(input) {
    const text = decoder.decode(input);
    let script;
    try {
      script = parseScript(text, 'fuzz.pkt');
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      const lines = text.split('\n');
      holds(error.line >= 1 && error.line <= lines.length, `line ${error.line} of ${lines.length}`);
      holds(error.column >= 1 && error.column <= (lines[error.line - 1]?.length ?? 0) + 1, `column ${error.column}`);
      return 0;
    }
    // A script may ask for a year: what is run here ends within a few minutes.
    const isShort = script.steps.every(({ time, action }) => {
      const at = time.kind === 'at' ? time.at : time.kind === 'range' ? time.to : 0;
      return at < 60e6 && (action.kind !== 'call' || (action.end ?? 0) < 60e6) && action.kind !== 'command';
    });
    if (!isShort) return 1;
    const { status, message } = runScript(script, { seed: 1 });
    holds((status === 'passed') === (message === ''), `${status}: ${message}`);
    holds(!message.includes('\n'), `a message of one line: ${JSON.stringify(message)}`);
    return 2 + outcomes.indexOf(status);
  },
};
