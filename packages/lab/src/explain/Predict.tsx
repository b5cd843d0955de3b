/** A question before a decisive step: what comes next? The reader answers, and sees it. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Prediction } from 'synwave/sim';
import { pause } from '../state/playing.ts';
import { position, recording, stepTo, toldStep } from '../state/run.ts';
import { predictFirst } from '../state/settings.ts';
import { text, words } from '../text/texts.ts';

/** What was answered, by the run and the step before which it was asked. */
const answers: Signal<Readonly<Record<string, number>>> = signal({});

function keyOf(id: string, before: number): string {
  return `${id} ${before}`;
}

/** The question that stands here; null: there is none, or it has been dealt with. */
export function prediction(): Prediction | null {
  const run = recording.value;
  if (run === null || predictFirst.value === 'off') return null;
  const next = toldStep.value + 2; // steps are counted from 1 in questions
  const isPlayed = position.value >= 0 || next === 1;
  return isPlayed ? (run.tale.predict.find(({ before }) => before === next) ?? null) : null;
}

export function Predict({
  prediction: { before, question, answers: choices, right, because },
}: {
  readonly prediction: Prediction;
}): JSX.Element {
  const t = text.value;
  const run = recording.value;
  const key = keyOf(run?.id ?? '', before);
  const given = answers.value[key] ?? null;
  return (
    <div class="predict">
      <h3>{t.predictTitle}</h3>
      <p>{words(question)}</p>
      <div role="group" aria-label={words(question)}>
        {choices.map((choice, i) => (
          <button
            key={choice.en}
            type="button"
            aria-pressed={given === i}
            class={given === null ? '' : i === right ? 'good' : given === i ? 'bad' : ''}
            onClick={() => {
              answers.value = { ...answers.value, [key]: i };
            }}
          >
            {words(choice)}
          </button>
        ))}
      </div>
      {given === null ? null : (
        <div role="status">
          <p>
            <b>{given === right ? t.predictRight : t.predictWrong}</b> {words(because)}
          </p>
          <button
            type="button"
            class="go"
            onClick={() => {
              pause();
              const step = run?.steps[before - 1];
              if (step !== undefined) stepTo(step.moment);
            }}
          >
            {t.predictShow}
          </button>
        </div>
      )}
    </div>
  );
}
