/** RFC 9293 §3.10.7.4: FIN-WAIT-1. */
import { State } from '../../src/tcp/state.ts';
import type { Options, Script } from './harness.ts';
import { exchanged, table } from './table.ts';

const { Closed, FinWait1, FinWait2, Closing, TimeWait } = State;

/** Text 501:1001 and the FIN behind it are in flight. */
const reach = (options: Options): Script => exchanged(options).close().expect('F. 1001:1001 ack 501');

// biome-ignore format: a table
table({ how: 'with text and FIN in flight', state: FinWait1, reach, full: 500 }, [
  // kind                         arrives                               answered by            state after
  ['RST at RCV.NXT',              'R 501:501',                          null,                  Closed],
  ['RST,ACK at RCV.NXT',          'R. 501:501 ack 1002',                null,                  Closed],
  ['RST in the window',           'R 502:502',                          '. 1002:1002 ack 501', FinWait1],
  ['RST,ACK in the window',       'R. 502:502 ack 1002',                '. 1002:1002 ack 501', FinWait1],
  ['RST outside the window',      'R 500:500',                          null,                  FinWait1],
  ['RST,ACK outside the window',  'R. 10001:10001 ack 1002',            null,                  FinWait1],
  ['SYN in the window',           'S 501:501',                          '. 1002:1002 ack 501', FinWait1],
  ['SYN left of the window',      'S 0:0',                              '. 1002:1002 ack 501', FinWait1],
  ['SYN right of the window',     'S 10001:10001',                      '. 1002:1002 ack 501', FinWait1],
  ['SYN, later timestamp',        'S 501:501 <TS val 9000 ecr 0>',      '. 1002:1002 ack 501', FinWait1],
  ['SYN, earlier timestamp',      'S 501:501 <TS val 1 ecr 0>',         '. 1002:1002 ack 501', FinWait1],
  ['SYN,ACK, good ACK',           'S. 501:501 ack 1002',                '. 1002:1002 ack 501', FinWait1],
  ['SYN,ACK, bad ACK',            'S. 501:501 ack 1003',                '. 1002:1002 ack 501', FinWait1],
  ['ACK',                         '. 501:501 ack 1002',                 null,                  FinWait2],
  ['ACK',                         '. 501:501 ack 1001',                 null,                  FinWait1],
  ['ACK old',                     '. 501:501 ack 401',                  null,                  FinWait1],
  ['ACK older than any window',   '. 501:501 ack -70000',               '. 1002:1002 ack 501', FinWait1],
  ['ACK of the unsent',           '. 501:501 ack 1003',                 '. 1002:1002 ack 501', FinWait1],
  ['no ACK',                      'P 501:601',                          null,                  FinWait1],
  ['text in order',               'P. 501:601 ack 1001',                '. 1002:1002 ack 601', FinWait1],
  ['text in order',               'P. 501:601 ack 1002',                '. 1002:1002 ack 601', FinWait2],
  ['text out of order',           '. 601:701 ack 1001',                 '. 1002:1002 ack 501', FinWait1],
  ['text left of the window',     '. 1:501 ack 1002',                   '. 1002:1002 ack 501', FinWait1], // its ACK is dropped with it
  ['text across the left edge',   '. 401:601 ack 1001',                 '. 1002:1002 ack 601', FinWait1],
  ['text right of the window',    '. 10001:10101 ack 1002',             '. 1002:1002 ack 501', FinWait1],
  ['text, window closed',         '. 501:601 ack 1002',                 '. 1002:1002 ack 501', FinWait2],
  ['FIN',                         'F. 501:501 ack 1001',                '. 1002:1002 ack 502', Closing],
  ['FIN',                         'FP. 501:601 ack 1001',               '. 1002:1002 ack 602', Closing],
  ['FIN out of order',            'F. 601:601 ack 1001',                '. 1002:1002 ack 501', FinWait1],
  ['FIN left of the window',      'F. 500:500 ack 1002',                '. 1002:1002 ack 501', FinWait1],
  ['FIN, ACK of all',             'F. 501:501 ack 1002',                '. 1002:1002 ack 502', TimeWait],
  ['URG',                         'PU. 501:601 ack 1001 urg 50',        '. 1002:1002 ack 601', FinWait1],
  ['timestamp from the past',     '. 501:501 ack 1002 <TS val 1 ecr 0>','. 1002:1002 ack 501', FinWait1],
  ['timestamp missing',           '. 501:501 ack 1002 <>',              null,                  FinWait1],
]);
