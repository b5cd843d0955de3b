/** RFC 9293 §3.10.7.4: FIN-WAIT-2. */
import { State } from '../../src/tcp/state.ts';
import type { Options, Script } from './harness.ts';
import { exchanged, table } from './table.ts';

const { Closed, FinWait2, TimeWait } = State;

/** All of ours, the FIN too, is acknowledged. */
const reach = (options: Options): Script =>
  exchanged(options).close().expect('F. 1001:1001 ack 501').inject('. 501:501 ack 1002').quiet();

// biome-ignore format: a table
table({ how: 'our FIN acknowledged', state: FinWait2, reach, full: 500 }, [
  // kind                         arrives                               answered by            state after
  ['RST at RCV.NXT',              'R 501:501',                          null,                  Closed],
  ['RST,ACK at RCV.NXT',          'R. 501:501 ack 1002',                null,                  Closed],
  ['RST in the window',           'R 502:502',                          '. 1002:1002 ack 501', FinWait2],
  ['RST,ACK in the window',       'R. 502:502 ack 1002',                '. 1002:1002 ack 501', FinWait2],
  ['RST outside the window',      'R 500:500',                          null,                  FinWait2],
  ['RST,ACK outside the window',  'R. 10001:10001 ack 1002',            null,                  FinWait2],
  ['SYN in the window',           'S 501:501',                          '. 1002:1002 ack 501', FinWait2],
  ['SYN left of the window',      'S 0:0',                              '. 1002:1002 ack 501', FinWait2],
  ['SYN right of the window',     'S 10001:10001',                      '. 1002:1002 ack 501', FinWait2],
  ['SYN, later timestamp',        'S 501:501 <TS val 9000 ecr 0>',      '. 1002:1002 ack 501', FinWait2],
  ['SYN, earlier timestamp',      'S 501:501 <TS val 1 ecr 0>',         '. 1002:1002 ack 501', FinWait2],
  ['SYN,ACK, good ACK',           'S. 501:501 ack 1002',                '. 1002:1002 ack 501', FinWait2],
  ['SYN,ACK, bad ACK',            'S. 501:501 ack 1003',                '. 1002:1002 ack 501', FinWait2],
  ['ACK',                         '. 501:501 ack 1002',                 null,                  FinWait2],
  ['ACK old',                     '. 501:501 ack 401',                  null,                  FinWait2],
  ['ACK older than any window',   '. 501:501 ack -70000',               '. 1002:1002 ack 501', FinWait2],
  ['ACK of the unsent',           '. 501:501 ack 1003',                 '. 1002:1002 ack 501', FinWait2],
  ['no ACK',                      'P 501:601',                          null,                  FinWait2],
  ['text in order',               'P. 501:601 ack 1002',                '. 1002:1002 ack 601', FinWait2],
  ['text out of order',           '. 601:701 ack 1002',                 '. 1002:1002 ack 501', FinWait2],
  ['text left of the window',     '. 1:501 ack 1002',                   '. 1002:1002 ack 501', FinWait2],
  ['text across the left edge',   '. 401:601 ack 1002',                 '. 1002:1002 ack 601', FinWait2],
  ['text right of the window',    '. 10001:10101 ack 1002',             '. 1002:1002 ack 501', FinWait2],
  ['text, window closed',         '. 501:601 ack 1002',                 '. 1002:1002 ack 501', FinWait2],
  ['FIN',                         'F. 501:501 ack 1002',                '. 1002:1002 ack 502', TimeWait],
  ['FIN',                         'FP. 501:601 ack 1002',               '. 1002:1002 ack 602', TimeWait],
  ['FIN',                         'F. 501:501 ack 1001',                '. 1002:1002 ack 502', TimeWait], // an old ACK does not undo ours
  ['FIN out of order',            'F. 601:601 ack 1002',                '. 1002:1002 ack 501', FinWait2],
  ['FIN left of the window',      'F. 500:500 ack 1002',                '. 1002:1002 ack 501', FinWait2],
  ['FIN, ACK of all',             'F. 501:501 ack 1002',                '. 1002:1002 ack 502', TimeWait],
  ['URG',                         'PU. 501:601 ack 1002 urg 50',        '. 1002:1002 ack 601', FinWait2],
  ['timestamp from the past',     'F. 501:501 ack 1002 <TS val 1 ecr 0>','. 1002:1002 ack 501', FinWait2],
  ['timestamp missing',           'F. 501:501 ack 1002 <>',             null,                  FinWait2],
]);
