/** Every scenario ends with something that the reader is to bring about, and is seen to have brought about. */
import type { JSX } from 'preact';
import { chosen, recording } from '../state/run.ts';
import { text, words } from '../text/texts.ts';

export function Challenge(): JSX.Element | null {
  const run = recording.value;
  const t = text.value;
  if (run === null) return null;
  const { challenge } = run.tale;
  const hasActed = (chosen()?.interventions.length ?? 0) > 0;
  const isDone = hasActed && run.goalAt !== null;
  return (
    <div class={isDone ? 'challenge done' : 'challenge'}>
      <h3>{t.challenge}</h3>
      <p>{challenge === null ? t.challengeFree : words(challenge.task)}</p>
      {!challenge?.hint ? null : (
        <details>
          <summary>{t.hint}</summary>
          <p>{words(challenge.hint)}</p>
        </details>
      )}
      {run.hasGoal && hasActed ? (
        <p class="verdict" role="status">
          {isDone ? `✓ ${t.goalReached}` : t.goalNot}
        </p>
      ) : null}
    </div>
  );
}
