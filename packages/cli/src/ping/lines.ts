/** What ping prints on Linux, line by line. */
import { type EchoAnswer, MILLISECOND, type PingAnswer } from 'synwave';
import type { Statistics } from './run.ts';

/** Octets in front of an echo's data: ICMP's header, and that of IPv4. */
const ICMP = 8;
const IPV4 = 20;

const isV6 = (address: string): boolean => address.includes(':');

/** `PING server (10.2.0.10) 56(84) bytes of data.` */
export function firstLine(target: string, address: string, size: number): string {
  const bytes = isV6(address) ? `${size} data bytes` : `${size}(${size + ICMP + IPV4}) bytes of data.`;
  return `PING ${target} (${address}) ${bytes}`;
}

/** `64 bytes from 10.2.0.10: icmp_seq=1 ttl=61 time=20.8 ms`; null for silence, of which nothing is said. */
export function answerLine(seq: number, answer: PingAnswer): string | null {
  if (answer.type === 'timeout') return null;
  const { from, size, ttl, time } = answer;
  if (answer.type !== 'reply') return `From ${from} icmp_seq=${seq} ${complaint(answer)}`;
  return `${size} bytes from ${from}: icmp_seq=${seq} ttl=${ttl} time=${shortTime(time / MILLISECOND)} ms`;
}

/** The last lines, with an empty one in front. */
export function lastLines(target: string, statistics: Statistics): string[] {
  const { transmitted, received, errors, time, rtt } = statistics;
  const loss = transmitted === 0 ? 0 : (100 * (transmitted - received)) / transmitted;
  const counts = [
    `${transmitted} packets transmitted`,
    `${received} received`,
    ...(errors > 0 ? [`+${errors} errors`] : []),
    `${Number(loss.toPrecision(6))}% packet loss`,
    `time ${time}ms`,
  ];
  const lines = ['', `--- ${target} ping statistics ---`, counts.join(', ')];
  if (rtt === null) return [...lines, ''];
  const numbers = [rtt.min, rtt.avg, rtt.max, rtt.mdev].map((each) => each.toFixed(3)).join('/');
  return [...lines, `rtt min/avg/max/mdev = ${numbers} ms`];
}

/** What somebody on the way says of a request, in ping's words. */
function complaint({ type, unreachable, from, mtu }: EchoAnswer): string {
  const v6 = isV6(from);
  switch (type) {
    case 'time exceeded':
      return v6 ? 'Time exceeded: Hop limit' : 'Time to live exceeded';
    case 'packet too big':
      return v6 ? `Packet too big: mtu=${mtu}` : `Frag needed and DF set (mtu = ${mtu})`;
    case 'prohibited':
      return v6 ? 'Destination unreachable: Administratively prohibited' : 'Packet filtered';
    case 'parameter problem':
      return v6 ? 'Parameter problem: Wrong header field' : 'Parameter problem';
    default:
      return unreachable === null ? 'Destination unreachable' : (v6 ? missing6 : missing4)[unreachable];
  }
}

const missing4 = {
  net: 'Destination Net Unreachable',
  host: 'Destination Host Unreachable',
  protocol: 'Destination Protocol Unreachable',
  port: 'Destination Port Unreachable',
} as const;

const missing6 = {
  net: 'Destination unreachable: No route',
  host: 'Destination unreachable: Address unreachable',
  protocol: 'Parameter problem: Unknown header',
  port: 'Destination unreachable: Port unreachable',
} as const;

/** Three figures, as ping has them: 0.042, 1.25, 20.8, 120. */
function shortTime(ms: number): string {
  if (ms >= 99.95) return ms.toFixed(0);
  if (ms >= 9.995) return ms.toFixed(1);
  return ms.toFixed(ms >= 1 ? 2 : 3);
}
