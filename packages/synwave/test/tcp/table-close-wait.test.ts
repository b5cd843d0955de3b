/** RFC 9293 §3.10.7.4: CLOSE-WAIT. The peer's FIN was its last: text and URG behind it are ignored, and so is another FIN. */
import { State } from '../../src/tcp/state.ts';
import type { Options, Script } from './harness.ts';
import { exchanged, table } from './table.ts';

const { Closed, CloseWait } = State;

/** The peer's FIN at 501 was taken; ours is not sent. */
const reach = (options: Options): Script =>
  exchanged(options).inject('F. 501:501 ack 501').expect('. 1001:1001 ack 502');

// biome-ignore format: a table
table({ how: 'with 501:1001 in flight', state: CloseWait, reach, full: 501 }, [
  // kind                         arrives                               answered by            state after
  ['RST at RCV.NXT',              'R 502:502',                          null,                  Closed],
  ['RST,ACK at RCV.NXT',          'R. 502:502 ack 1001',                null,                  Closed],
  ['RST in the window',           'R 503:503',                          '. 1001:1001 ack 502', CloseWait],
  ['RST,ACK in the window',       'R. 503:503 ack 1001',                '. 1001:1001 ack 502', CloseWait],
  ['RST outside the window',      'R 501:501',                          null,                  CloseWait],
  ['RST,ACK outside the window',  'R. 10001:10001 ack 1001',            null,                  CloseWait],
  ['SYN in the window',           'S 502:502',                          '. 1001:1001 ack 502', CloseWait],
  ['SYN left of the window',      'S 0:0',                              '. 1001:1001 ack 502', CloseWait],
  ['SYN right of the window',     'S 10001:10001',                      '. 1001:1001 ack 502', CloseWait],
  ['SYN, later timestamp',        'S 502:502 <TS val 9000 ecr 0>',      '. 1001:1001 ack 502', CloseWait],
  ['SYN, earlier timestamp',      'S 502:502 <TS val 1 ecr 0>',         '. 1001:1001 ack 502', CloseWait],
  ['SYN,ACK, good ACK',           'S. 502:502 ack 1001',                '. 1001:1001 ack 502', CloseWait],
  ['SYN,ACK, bad ACK',            'S. 502:502 ack 1002',                '. 1001:1001 ack 502', CloseWait],
  ['ACK',                         '. 502:502 ack 1001',                 null,                  CloseWait],
  ['ACK old',                     '. 502:502 ack 401',                  null,                  CloseWait],
  ['ACK older than any window',   '. 502:502 ack -70000',               '. 1001:1001 ack 502', CloseWait],
  ['ACK of the unsent',           '. 502:502 ack 1002',                 '. 1001:1001 ack 502', CloseWait],
  ['no ACK',                      'P 502:602',                          null,                  CloseWait],
  ['text in order',               'P. 502:602 ack 1001',                null,                  CloseWait],
  ['text out of order',           '. 602:702 ack 1001',                 null,                  CloseWait],
  ['text left of the window',     '. 1:501 ack 1001',                   '. 1001:1001 ack 502', CloseWait],
  ['text across the left edge',   '. 401:602 ack 1001',                 null,                  CloseWait],
  ['text right of the window',    '. 10001:10101 ack 1001',             '. 1001:1001 ack 502', CloseWait],
  ['text, window closed',         '. 502:602 ack 1001',                 '. 1001:1001 ack 502', CloseWait],
  ['FIN',                         'F. 502:502 ack 1001',                null,                  CloseWait],
  ['FIN out of order',            'F. 602:602 ack 1001',                null,                  CloseWait],
  ['FIN left of the window',      'F. 501:501 ack 1001',                '. 1001:1001 ack 502', CloseWait], // our ACK was lost
  ['FIN left of the window',      'FP. 401:501 ack 1001',               '. 1001:1001 ack 502', CloseWait],
  ['FIN, ACK of all',             'F. 502:502 ack 1001',                null,                  CloseWait],
  ['URG',                         'U. 502:502 ack 1001 urg 50',         null,                  CloseWait],
  ['timestamp from the past',     '. 502:502 ack 1001 <TS val 1 ecr 0>','. 1001:1001 ack 502', CloseWait],
  ['timestamp missing',           '. 502:502 ack 1001 <>',              null,                  CloseWait],
]);
