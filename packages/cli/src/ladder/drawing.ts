/** The drawing of a run: its ladder, what the letters in it stand for, and how it went. */
import type { Run } from '../handshake/run.ts';
import type { Text } from '../text/text.ts';
import { type LabelMode, Labels } from './labels.ts';
import { type Look, Renderer } from './render.ts';
import { rowsOf } from './rows.ts';

/** Lines without the last line's end. A verbose look folds nothing. */
export function drawing(run: Run, mode: LabelMode, look: Look, text: Text): string {
  const { recording, names, msl2, bytes, sha256 } = run;
  const { steps, initial } = recording;
  const segments = steps.filter((step) => step.kind === 'segment');
  const labels = new Labels(mode, text, segments, initial);
  const rows = rowsOf(steps, { text, msl2, fold: !look.verbose });
  const legend = labels.legend();
  const again = segments.filter((step) => step.again !== null).length;
  const lost = segments.filter((step) => step.dropped !== null).length;
  return [
    ...new Renderer(text, labels, look).lines(rows, names),
    '',
    ...(legend === '' ? [] : [legend]),
    text.sent(bytes, segments.length, again, lost),
    ...(sha256.sent === sha256.received ? [text.same(sha256.sent)] : []),
  ].join('\n');
}
