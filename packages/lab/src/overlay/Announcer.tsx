/** Speaks what a step of the reader's leads to; silent while the run plays by itself. */
import type { JSX } from 'preact';
import { runLabels } from '../state/derived.ts';
import { playing } from '../state/playing.ts';
import { position, recording, stepped } from '../state/run.ts';
import { momentText } from '../text/narrate.ts';
import { text } from '../text/texts.ts';

export function Announcer(): JSX.Element {
  const run = recording.value;
  const at = position.value;
  const isSilent = run === null || playing.value || stepped.value === 0 || at < 0;
  return (
    <p class="unseen" aria-live="polite">
      {isSilent ? '' : text.value.position(at + 1, run.moments.length, momentText(run, at, runLabels.value))}
    </p>
  );
}
