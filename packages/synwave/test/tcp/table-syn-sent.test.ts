/** RFC 9293 §3.10.7.3: SYN-SENT. The ACK is judged first; sequence numbers mean nothing yet. */
import { State } from '../../src/tcp/state.ts';
import { synSent } from './harness.ts';
import { table } from './table.ts';

const { Closed, SynSent, SynReceived, Established } = State;

// biome-ignore format: a table
table({ how: 'an active OPEN', state: SynSent, reach: synSent }, [
  // kind                         arrives                             answered by          state after
  ['RST at RCV.NXT',              'R 1:1',                            null,                SynSent], // no ACK: it could be anyone's
  ['RST,ACK at RCV.NXT',          'R. 0:0 ack 1',                     null,                Closed],
  ['RST in the window',           'R 2:2',                            null,                SynSent],
  ['RST,ACK in the window',       'R. 2:2 ack 1',                     null,                Closed],
  ['RST,ACK in the window',       'R. 2:2 ack 0',                     null,                SynSent],
  ['RST,ACK in the window',       'R. 2:2 ack 2',                     null,                SynSent],
  ['RST outside the window',      'R 20000:20000',                    null,                SynSent],
  ['RST,ACK outside the window',  'R. 20000:20000 ack 1',             null,                Closed],
  ['SYN in the window',           'S 0:0 <mss 1000>',                 'S. 0:0 ack 1',      SynReceived],
  ['SYN left of the window',      'S -10:-10',                        'S. 0:0 ack -9',     SynReceived],
  ['SYN right of the window',     'S 20000:20000',                    'S. 0:0 ack 20001',  SynReceived],
  ['SYN, later timestamp',        'S 0:0 <TS val 9000 ecr 0>',        'S. 0:0 ack 1 <mss 1000,TS val 0 ecr 9000>', SynReceived],
  ['SYN, earlier timestamp',      'S 0:0 <TS val 1 ecr 0>',           'S. 0:0 ack 1 <mss 1000,TS val 0 ecr 1>',    SynReceived],
  ['SYN,ACK, good ACK',           'S. 0:0 ack 1',                     '. 1:1 ack 1',       Established],
  ['SYN,ACK, bad ACK',            'S. 0:0 ack 77',                    'R 77:77',           SynSent],
  ['SYN,ACK, bad ACK',            'S. 0:0 ack 0',                     'R 0:0',             SynSent],
  ['ACK',                         '. 1:1 ack 1',                      null,                SynSent], // fifth: neither SYN nor RST
  ['ACK old',                     '. 1:1 ack 0',                      'R 0:0',             SynSent],
  ['ACK older than any window',   '. 1:1 ack -70000',                 'R -70000:-70000',   SynSent],
  ['ACK of the unsent',           '. 1:1 ack 2',                      'R 2:2',             SynSent],
  ['no ACK',                      'P 1:101',                          null,                SynSent],
  ['text in order',               'P. 1:101 ack 1',                   null,                SynSent],
  ['text out of order',           '. 101:201 ack 1',                  null,                SynSent],
  ['text left of the window',     '. -99:1 ack 1',                    null,                SynSent],
  ['text across the left edge',   '. -49:51 ack 1',                   null,                SynSent],
  ['text right of the window',    '. 20000:20100 ack 1',              null,                SynSent],
  ['text, window closed',         '. 1:101 ack 1',                    null,                SynSent],
  ['FIN',                         'F. 1:1 ack 1',                     null,                SynSent],
  ['FIN out of order',            'F. 101:101 ack 1',                 null,                SynSent],
  ['FIN left of the window',      'F. 0:0 ack 1',                     null,                SynSent],
  ['FIN, ACK of all',             'F. 1:1 ack 1',                     null,                SynSent],
  ['URG',                         'PU. 1:101 ack 1 urg 50',           null,                SynSent],
  ['timestamp from the past',     '. 1:1 ack 1 <TS val 1 ecr 0>',     null,                SynSent],
  ['timestamp missing',           '. 1:1 ack 1 <>',                   null,                SynSent],
]);
