/** The tables of iperf3: its columns, its units. */
import type { Span, Stream } from './stream.ts';

export const RULE = '- - - - - - - - - - - - - - - - - - - - - - - - -';

/** Three digits and a unit: `1.54 GBytes`, `48.0 MBytes`, ` 120 MBytes`. */
export function unitText(value: number, base: 1000 | 1024, unit: string): string {
  const prefixes = base === 1024 ? ['', 'K', 'M', 'G', 'T'] : ['', 'K', 'M', 'G', 'T'];
  let scaled = value;
  let at = 0;
  while (scaled >= base && at < prefixes.length - 1) {
    scaled /= base;
    at++;
  }
  const digits = scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return `${scaled.toFixed(digits).padStart(4)} ${prefixes[at]}${unit}`;
}

/** `[ ID] Interval           Transfer     Bitrate         Retr  Cwnd`. */
export function headLine(roles: boolean, columns: 'none' | 'retr' | 'cwnd'): string {
  const more = { none: '', retr: '         Retr', cwnd: '         Retr  Cwnd' }[columns];
  return `[ ID]${roles ? '[Role]' : ''} Interval           Transfer     Bitrate${more}`;
}

/** A line of the table; `name` is a stream's number or SUM, `end` what stands last: `sender`, `receiver`. */
export function spanLine(name: string, role: string, span: Span, withCwnd: boolean, end = ''): string {
  const { from, to, bytes, retransmits, cwnd } = span;
  const seconds = Math.max(to - from, 1e-6);
  const times = `${from.toFixed(2).padStart(6)}-${to.toFixed(2).padEnd(6)} sec`;
  const rate = unitText((bytes * 8) / seconds, 1000, 'bits/sec');
  const start = `[${name.padStart(3)}]${role} ${times}  ${unitText(bytes, 1024, 'Bytes')}  ${rate}`;
  if (retransmits < 0) return `${start}                  ${end}`;
  const again = `  ${String(retransmits).padStart(3)}`;
  return withCwnd
    ? `${start}${again}   ${unitText(cwnd, 1024, 'Bytes')}       `
    : `${start}${again}             ${end}`;
}

/** `[TX-C]`: what a stream of a test both ways does, and at which end. */
export function roleText(sends: boolean, side: 'C' | 'S'): string {
  return `[${sends ? 'TX' : 'RX'}-${side}]`;
}

export function connectedLine({ number, socket }: Stream): string {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  return `[${String(number).padStart(3)}] local ${localAddress} port ${localPort} connected to ${remoteAddress} port ${remotePort}`;
}

/** All of them together. */
export function sumOf(spans: readonly Span[]): Span {
  const sum = (pick: (span: Span) => number): number => spans.reduce((all, span) => all + pick(span), 0);
  const retransmits = spans.some((span) => span.retransmits >= 0) ? sum((span) => Math.max(0, span.retransmits)) : -1;
  return {
    from: Math.min(...spans.map(({ from }) => from)),
    to: Math.max(...spans.map(({ to }) => to)),
    bytes: sum(({ bytes }) => bytes),
    retransmits,
    cwnd: 0,
    rtt: 0,
    rttvar: 0,
  };
}
