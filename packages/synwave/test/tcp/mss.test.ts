/** The maximum segment size: RFC 9293 §3.7.1. */
import { expect, test } from 'vitest';
import { closed, established, listening, wrapping } from './harness.ts';

wrapping('the MSS option (§3.7.1)', (family) => {
  /** What a peer takes that announces nothing. */
  const least = family === 4 ? 536 : 1220;

  test('both SYNs announce it (MUST-14), and it is what the path takes (MUST-67) [SHLD-5, MAY-3]', () => {
    closed({ mss: 1460 }).connect().expect('S 0:0 <mss 1460>');
    listening({ mss: 1460, pathMss: 1400 }).inject('S 0:0 <mss 536>').expect('S. 0:0 ack 1 <mss 1400>');
  });

  test('no other segment does (MUST-65)', () => {
    established()
      .write(1500)
      .expect('. 1:1001 ack 1 <>')
      .inject('. 1:1 ack 1001')
      .expect('P. 1001:1501 ack 1 <>')
      .close()
      .expect('F. 1501:1501 ack 1 <>');
  });

  test(`a SYN without it means ${least} (MUST-15)`, () => {
    established({ mss: 1460, peer: '<>' })
      .write(2 * least + 28)
      .expect(`. 1:${least + 1} ack 1`, `. ${least + 1}:${2 * least + 1} ack 1`)
      .inject(`. 1:1 ack ${2 * least + 1}`)
      .expect(`P. ${2 * least + 1}:${2 * least + 29} ack 1`);
  });

  test.each([
    [500, 1460, 500],
    [1460, 700, 700],
    [65535, 1460, 1460],
  ])('the peer takes %i, the path %i: segments carry %i (MUST-16)', (peer, pathMss, mss) => {
    const script = established({ pathMss, mss: pathMss, peer: `<mss ${peer}>` }).value(
      'MSS',
      ({ snd }) => snd.mss,
      mss,
    );
    expect(script.write(2 * mss).sent()).toEqual([
      expect.stringContaining(`. 1:${mss + 1}(`),
      expect.stringContaining(`P. ${mss + 1}:${2 * mss + 1}(`),
    ]);
  });

  test('options of every segment are taken off (RFC 6691)', () => {
    established({ mss: 1460, timestamps: true }).value('MSS', ({ snd }) => snd.mss, 1448);
  });

  test('the segments that the peer sends may be larger than what we announced: they are taken all the same', () => {
    established({ mss: 536 }).inject('P. 1:3001 ack 1').within(40, '. 1:1 ack 3001').read(3000);
  });
});
