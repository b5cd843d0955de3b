/** The progress line. */
import { expect, test } from 'vitest';
import { progressLine } from '../src/handshake/progress.ts';
import { widthOf } from '../src/ladder/columns.ts';
import { textIn } from '../src/language.ts';

const MIB = 1 << 20;

test('tells share, octets, rate and time left', () => {
  expect(progressLine(12.6 * MIB, 30 * MIB, 1059, textIn('en'))).toBe(
    ' 42% ▕████████▍           ▏ 12.6/30.0 MiB  11.9 MiB/s  ETA 00:02',
  );
  expect(progressLine(12.6 * MIB, 30 * MIB, 1059, textIn('zh'))).toContain('剩余 00:02');
});

test('is as wide at the beginning as at the end', () => {
  const lines = [0, 0.33, 1].map((share) => progressLine(share * 90 * MIB, 90 * MIB, 1000 + share, textIn('en')));
  expect(lines.map((line) => widthOf(line.slice(0, line.indexOf('▏ ') + 1)))).toEqual([27, 27, 27]);
  expect(lines[0]).toContain('ETA --:--');
  expect(lines[2]).toContain('100% ▕████████████████████▏');
  expect(lines[2]).toContain('ETA 00:00');
});
