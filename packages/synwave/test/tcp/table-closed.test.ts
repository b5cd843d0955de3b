/** RFC 9293 §3.10.7.1: CLOSED. All is discarded; what is not a RST is answered by one that its sender believes. */
import { State } from '../../src/tcp/state.ts';
import { closed } from './harness.ts';
import { table } from './table.ts';

const { Closed } = State;

// biome-ignore format: a table
table({ how: 'no TCB', state: Closed, reach: closed }, [
  // kind                         arrives                             answered by          state after
  ['RST at RCV.NXT',              'R 1:1',                            null,                Closed],
  ['RST,ACK at RCV.NXT',          'R. 1:1 ack 1',                     null,                Closed],
  ['RST in the window',           'R 2:2',                            null,                Closed],
  ['RST,ACK in the window',       'R. 2:2 ack 1',                     null,                Closed],
  ['RST outside the window',      'R 20000:20000',                    null,                Closed],
  ['RST,ACK outside the window',  'R. 20000:20000 ack 1',             null,                Closed],
  ['SYN in the window',           'S 0:0 <mss 1000>',                 'R. 0:0 ack 1',      Closed],
  ['SYN left of the window',      'S -10:-10',                        'R. 0:0 ack -9',     Closed],
  ['SYN right of the window',     'S 20000:20000',                    'R. 0:0 ack 20001',  Closed],
  ['SYN right of the window',     'S 0:100',                          'R. 0:0 ack 101',    Closed],
  ['SYN, later timestamp',        'S 0:0 <TS val 9000 ecr 0>',        'R. 0:0 ack 1',      Closed],
  ['SYN, earlier timestamp',      'S 0:0 <TS val 1 ecr 0>',           'R. 0:0 ack 1',      Closed],
  ['SYN,ACK, good ACK',           'S. 0:0 ack 1',                     'R 1:1',             Closed],
  ['SYN,ACK, bad ACK',            'S. 0:0 ack 77',                    'R 77:77',           Closed],
  ['ACK',                         '. 1:1 ack 1',                      'R 1:1',             Closed],
  ['ACK old',                     '. 1:1 ack 0',                      'R 0:0',             Closed],
  ['ACK older than any window',   '. 1:1 ack -70000',                 'R -70000:-70000',   Closed],
  ['ACK of the unsent',           '. 1:1 ack 77',                     'R 77:77',           Closed],
  ['no ACK',                      'P 1:101',                          'R. 0:0 ack 101',    Closed],
  ['no ACK',                      'F 1:101',                          'R. 0:0 ack 102',    Closed],
  ['no ACK',                      'none 1:1',                         'R. 0:0 ack 1',      Closed],
  ['text in order',               'P. 1:101 ack 1',                   'R 1:1',             Closed],
  ['text out of order',           '. 101:201 ack 1',                  'R 1:1',             Closed],
  ['text left of the window',     '. -99:1 ack 1',                    'R 1:1',             Closed],
  ['text across the left edge',   '. -49:51 ack 1',                   'R 1:1',             Closed],
  ['text right of the window',    '. 20000:20100 ack 1',              'R 1:1',             Closed],
  ['text, window closed',         '. 1:101 ack 1',                    'R 1:1',             Closed],
  ['FIN',                         'F. 1:1 ack 1',                     'R 1:1',             Closed],
  ['FIN out of order',            'F. 101:101 ack 1',                 'R 1:1',             Closed],
  ['FIN left of the window',      'F. 0:0 ack 1',                     'R 1:1',             Closed],
  ['FIN, ACK of all',             'F. 1:1 ack 2',                     'R 2:2',             Closed],
  ['URG',                         'PU. 1:101 ack 1 urg 50',           'R 1:1',             Closed],
  ['timestamp from the past',     '. 1:1 ack 1 <TS val 1 ecr 0>',     'R 1:1',             Closed],
  ['timestamp missing',           '. 1:1 ack 1 <>',                   'R 1:1',             Closed],
]);
