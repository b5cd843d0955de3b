/** RFC 9293 §3.10.7.4: LAST-ACK. */
import { State } from '../../src/tcp/state.ts';
import type { Options, Script } from './harness.ts';
import { exchanged, table } from './table.ts';

const { Closed, LastAck } = State;

/** The peer's FIN at 501 was taken, ours at 1001 is in flight behind text. */
const reach = (options: Options): Script =>
  exchanged(options).inject('F. 501:501 ack 501').expect('. 1001:1001 ack 502').close().expect('F. 1001:1001 ack 502');

// biome-ignore format: a table
table({ how: 'with text and FIN in flight', state: LastAck, reach, full: 501 }, [
  // kind                         arrives                               answered by            state after
  ['RST at RCV.NXT',              'R 502:502',                          null,                  Closed],
  ['RST,ACK at RCV.NXT',          'R. 502:502 ack 1002',                null,                  Closed],
  ['RST in the window',           'R 503:503',                          '. 1002:1002 ack 502', LastAck],
  ['RST,ACK in the window',       'R. 503:503 ack 1002',                '. 1002:1002 ack 502', LastAck],
  ['RST outside the window',      'R 501:501',                          null,                  LastAck],
  ['RST,ACK outside the window',  'R. 10001:10001 ack 1002',            null,                  LastAck],
  ['SYN in the window',           'S 502:502',                          '. 1002:1002 ack 502', LastAck],
  ['SYN left of the window',      'S 0:0',                              '. 1002:1002 ack 502', LastAck],
  ['SYN right of the window',     'S 10001:10001',                      '. 1002:1002 ack 502', LastAck],
  ['SYN, later timestamp',        'S 502:502 <TS val 9000 ecr 0>',      '. 1002:1002 ack 502', LastAck],
  ['SYN, earlier timestamp',      'S 502:502 <TS val 1 ecr 0>',         '. 1002:1002 ack 502', LastAck],
  ['SYN,ACK, good ACK',           'S. 502:502 ack 1002',                '. 1002:1002 ack 502', LastAck],
  ['SYN,ACK, bad ACK',            'S. 502:502 ack 1003',                '. 1002:1002 ack 502', LastAck],
  ['ACK',                         '. 502:502 ack 1002',                 null,                  Closed],
  ['ACK',                         '. 502:502 ack 1001',                 null,                  LastAck],
  ['ACK old',                     '. 502:502 ack 401',                  null,                  LastAck],
  ['ACK older than any window',   '. 502:502 ack -70000',               '. 1002:1002 ack 502', LastAck],
  ['ACK of the unsent',           '. 502:502 ack 1003',                 '. 1002:1002 ack 502', LastAck],
  ['no ACK',                      'P 502:602',                          null,                  LastAck],
  ['text in order',               'P. 502:602 ack 1001',                null,                  LastAck],
  ['text out of order',           '. 602:702 ack 1001',                 null,                  LastAck],
  ['text left of the window',     '. 1:501 ack 1002',                   '. 1002:1002 ack 502', LastAck],
  ['text across the left edge',   '. 401:602 ack 1001',                 null,                  LastAck],
  ['text right of the window',    '. 10001:10101 ack 1002',             '. 1002:1002 ack 502', LastAck],
  ['text, window closed',         '. 502:602 ack 1001',                 '. 1002:1002 ack 502', LastAck],
  ['FIN',                         'F. 502:502 ack 1001',                null,                  LastAck],
  ['FIN out of order',            'F. 602:602 ack 1001',                null,                  LastAck],
  ['FIN left of the window',      'F. 501:501 ack 1001',                '. 1002:1002 ack 502', LastAck],
  ['FIN, ACK of all',             'F. 502:502 ack 1002',                null,                  Closed],
  ['URG',                         'U. 502:502 ack 1001 urg 50',         null,                  LastAck],
  ['timestamp from the past',     '. 502:502 ack 1002 <TS val 1 ecr 0>','. 1002:1002 ack 502', LastAck],
  ['timestamp missing',           '. 502:502 ack 1002 <>',              null,                  LastAck],
]);
