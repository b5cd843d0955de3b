/** Attacks from off the path: challenge ACKs and their throttle (RFC 5961). */
import { expect, test } from 'vitest';
import { State } from '../../src/tcp/state.ts';
import { established, wrapping } from './harness.ts';

wrapping('challenge ACKs are throttled (RFC 5961 §7)', () => {
  test.each([
    ['SYN', 'S 1:1'],
    ['RST in the window', 'R 2:2'],
    ['ACK of the unsent', '. 1:1 ack 99'],
    ['ACK older than any window', '. 1:1 ack -70000'],
  ])('%s: ten in a second, then silence until the next', (_name, line) => {
    const script = established();
    let answers = 0;
    for (let i = 0; i < 15; i++) answers += script.inject(line).sent().length;
    expect(answers).toBe(10);
    script.after(500).inject(line).quiet().after(500).inject(line).expect('. 1:1 ack 1').state(State.Established);
  });

  test('all kinds share one allowance', () => {
    const script = established();
    let answers = 0;
    for (let i = 0; i < 8; i++) answers += script.inject('S 1:1').sent().length + script.inject('R 2:2').sent().length;
    expect(answers).toBe(10);
  });

  test('text that came twice is always acknowledged: its sender depends on it', () => {
    const script = established().inject('P. 1:101 ack 1').within(40, '. 1:1 ack 101');
    for (let i = 0; i < 30; i++) script.inject('P. 1:101 ack 1').expect('. 1:1 ack 101');
  });

  test('the true peer, when it has rebooted, resets with the number that the challenge told', () => {
    established().inject('R 500:500').expect('. 1:1 ack 1').inject('R 1:1').state(State.Closed);
  });
});

wrapping('blind injection (RFC 5961 §5) [MAY-12]', () => {
  test('text with an ACK of what was never sent, or of long ago, is not taken', () => {
    established()
      .inject('P. 1:11 ack 1000')
      .expect('. 1:1 ack 1')
      .readRefused(0)
      .inject('P. 1:11 ack -65535')
      .expect('. 1:1 ack 1')
      .readRefused(0)
      .inject('P. 1:11 ack -65534')
      .within(40, '. 1:1 ack 11')
      .read(10);
  });
});
