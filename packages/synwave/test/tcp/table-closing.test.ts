/** RFC 9293 §3.10.7.4: CLOSING. Only the ACK of our FIN leads on. */
import { State } from '../../src/tcp/state.ts';
import type { Options, Script } from './harness.ts';
import { exchanged, table } from './table.ts';

const { Closed, Closing, TimeWait } = State;

/** The FINs have crossed: the peer's at 501 was taken, ours at 1001 is in flight. */
const reach = (options: Options): Script =>
  exchanged(options).close().expect('F. 1001:1001 ack 501').inject('F. 501:501 ack 501').expect('. 1002:1002 ack 502');

// biome-ignore format: a table
table({ how: 'with text and FIN in flight', state: Closing, reach, full: 501 }, [
  // kind                         arrives                               answered by            state after
  ['RST at RCV.NXT',              'R 502:502',                          null,                  Closed],
  ['RST,ACK at RCV.NXT',          'R. 502:502 ack 1002',                null,                  Closed],
  ['RST in the window',           'R 503:503',                          '. 1002:1002 ack 502', Closing],
  ['RST,ACK in the window',       'R. 503:503 ack 1002',                '. 1002:1002 ack 502', Closing],
  ['RST outside the window',      'R 501:501',                          null,                  Closing],
  ['RST,ACK outside the window',  'R. 10001:10001 ack 1002',            null,                  Closing],
  ['SYN in the window',           'S 502:502',                          '. 1002:1002 ack 502', Closing],
  ['SYN left of the window',      'S 0:0',                              '. 1002:1002 ack 502', Closing],
  ['SYN right of the window',     'S 10001:10001',                      '. 1002:1002 ack 502', Closing],
  ['SYN, later timestamp',        'S 502:502 <TS val 9000 ecr 0>',      '. 1002:1002 ack 502', Closing],
  ['SYN, earlier timestamp',      'S 502:502 <TS val 1 ecr 0>',         '. 1002:1002 ack 502', Closing],
  ['SYN,ACK, good ACK',           'S. 502:502 ack 1002',                '. 1002:1002 ack 502', Closing],
  ['SYN,ACK, bad ACK',            'S. 502:502 ack 1003',                '. 1002:1002 ack 502', Closing],
  ['ACK',                         '. 502:502 ack 1002',                 null,                  TimeWait],
  ['ACK',                         '. 502:502 ack 1001',                 null,                  Closing],
  ['ACK old',                     '. 502:502 ack 401',                  null,                  Closing],
  ['ACK older than any window',   '. 502:502 ack -70000',               '. 1002:1002 ack 502', Closing],
  ['ACK of the unsent',           '. 502:502 ack 1003',                 '. 1002:1002 ack 502', Closing],
  ['no ACK',                      'P 502:602',                          null,                  Closing],
  ['text in order',               'P. 502:602 ack 1001',                null,                  Closing],
  ['text out of order',           '. 602:702 ack 1001',                 null,                  Closing],
  ['text left of the window',     '. 1:501 ack 1002',                   '. 1002:1002 ack 502', Closing],
  ['text across the left edge',   '. 401:602 ack 1001',                 null,                  Closing],
  ['text right of the window',    '. 10001:10101 ack 1002',             '. 1002:1002 ack 502', Closing],
  ['text, window closed',         '. 502:602 ack 1001',                 '. 1002:1002 ack 502', Closing],
  ['FIN',                         'F. 502:502 ack 1001',                null,                  Closing],
  ['FIN out of order',            'F. 602:602 ack 1001',                null,                  Closing],
  ['FIN left of the window',      'F. 501:501 ack 1002',                '. 1002:1002 ack 502', Closing], // its ACK is dropped with it
  ['FIN, ACK of all',             'F. 502:502 ack 1002',                null,                  TimeWait],
  ['URG',                         'U. 502:502 ack 1001 urg 50',         null,                  Closing],
  ['timestamp from the past',     '. 502:502 ack 1002 <TS val 1 ecr 0>','. 1002:1002 ack 502', Closing],
  ['timestamp missing',           '. 502:502 ack 1002 <>',              null,                  Closing],
]);
