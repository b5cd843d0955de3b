/** RFC 9293 §3.10.7.2: LISTEN. A RST is ignored, an ACK reset, a SYN answered; whatever else is dropped. */
import { State } from '../../src/tcp/state.ts';
import { listening } from './harness.ts';
import { table } from './table.ts';

const { Listen, SynReceived } = State;

// biome-ignore format: a table
table({ how: 'a passive OPEN', state: Listen, reach: listening }, [
  // kind                         arrives                             answered by              state after
  ['RST at RCV.NXT',              'R 1:1',                            null,                    Listen],
  ['RST,ACK at RCV.NXT',          'R. 1:1 ack 1',                     null,                    Listen],
  ['RST in the window',           'R 2:2',                            null,                    Listen],
  ['RST,ACK in the window',       'R. 2:2 ack 1',                     null,                    Listen],
  ['RST outside the window',      'R 20000:20000',                    null,                    Listen],
  ['RST,ACK outside the window',  'R. 20000:20000 ack 1',             null,                    Listen],
  ['SYN in the window',           'S 0:0 <mss 1000>',                 'S. 0:0 ack 1',          SynReceived],
  ['SYN left of the window',      'S -10:-10',                        'S. 0:0 ack -9',         SynReceived],
  ['SYN right of the window',     'S 20000:20000',                    'S. 0:0 ack 20001',      SynReceived],
  ['SYN, later timestamp',        'S 0:0 <TS val 9000 ecr 0>',        'S. 0:0 ack 1 <mss 1000,TS val 0 ecr 9000>', SynReceived],
  ['SYN, earlier timestamp',      'S 0:0 <TS val 1 ecr 0>',           'S. 0:0 ack 1 <mss 1000,TS val 0 ecr 1>',    SynReceived],
  ['SYN,ACK, good ACK',           'S. 0:0 ack 1',                     'R 1:1',                 Listen],
  ['SYN,ACK, bad ACK',            'S. 0:0 ack 77',                    'R 77:77',               Listen],
  ['ACK',                         '. 1:1 ack 1',                      'R 1:1',                 Listen],
  ['ACK old',                     '. 1:1 ack 0',                      'R 0:0',                 Listen],
  ['ACK older than any window',   '. 1:1 ack -70000',                 'R -70000:-70000',       Listen],
  ['ACK of the unsent',           '. 1:1 ack 77',                     'R 77:77',               Listen],
  ['no ACK',                      'P 1:101',                          null,                    Listen],
  ['no ACK',                      'F 1:1',                            null,                    Listen],
  ['no ACK',                      'none 1:1',                         null,                    Listen],
  ['text in order',               'P. 1:101 ack 1',                   'R 1:1',                 Listen],
  ['text out of order',           '. 101:201 ack 1',                  'R 1:1',                 Listen],
  ['text left of the window',     '. -99:1 ack 1',                    'R 1:1',                 Listen],
  ['text across the left edge',   '. -49:51 ack 1',                   'R 1:1',                 Listen],
  ['text right of the window',    '. 20000:20100 ack 1',              'R 1:1',                 Listen],
  ['text, window closed',         '. 1:101 ack 1',                    'R 1:1',                 Listen],
  ['FIN',                         'F. 1:1 ack 1',                     'R 1:1',                 Listen],
  ['FIN out of order',            'F. 101:101 ack 1',                 'R 1:1',                 Listen],
  ['FIN left of the window',      'F. 0:0 ack 1',                     'R 1:1',                 Listen],
  ['FIN, ACK of all',             'F. 1:1 ack 2',                     'R 2:2',                 Listen],
  ['URG',                         'PU. 1:101 ack 1 urg 50',           'R 1:1',                 Listen],
  ['timestamp from the past',     '. 1:1 ack 1 <TS val 1 ecr 0>',     'R 1:1',                 Listen],
  ['timestamp missing',           '. 1:1 ack 1 <>',                   'R 1:1',                 Listen],
]);
