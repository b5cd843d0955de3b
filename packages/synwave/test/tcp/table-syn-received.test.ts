/** RFC 9293 §3.10.7.4: SYN-RECEIVED, after a passive OPEN and after an active one (MUST-11 keeps them apart). */
import { State } from '../../src/tcp/state.ts';
import { synReceived, synReceivedActive } from './harness.ts';
import { type Row, table } from './table.ts';

const { Closed, Listen, SynReceived, Established, CloseWait } = State;

/** What both have in common: `end` is where a RST leads, `syn` what a SYN in the window brings. */
// biome-ignore format: a table
const rows = (end: State, syn: string | null, afterSyn: State): Row[] => [
  // kind                         arrives                             answered by          state after
  ['RST at RCV.NXT',              'R 1:1',                            null,                end],
  ['RST,ACK at RCV.NXT',          'R. 1:1 ack 1',                     null,                end],
  ['RST in the window',           'R 2:2',                            '. 1:1 ack 1',       SynReceived], // RFC 5961 §3.2
  ['RST,ACK in the window',       'R. 2:2 ack 1',                     '. 1:1 ack 1',       SynReceived],
  ['RST outside the window',      'R 0:0',                            null,                SynReceived],
  ['RST outside the window',      'R 10001:10001',                    null,                SynReceived],
  ['RST,ACK outside the window',  'R. 0:0 ack 1',                     null,                SynReceived],
  ['SYN in the window',           'S 5:5',                            syn,                 afterSyn],
  ['SYN left of the window',      'S -10:-10',                        '. 1:1 ack 1',       SynReceived],
  // The same SYN again: the acknowledgment that is owed is the SYN,ACK, for the peer has seen none.
  ['SYN left of the window',      'S 0:0',                            'S. 0:0 ack 1',      SynReceived],
  ['SYN right of the window',     'S 10001:10001',                    '. 1:1 ack 1',       SynReceived],
  ['SYN, later timestamp',        'S 5:5 <TS val 9000 ecr 0>',        syn,                 afterSyn],
  ['SYN, earlier timestamp',      'S 5:5 <TS val 1 ecr 0>',           '. 1:1 ack 1',       SynReceived], // PAWS stands first
  ['SYN,ACK, good ACK',           'S. 0:0 ack 1',                     null,                Established], // figure 7, line 6
  ['SYN,ACK, bad ACK',            'S. 0:0 ack 77',                    'R 77:77',           SynReceived], // §3.5.2, group 2
  ['ACK',                         '. 1:1 ack 1',                      null,                Established],
  ['ACK old',                     '. 1:1 ack 0',                      'R 0:0',             SynReceived],
  ['ACK older than any window',   '. 1:1 ack -70000',                 'R -70000:-70000',   SynReceived],
  ['ACK of the unsent',           '. 1:1 ack 2',                      'R 2:2',             SynReceived],
  ['no ACK',                      'P 1:101',                          null,                SynReceived],
  ['text in order',               'P. 1:101 ack 1',                   '. 1:1 ack 101',     Established],
  ['text out of order',           '. 101:201 ack 1',                  '. 1:1 ack 1',       Established],
  ['text left of the window',     '. -99:1 ack 1',                    '. 1:1 ack 1',       SynReceived],
  ['text across the left edge',   '. -49:51 ack 1',                   '. 1:1 ack 51',      Established],
  ['text right of the window',    '. 10001:10101 ack 1',              '. 1:1 ack 1',       SynReceived],
  ['text, window closed',         '. 1:101 ack 1',                    '. 1:1 ack 1',       Established], // its ACK is valid
  ['FIN',                         'F. 1:1 ack 1',                     '. 1:1 ack 2',       CloseWait],
  ['FIN out of order',            'F. 101:101 ack 1',                 '. 1:1 ack 1',       Established],
  ['FIN left of the window',      'F. 0:0 ack 1',                     '. 1:1 ack 1',       SynReceived],
  ['FIN, ACK of all',             'F. 1:1 ack 1',                     '. 1:1 ack 2',       CloseWait],
  ['URG',                         'PU. 1:101 ack 1 urg 50',           '. 1:1 ack 101',     Established],
  ['timestamp from the past',     '. 1:1 ack 1 <TS val 1 ecr 0>',     '. 1:1 ack 1',       SynReceived],
  ['timestamp missing',           '. 1:1 ack 1 <>',                   null,                SynReceived], // RFC 7323 §3.2
];

table({ how: 'after a passive OPEN', state: SynReceived, reach: synReceived, full: 0 }, rows(Listen, null, Listen));
table(
  {
    how: 'after a passive OPEN, kept as a row',
    state: SynReceived,
    reach: (options) => synReceived({ ...options, rows: true }),
    full: 0,
  },
  rows(Listen, null, Listen),
);
table(
  { how: 'after an active OPEN', state: SynReceived, reach: synReceivedActive, full: 0 },
  rows(Closed, '. 1:1 ack 1', SynReceived),
);
