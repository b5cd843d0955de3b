/** The calls SEND and RECEIVE in ESTABLISHED: RFC 9293 §3.10.2 and §3.10.3, what the user is told, and when he waits. */
import { test } from 'vitest';
import { News } from '../../src/tcp/failure.ts';
import { established, wrapping } from './harness.ts';

wrapping('SEND', () => {
  test('the last octet queued is pushed (MUST-61)', () => {
    established()
      .write(2500)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1')
      .inject('. 1:1 ack 2001')
      .expect('P. 2001:2501 ack 1');
  });

  test('a full buffer takes what fits; the writer hears of room when there is enough of it', () => {
    established({ sendBuffer: 4000, win: 4000 })
      .hears(News.Connected)
      .offer(5000, 4000)
      .expect('. 1:1001 ack 1', '. 1001:2001 ack 1', '. 2001:3001 ack 1', 'P. 3001:4001 ack 1')
      .offer(1, 0)
      .inject('. 1:1 ack 901')
      .hears(0, News.Writable)
      .inject('. 1:1 ack 1001')
      .hears(News.Writable, News.Drained)
      .inject('. 1:1 ack 4001')
      .hears(News.Drained, News.Writable);
  });

  test('what is acknowledged in part is forgotten in part', () => {
    established()
      .write(2000)
      .expect('. 1:1001 ack 1', 'P. 1001:2001 ack 1')
      .inject('. 1:1 ack 501')
      .value('in flight', ({ snd }) => snd.flight, 1500)
      .expectAt(1000, '. 501:1001 ack 1')
      .inject('. 1:1 ack 2001')
      .value('in flight', ({ snd }) => snd.flight, 0);
  });
});

wrapping('RECEIVE', () => {
  test('the user hears of text, and takes it in pieces of his own', () => {
    established()
      .hears(News.Connected, News.Readable)
      .readRefused(0)
      .inject('P. 1:101 ack 1')
      .hears(News.Readable)
      .within(40, '. 1:1 ack 101')
      .read(30)
      .read(70)
      .readRefused(0);
  });

  test('not of text behind a hole', () => {
    established()
      .hears(News.Connected)
      .inject('. 101:201 ack 1')
      .expect('. 1:1 ack 1')
      .hears(0, News.Readable)
      .inject('. 1:101 ack 1')
      .expect('. 1:1 ack 201')
      .hears(News.Readable)
      .read(200);
  });

  test('text that came before the RST is lost to the user, who is told so', () => {
    established().inject('P. 1:101 ack 1').inject('R 101:101').hears(News.Closed).read(100).readRefused(-3);
  });
});
