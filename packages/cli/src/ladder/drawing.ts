/** The drawing of a run: its ladder, what the letters in it stand for, and how it went. */
import { type Label, type LabelMode, Labels } from 'synwave/sim';
import { labelled, type SegmentStep } from '../handshake/recording.ts';
import type { Run } from '../handshake/run.ts';
import type { Text } from '../text/text.ts';
import { legendOf } from './legend.ts';
import { type Look, Renderer } from './render.ts';
import { rowsOf } from './rows.ts';

/** Lines without the last line's end. A verbose look folds nothing. */
export function drawing(run: Run, mode: LabelMode, look: Look, text: Text): string {
  const { recording, names, msl2, bytes, sha256 } = run;
  const { steps } = recording;
  const segments = steps.filter((step) => step.kind === 'segment');
  const labels = new Labels(mode, segments.map(labelled), text.octets);
  const labelOf = (step: SegmentStep): Label => labels.of(labelled(step));
  const rows = rowsOf(steps, { text, labelOf, msl2, fold: !look.verbose });
  const legend = legendOf(labels, mode, ['client', 'server'], text);
  const again = segments.filter((step) => step.again !== null).length;
  const lost = segments.filter((step) => step.dropped !== null).length;
  return [
    ...new Renderer(look, 2).lines(rows, text.time, [
      `${text.client} ${names.client}`,
      `${text.server} ${names.server}`,
    ]),
    '',
    ...(legend === '' ? [] : [legend]),
    text.sent(bytes, segments.length, again, lost),
    ...(sha256.sent === sha256.received ? [text.same(sha256.sent)] : []),
  ].join('\n');
}
