/** Urgent data: RFC 9293 §3.8.5, with the pointer behind the last urgent octet (MUST-62). */
import { test } from 'vitest';
import { News } from '../../src/tcp/failure.ts';
import { closeWait, established, finWait1, wrapping } from './harness.ts';

wrapping('sending urgent data (§3.8.5)', () => {
  test('the pointer counts from the beginning of the segment to behind the last urgent octet', () => {
    established().write(100, true).expect('PU. 1:101 ack 1 urg 100');
  });

  test('every segment before it tells of it, none behind it [MUST-30]', () => {
    established({ noDelay: true })
      .write(2500, true)
      .expect('U. 1:1001 ack 1 urg 2500', 'U. 1001:2001 ack 1 urg 1500', 'PU. 2001:2501 ack 1 urg 500')
      .write(100)
      .expect('P. 2501:2601 ack 1');
  });

  test('it is told at once, also when the data must wait for the window (§3.8.6.1)', () => {
    established({ win: 1000 })
      .write(2500, true)
      .expect('U. 1:1001 ack 1 urg 2500')
      .inject('. 1:1 ack 1001 win 1000')
      .expect('U. 1001:2001 ack 1 urg 1500');
  });

  test('a sequence of any length (MUST-31): the pointer stops at what 16 bits can say', () => {
    established({ win: 1000, sendBuffer: 1 << 20 })
      .write(100_000, true)
      .expect('U. 1:1001 ack 1 urg 65535');
  });

  test('a retransmission points to the same octet', () => {
    established().write(100, true).expect('PU. 1:101 ack 1 urg 100').expectAt(1000, 'PU. 1:101 ack 1 urg 100');
  });

  test('once acknowledged, it is over', () => {
    established()
      .write(100, true)
      .expect('PU. 1:101 ack 1 urg 100')
      .inject('. 1:1 ack 101')
      .write(10)
      .expect('P. 101:111 ack 1');
  });

  test('urgent data joins what waits already', () => {
    established()
      .write(100)
      .expect('P. 1:101 ack 1')
      .write(100)
      .write(10, true)
      .inject('. 1:1 ack 101')
      .expect('PU. 101:211 ack 1 urg 110');
  });
});

wrapping('receiving urgent data (§3.8.5, §3.10.7.4 sixth)', () => {
  test('the user hears of it (MUST-32), and how much of it is left to read (MUST-33)', () => {
    established()
      .inject('PU. 1:101 ack 1 urg 50')
      .within(40, '. 1:1 ack 101')
      .hears(News.Urgent)
      .urgentLeft(50)
      .read(30)
      .urgentLeft(20)
      .read(20)
      .urgentLeft(0)
      .read(50);
  });

  test('before the data: the pointer may lie ahead of what has come', () => {
    established()
      .inject('U. 1:1 ack 1 urg 500')
      .hears(News.Urgent)
      .urgentLeft(500)
      .inject('P. 1:101 ack 1')
      .within(40, '. 1:1 ack 101')
      .read(100)
      .urgentLeft(400);
  });

  test('RCV.UP never goes back', () => {
    established()
      .inject('U. 1:1 ack 1 urg 500')
      .inject('U. 1:1 ack 1 urg 200')
      .urgentLeft(500)
      .inject('U. 1:1 ack 1 urg 700')
      .urgentLeft(700);
  });

  test('while the user is in urgent mode he is not told the same again', () => {
    established()
      .inject('U. 1:1 ack 1 urg 500')
      .hears(News.Urgent)
      .inject('U. 1:1 ack 1 urg 500')
      .hears(0, News.Urgent)
      .inject('P. 1:501 ack 1')
      .within(40, '. 1:1 ack 501')
      .read(500)
      .urgentLeft(0)
      .inject('U. 501:501 ack 1 urg 10')
      .hears(News.Urgent)
      .urgentLeft(10);
  });

  test('a pointer to what was consumed already says nothing', () => {
    established()
      .inject('P. 1:101 ack 1')
      .within(40, '. 1:1 ack 101')
      .read(100)
      .hears(0)
      .inject('U. 101:101 ack 1 urg 0')
      .hears(0, News.Urgent)
      .urgentLeft(0);
  });

  test('in FIN-WAIT-1 it counts, in CLOSE-WAIT it is ignored', () => {
    finWait1().inject('U. 1:1 ack 1 urg 50').hears(News.Urgent);
    closeWait().hears(0).inject('U. 2:2 ack 1 urg 50').hears(0, News.Urgent);
  });
});
