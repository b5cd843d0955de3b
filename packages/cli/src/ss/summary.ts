/** `ss -s`: how many sockets there are. */
import type { ProcessReport } from 'synwave/node';
import type { Row } from './row.ts';

export interface Summary {
  readonly processes: number;
  readonly total: number;
  readonly tcp: number;
  readonly established: number;
  readonly closed: number;
  readonly orphaned: number;
  readonly timeWait: number;
  /** Of the TCP sockets that are not in TIME-WAIT. */
  readonly ipv4: number;
  readonly ipv6: number;
  readonly udp: number;
}

export function summaryOf(rows: readonly Row[], reports: readonly ProcessReport[]): Summary {
  const count = (test: (row: Row) => boolean): number => rows.filter(test).length;
  const udp = reports.flatMap(({ hosts }) => hosts).reduce((sum, { counters }) => sum + counters.udpSockets, 0);
  const timeWait = count(({ state }) => state === 'TIME-WAIT');
  const ipv6 = count(({ state, socket }) => state !== 'TIME-WAIT' && socket.local.includes(':'));
  return {
    processes: reports.length,
    total: rows.length - timeWait + udp,
    tcp: rows.length,
    established: count(({ state }) => state === 'ESTAB'),
    closed: count(({ state }) => state === 'UNCONN'),
    orphaned: count(({ state, socket }) => !socket.held && state !== 'TIME-WAIT'),
    timeWait,
    ipv4: rows.length - timeWait - ipv6,
    ipv6,
    udp,
  };
}

export function summaryText(summary: Summary): string {
  const { total, tcp, established, closed, orphaned, timeWait, ipv4, ipv6, udp } = summary;
  const cells = (name: string, ...counts: readonly (number | string)[]): string =>
    `${name}\t  ${counts.map((count) => String(count).padEnd(10)).join('')}`.trimEnd();
  return [
    `Total: ${total}`,
    `TCP:   ${tcp} (estab ${established}, closed ${closed}, orphaned ${orphaned}, timewait ${timeWait})`,
    '',
    'Transport Total     IP        IPv6',
    cells('UDP', udp, '-', '-'),
    cells('TCP', ipv4 + ipv6, ipv4, ipv6),
    '',
  ].join('\n');
}
