/** RFC 9293 §3.10.7.4: TIME-WAIT, with a listener behind it that a newer SYN may reach (MAY-2, RFC 6191). */
import { State } from '../../src/tcp/state.ts';
import type { Options, Script } from './harness.ts';
import { exchangedPassive, type Row, table } from './table.ts';

const { Closed, SynReceived, TimeWait } = State;

/** Both FINs are taken: the peer's at 501, ours at 1001. */
const reach = (options: Options): Script =>
  exchangedPassive(options)
    .close()
    .expect('F. 1001:1001 ack 501')
    .inject('. 501:501 ack 1002')
    .inject('F. 501:501 ack 1002')
    .expect('. 1002:1002 ack 502');

// biome-ignore format: a table
const rows: readonly Row[] = [
  // kind                         arrives                               answered by            state after
  ['RST at RCV.NXT',              'R 502:502',                          null,                  Closed],
  ['RST,ACK at RCV.NXT',          'R. 502:502 ack 1002',                null,                  Closed],
  ['RST in the window',           'R 503:503',                          '. 1002:1002 ack 502', TimeWait],
  ['RST,ACK in the window',       'R. 503:503 ack 1002',                '. 1002:1002 ack 502', TimeWait],
  ['RST outside the window',      'R 501:501',                          null,                  TimeWait],
  ['RST,ACK outside the window',  'R. 10001:10001 ack 1002',            null,                  TimeWait],
  // Numbers greater than the FIN's, the last that the old connection used, begin a new one (RFC 6191 §2).
  ['SYN in the window',           'S 502:502',                          'S. 0:0 ack 503',      SynReceived],
  ['SYN in the window',           'S 600:600',                          'S. 0:0 ack 601',      SynReceived],
  ['SYN left of the window',      'S 501:501',                          '. 1002:1002 ack 502', TimeWait],
  ['SYN left of the window',      'S 0:0',                              '. 1002:1002 ack 502', TimeWait],
  ['SYN right of the window',     'S 10001:10001',                      'S. 0:0 ack 10002',    SynReceived],
  ['SYN, later timestamp',        'S 0:0 <TS val 9000 ecr 0>',          'S. 0:0 ack 1',        SynReceived],
  ['SYN, later timestamp',        'S -90000:-90000 <TS val 9000 ecr 0>','S. 0:0 ack -89999',   SynReceived],
  ['SYN, earlier timestamp',      'S 502:502 <TS val 1 ecr 0>',         '. 1002:1002 ack 502', TimeWait],
  ['SYN, earlier timestamp',      'S 10001:10001 <TS val 1 ecr 0>',     '. 1002:1002 ack 502', TimeWait],
  ['SYN,ACK, good ACK',           'S. 502:502 ack 1002',                '. 1002:1002 ack 502', TimeWait],
  ['SYN,ACK, bad ACK',            'S. 502:502 ack 1003',                '. 1002:1002 ack 502', TimeWait],
  ['ACK',                         '. 502:502 ack 1002',                 null,                  TimeWait],
  ['ACK old',                     '. 502:502 ack 401',                  null,                  TimeWait],
  ['ACK older than any window',   '. 502:502 ack -70000',               '. 1002:1002 ack 502', TimeWait],
  ['ACK of the unsent',           '. 502:502 ack 1003',                 '. 1002:1002 ack 502', TimeWait],
  ['no ACK',                      'P 502:602',                          null,                  TimeWait],
  ['text in order',               'P. 502:602 ack 1002',                null,                  TimeWait],
  ['text out of order',           '. 602:702 ack 1002',                 null,                  TimeWait],
  ['text left of the window',     '. 1:501 ack 1002',                   '. 1002:1002 ack 502', TimeWait],
  ['text across the left edge',   '. 401:602 ack 1002',                 null,                  TimeWait],
  ['text right of the window',    '. 10001:10101 ack 1002',             '. 1002:1002 ack 502', TimeWait],
  ['text, window closed',         '. 502:602 ack 1002',                 '. 1002:1002 ack 502', TimeWait],
  ['FIN',                         'F. 502:502 ack 1002',                null,                  TimeWait],
  ['FIN out of order',            'F. 602:602 ack 1002',                null,                  TimeWait],
  ['FIN left of the window',      'F. 501:501 ack 1002',                '. 1002:1002 ack 502', TimeWait], // fifth: acknowledge it
  ['FIN, ACK of all',             'F. 502:502 ack 1002',                null,                  TimeWait],
  ['URG',                         'U. 502:502 ack 1002 urg 50',         null,                  TimeWait],
  ['timestamp from the past',     'F. 501:501 ack 1002 <TS val 1 ecr 0>','. 1002:1002 ack 502', TimeWait],
  ['timestamp missing',           'F. 501:501 ack 1002 <>',             null,                  TimeWait],
];

table({ how: 'a listener behind it', state: TimeWait, reach, full: 501 }, rows);
table(
  {
    how: 'a listener behind it, kept as a row',
    state: TimeWait,
    reach: (options) => reach({ ...options, rows: true }),
    without: ['text, window closed'], // nobody holds it, so nothing waits to be read
  },
  rows,
);
