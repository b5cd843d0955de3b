/** Told: from one explained step to the next. */
import { pause } from '../state/playing.ts';
import { position, recording, stepTo } from '../state/run.ts';

/** Goes to the next or the previous step that is explained. */
export function told(by: 1 | -1): void {
  const run = recording.value;
  if (run === null) return;
  pause();
  const { steps } = run;
  const here = position.value;
  const next = by > 0 ? steps.find(({ moment }) => moment > here) : steps.findLast(({ moment }) => moment < here);
  if (next !== undefined) stepTo(next.moment);
  else if (by < 0) stepTo(-1);
}
