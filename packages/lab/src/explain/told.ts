/** Told: from one explained step to the next. */
import { pause } from '../state/playing.ts';
import { position, recording, stepTo, toldStep } from '../state/run.ts';

/** Goes to the next or the previous step that is explained. */
export function told(by: 1 | -1): void {
  const run = recording.value;
  if (run === null) return;
  pause();
  const here = toldStep.value;
  const isThere = run.steps[here]?.moment === position.value;
  const wanted = by > 0 ? here + 1 : isThere ? here - 1 : here;
  const step = run.steps[wanted];
  if (step !== undefined) stepTo(step.moment);
  else if (by < 0) stepTo(-1);
}
