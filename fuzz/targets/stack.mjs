/** stack/stack.ts: any packets, calls and times at a host with connections and a listener. What holds: `host.mjs`. */
import { parseText } from '../../packages/synwave/dist/wire/text-parse.js';
import { callWords, KINDS, MOST_SCRIPT, runScript, scriptText } from '../host.mjs';
import { inPieces, samplePackets } from '../packets.mjs';
import { arrival, call, stepsOf } from '../script.mjs';

const HERE = '10.0.0.1';
const THERE = '10.0.0.2';
const INTERFACES = [{ addresses: [`${HERE}/24`, 'fd00::1/64'] }];

const SYN = 'options [mss 1460,sackOK,TS val 1000 ecr 0,nop,wscale 7], length 0';
const STAMP = 'options [nop,nop,TS val 1000 ecr 1]';
const opened = `IP ${THERE}.8000 > ${HERE}.5000: Flags`;
const plain = `IP ${THERE}.4000 > ${HERE}.80: Flags`;
const six = 'IP6 fd00::2.4001 > fd00::1.80: Flags';

/** @param {string} line */
const comes = (line) => arrival(parseText(line));

/** Before any script: a connection that was asked for, one with options and one without that were accepted. */
const PROLOGUE = stepsOf(
  Uint8Array.from([
    ...call('connect'),
    ...comes(`${opened} [S.], seq 4294967000, ack 0, win 65535, ${SYN}`),
    ...comes(`${plain} [S], seq 7000, win 9000, length 0`),
    ...comes(`${plain} [.], ack 0, win 9000, length 0`),
    ...call('accept'),
    ...comes(`${six} [S], seq 8000, win 65535, ${SYN}`),
    ...comes(`${six} [.], ack 0, win 500, ${STAMP}, length 0`),
    ...call('accept'),
    ...call('askEcho', 0, 1),
    ...call('udpSend', 1, 1),
  ]),
  0,
);

/** What connections go through, told from the peer's side; numbers are relative to where the connection stands. */
function scenarios() {
  const text = comes(`${plain} [P.], seq 0:30, ack 0, win 9000, length 30`);
  const hole = comes(`${plain} [P.], seq 30:60, ack 0, win 9000, length 30`);
  const fin = comes(`${plain} [F.], seq 0, ack 0, win 9000, length 0`);
  const ack = comes(`${plain} [.], ack 0, win 9000, length 0`);
  const closed = comes(`${plain} [.], ack 0, win 0, length 0`);
  const sacks = comes(
    `${opened} [.], ack 4294964296, win 500, options [nop,nop,TS val 1000 ecr 1,nop,nop,sack 1 {1:2}], length 0`,
  );
  const back = comes(`${opened} [.], ack 4294964296, win 500, ${STAMP}, length 0`);
  const quoting = `IP ${THERE} > ${HERE}: ICMP ${THERE}`;
  const pieces = ['IP 10.0.0.2.9 > 10.0.0.1.54: UDP, length 40', 'IP6 fd00::2.9 > fd00::1.54: UDP, length 40']
    .map(parseText)
    .map((packet) => inPieces(packet, 16, 7).toReversed());
  return [
    [...text, ...call('receive', 1, 1), ...fin, ...call('close', 1), ...ack],
    [...hole, ...call('receive', 1, 9), ...text, ...call('receive', 1, 9)],
    [...call('close', 1), ...ack, ...fin, ...call('wait', 0, 6)],
    [...call('close', 1), ...fin, ...ack, ...call('release', 1)],
    [...call('send', 1, 20), ...closed, ...call('nextDeadline'), ...call('nextDeadline'), ...ack],
    [...call('send', 0, 250), ...back, ...back, ...back, ...sacks, ...call('nextDeadline'), ...call('nextDeadline')],
    [...call('send', 2, 100), ...call('nextDeadline'), ...comes(`${six} [.], ack 0, win 500, ${STAMP}, length 0`)],
    [...comes(`${plain} [R], seq 0, win 0, length 0`), ...comes(`${plain} [S], seq 5, win 900, length 0`)],
    [...comes(`${opened} [P.U], seq 0:9, ack 0, win 500, urg 4, ${STAMP}, length 9`), ...call('receive', 0, 1)],
    [...call('keepAlive', 0, 1), ...call('nextDeadline'), ...call('nextDeadline'), ...call('sendUrgent', 0, 9)],
    [...call('connect', 0, 3), ...comes(`IP ${THERE}.8000 > ${HERE}.5003: Flags [S], seq 3, win 900, length 0`)],
    [...comes(`IP ${THERE}.4005 > ${HERE}.80: Flags [S], seq 3, win 900, length 0`), ...call('listen')],
    [1, 2, 3, 4].flatMap((port) => comes(`IP ${THERE}.400${port} > ${HERE}.80: Flags [S], seq 3, win 900, length 0`)),
    [...comes(`IP ${THERE}.9 > ${HERE}.54: UDP, length 30`), ...call('udpReceive', 1), ...call('udpSend', 0, 200)],
    [...comes(`${quoting} udp port 9 unreachable, length 60`), ...call('udpReceive', 1), ...call('askEcho', 1, 255)],
    [...call('abort', 0), ...call('release', 0), ...call('release', 0), ...call('release', 0)],
    [...call('send', 0, 250), ...comes(`${quoting} unreachable - need to frag (mtu 600), length 60`)],
    ...pieces.map((list) => list.flatMap((piece) => arrival(piece))),
    samplePackets().flatMap((each) => arrival(each)),
  ];
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'stack',
  most: MOST_SCRIPT,
  words: callWords,
  seeds: () => scenarios().flatMap((steps) => KINDS.map((kind) => Uint8Array.from([kind, ...steps]))),
  show: (input) => scriptText(input, false),
  run: (input) => runScript(INTERFACES, THERE, PROLOGUE, input),
};
