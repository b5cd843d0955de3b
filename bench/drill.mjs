/** drill: packet scripts: how long one of 60 virtual seconds takes, and how many short ones are run in a second. */
import { runScript } from '../packages/synwave/dist/drill/index.js';
import { check, result } from './measure.mjs';

const SECONDS = 60;
const RUNS = 20;
const SCRIPTS = 1000;

const opened = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 65535 <mss 1000,sackOK,nop,nop,nop,wscale 7>
+0 > S. 0:0(0) ack 1 <...>
+.1 < . 1:1(0) ack 1 win 257
+0 accept(3, ..., ...) = 4
`;

/** Ten exchanges in a second, for a minute. */
function long() {
  let script = opened;
  for (let i = 0; i < SECONDS * 10; i++) {
    const [at, next] = [i * 1000 + 1, (i + 1) * 1000 + 1];
    script += `+0 write(4, ..., 1000) = 1000
+0 > P. ${at}:${next}(1000) ack ${at}
+.1 < P. ${at}:${next}(1000) ack ${next} win 257
+0 read(4, ..., 1000) = 1000
* > . ${next}:${next}(0) ack ${next}
`;
  }
  return script;
}

const short = `${opened}+0 write(4, ..., 4000) = 4000
+0 > P. 1:4001(4000) ack 1
+.1 < . 1:1(0) ack 1 win 257 <sack 1001:4001,nop,nop>
* > . 1:1001(1000) ack 1
+.1 < . 1:1(0) ack 4001 win 257
+0 close(4) = 0
+0 > F. 4001:4001(0) ack 1
+.1 < F. 1:1(0) ack 4002 win 257
+0 > . 4002:4002(0) ack 2
`;

/** @param {string} text @param {number} runs */
function time(text, runs) {
  const began = performance.now();
  for (let i = 0; i < runs; i++) {
    const { status, message } = runScript(text, { seed: i });
    check(status === 'passed', message);
  }
  return performance.now() - began;
}

export async function drillMinute() {
  const script = long();
  time(script, 1);
  return [result('drill-minute', time(script, RUNS) / RUNS, 'ms')];
}

export async function drillThousand() {
  return [result('drill-1000', time(short, SCRIPTS) / 1000, 's')];
}
