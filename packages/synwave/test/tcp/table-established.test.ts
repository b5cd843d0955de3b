/** RFC 9293 §3.10.7.4: ESTABLISHED. */
import { State } from '../../src/tcp/state.ts';
import { exchanged, table } from './table.ts';

const { Closed, Established, CloseWait } = State;

// biome-ignore format: a table
table({ how: 'with 501:1001 in flight', state: Established, reach: exchanged, full: 500 }, [
  // kind                         arrives                               answered by            state after
  ['RST at RCV.NXT',              'R 501:501',                          null,                  Closed],
  ['RST,ACK at RCV.NXT',          'R. 501:501 ack 1001',                null,                  Closed],
  ['RST at RCV.NXT',              'R 501:601',                          null,                  Closed], // SHLD-2: with data
  ['RST in the window',           'R 502:502',                          '. 1001:1001 ack 501', Established],
  ['RST in the window',           'R 10000:10000',                      '. 1001:1001 ack 501', Established],
  ['RST,ACK in the window',       'R. 502:502 ack 1001',                '. 1001:1001 ack 501', Established],
  ['RST outside the window',      'R 500:500',                          null,                  Established],
  ['RST outside the window',      'R 10001:10001',                      null,                  Established],
  ['RST,ACK outside the window',  'R. 500:500 ack 1001',                null,                  Established],
  ['SYN in the window',           'S 501:501',                          '. 1001:1001 ack 501', Established],
  ['SYN in the window',           'S 600:600',                          '. 1001:1001 ack 501', Established],
  ['SYN left of the window',      'S 0:0',                              '. 1001:1001 ack 501', Established],
  ['SYN right of the window',     'S 10001:10001',                      '. 1001:1001 ack 501', Established],
  ['SYN, later timestamp',        'S 501:501 <TS val 9000 ecr 0>',      '. 1001:1001 ack 501', Established],
  ['SYN, earlier timestamp',      'S 501:501 <TS val 1 ecr 0>',         '. 1001:1001 ack 501', Established],
  ['SYN,ACK, good ACK',           'S. 501:501 ack 1001',                '. 1001:1001 ack 501', Established],
  ['SYN,ACK, good ACK',           'S. 0:0 ack 1',                       '. 1001:1001 ack 501', Established],
  ['SYN,ACK, bad ACK',            'S. 501:501 ack 1002',                '. 1001:1001 ack 501', Established],
  ['ACK',                         '. 501:501 ack 1001',                 null,                  Established],
  ['ACK',                         '. 501:501 ack 700',                  null,                  Established],
  ['ACK',                         '. 501:501 ack 501',                  null,                  Established],
  ['ACK old',                     '. 501:501 ack 401',                  null,                  Established],
  ['ACK old',                     '. 501:501 ack -65034',               null,                  Established], // SND.UNA - MAX.SND.WND
  ['ACK older than any window',   '. 501:501 ack -65035',               '. 1001:1001 ack 501', Established], // RFC 5961 §5.2
  ['ACK of the unsent',           '. 501:501 ack 1002',                 '. 1001:1001 ack 501', Established],
  ['ACK of the unsent',           'P. 501:601 ack 1002',                '. 1001:1001 ack 501', Established], // its text is not taken
  ['no ACK',                      'P 501:601',                          null,                  Established],
  ['no ACK',                      'F 501:501',                          null,                  Established],
  ['text in order',               'P. 501:601 ack 1001',                '. 1001:1001 ack 601', Established],
  ['text in order',               'P. 501:601 ack 401',                 '. 1001:1001 ack 601', Established], // an old ACK, new text
  ['text out of order',           '. 601:701 ack 1001',                 '. 1001:1001 ack 501', Established],
  ['text left of the window',     '. 1:501 ack 1001',                   '. 1001:1001 ack 501', Established],
  ['text across the left edge',   '. 401:601 ack 1001',                 '. 1001:1001 ack 601', Established],
  ['text right of the window',    '. 10001:10101 ack 1001',             '. 1001:1001 ack 501', Established],
  ['text, window closed',         '. 501:601 ack 1001',                 '. 1001:1001 ack 501', Established],
  ['FIN',                         'F. 501:501 ack 501',                 '. 1001:1001 ack 502', CloseWait],
  ['FIN',                         'FP. 501:601 ack 501',                '. 1001:1001 ack 602', CloseWait],
  ['FIN out of order',            'F. 601:601 ack 1001',                '. 1001:1001 ack 501', Established],
  ['FIN left of the window',      'F. 500:500 ack 1001',                '. 1001:1001 ack 501', Established],
  ['FIN, ACK of all',             'F. 501:501 ack 1001',                '. 1001:1001 ack 502', CloseWait],
  ['URG',                         'PU. 501:601 ack 1001 urg 50',        '. 1001:1001 ack 601', Established],
  ['URG',                         'U. 501:501 ack 1001 urg 50',         null,                  Established],
  ['timestamp from the past',     '. 501:501 ack 1001 <TS val 1 ecr 0>','. 1001:1001 ack 501', Established],
  ['timestamp from the past',     'R 501:501 <TS val 1 ecr 0>',         null,                  Closed], // RFC 7323 §5.3 spares RST
  ['timestamp missing',           '. 501:501 ack 1001 <>',              null,                  Established],
  ['timestamp missing',           'P. 501:601 ack 1001 <>',             null,                  Established],
]);
