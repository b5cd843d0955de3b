/** What happened in a packet script as lines: time, packets with their direction, and the script's own lines beside them. */
import type { Trace } from 'synwave/drill';

/** Columns of the packets: what is longer pushes the script's line to the right. */
const PACKET = 56;

/** The host under test is on the right: what the script sends goes to the right. */
export function ladderLines(trace: readonly Trace[]): string[] {
  return trace.map(({ time, what, line, text }) => {
    const clock = (time / 1e6).toFixed(6).padStart(12);
    if (what === 'step') return `${clock}  ${''.padEnd(PACKET)}  ${String(line).padStart(4)}  ${text}`;
    if (what === 'out') return `${clock}  ◀── ${text}`;
    return `${clock}  ${`──▶ ${text}`.padEnd(PACKET)}  ${String(line).padStart(4)}`;
  });
}
