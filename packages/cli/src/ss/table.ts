/** The table of ss: its columns, as wide as what stands in them. */
import type { Row } from './row.ts';

export interface TableOptions {
  /** Left out where only one is asked for, as ss does. */
  readonly withState: boolean;
  readonly header: boolean;
  /** What stands behind the peer: timers, processes. */
  readonly extra: (row: Row) => string;
  /** The line below a socket; '' for none. */
  readonly below: (row: Row) => string;
  readonly oneLine: boolean;
}

/** The lines, without ends. */
export function tableLines(rows: readonly Row[], options: TableOptions): string[] {
  const { withState, header } = options;
  const widest = (least: number, cell: (row: Row) => string): number =>
    rows.reduce((most, row) => Math.max(most, cell(row).length), least);
  const title = header ? 1 : 0;
  const state = widest('State'.length * title, (row) => row.state);
  const received = widest('Recv-Q'.length, (row) => String(row.received));
  const sent = widest('Send-Q'.length, (row) => String(row.sent));
  const local = widest('Local Address'.length * title, (row) => row.local);
  const localPort = widest('Port'.length * title, (row) => row.localPort);
  const remote = widest('Peer Address'.length * title, (row) => row.remote);
  const remotePort = widest('Port'.length * title, (row) => row.remotePort);
  const line = (cells: readonly string[], extra: string): string => {
    const [name = '', q = '', s = '', a = '', ap = '', b = '', bp = ''] = cells;
    const queues = `${q.padEnd(received)} ${s.padEnd(sent)}`;
    const addresses = `${a.padStart(local)}:${ap.padEnd(localPort)} ${b.padStart(remote)}:${bp.padEnd(remotePort)}`;
    return `${withState ? `${name.padEnd(state)} ` : ''}${queues} ${addresses}${extra}`.trimEnd();
  };
  const titles = line(['State', 'Recv-Q', 'Send-Q', 'Local Address', 'Port', 'Peer Address', 'Port'], 'Process');
  const lines = rows.map((row) => {
    const { remote: b, remotePort: bp } = row;
    const extra = options.extra(row);
    const cells = [row.state, String(row.received), String(row.sent), row.local, row.localPort, b, bp];
    const below = options.below(row);
    const first = line(cells, extra === '' ? '' : ` ${extra}`);
    if (below === '') return first;
    return options.oneLine ? `${first} ${below}` : `${first}\n\t ${below}`;
  });
  return header ? [titles, ...lines] : lines;
}
