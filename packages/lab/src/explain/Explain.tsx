/** The explanation of what is seen: the step of the scenario that was reached, and what tutorials get wrong. */
import { type Signal, signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { runLabels } from '../state/derived.ts';
import { position, recording, toldStep, toldSteps } from '../state/run.ts';
import { language, predictFirst } from '../state/settings.ts';
import { momentText } from '../text/narrate.ts';
import { text, words } from '../text/texts.ts';
import type { StepText } from '../worker/protocol.ts';
import { Challenge } from './Challenge.tsx';
import { Predict, prediction } from './Predict.tsx';
import { Rfc } from './Rfc.tsx';
import { told as goToTold } from './told.ts';

/** On a phone: whether the sheet is pulled up. */
const isTall: Signal<boolean> = signal(false);

export function Explain(): JSX.Element | null {
  const run = recording.value;
  const t = text.value;
  if (run === null) return null;
  const { tale, steps } = run;
  const at = toldStep.value;
  const isHere = at >= 0 && steps[at]?.moment === position.value;
  const asked = prediction();
  return (
    <section class={isTall.value ? 'explain tall' : 'explain'} aria-label={t.explain}>
      <header>
        <h2>
          <button
            type="button"
            class="grip narrow-only"
            aria-expanded={isTall.value}
            aria-label={t.explain}
            onClick={() => {
              isTall.value = !isTall.value;
            }}
          >
            {isTall.value ? '▾' : '▴'}
          </button>
          {t.explain}
        </h2>
        {tale.steps.length === 0 ? null : (
          <>
            <span class="number">{stepsText(toldSteps.value, tale.steps.length)}</span>
            <StepButtons />
          </>
        )}
      </header>
      <div class="explain-body">
        {asked === null ? (
          <>
            {run.capture === null || at < 0 ? null : <Part name={t.summary}>{words(tale.summary)}</Part>}
            {at < 0 ? (
              <>
                <Part name={t.summary}>{words(tale.summary)}</Part>
                {steps.length === 0 ? null : <p class="quiet">{t.notYet}</p>}
              </>
            ) : (
              <div key={`${at} ${language.value}`} class={isHere ? 'told arrives' : 'told'}>
                {toldSteps.value.map((step) => {
                  const said = tale.steps[step];
                  return said === undefined ? null : <Told key={step} number={step + 1} step={said} />;
                })}
              </div>
            )}
            {position.value >= 0 && !isHere ? (
              <Part name={t.between} kind="between">
                {momentText(run, position.value, runLabels.value)}
              </Part>
            ) : null}
          </>
        ) : (
          <Predict prediction={asked} />
        )}
        {tale.predict.length > 0 ? <PredictToggle /> : null}
        {run.capture === null ? <Challenge /> : null}
        <Misconceptions />
        <Questions />
      </div>
    </section>
  );
}

/** `3 / 15`, or `3–5 / 15` where one moment holds several. */
function stepsText(steps: readonly number[], all: number): string {
  const [first = -1] = steps;
  const last = steps.at(-1) ?? -1;
  return first === last ? `${first + 1} / ${all}` : `${first + 1}–${last + 1} / ${all}`;
}

/** One step: what happens, why, what to notice. */
function Told({ number, step }: { readonly number: number; readonly step: StepText }): JSX.Element {
  const t = text.value;
  const { what, why, notice, rfc } = step;
  return (
    <div class="told-step" data-step={number}>
      <Part name={`${number} · ${t.what}`}>{words(what)}</Part>
      <Part name={t.why}>
        {words(why)} {rfc === null ? null : <Rfc source={rfc} />}
      </Part>
      {notice === null ? null : (
        <Part name={t.notice} kind="notice">
          {words(notice)}
        </Part>
      )}
    </div>
  );
}

function Part({
  name,
  kind = '',
  children,
}: {
  readonly name: string;
  readonly kind?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class={`part ${kind}`}>
      <h3>{name}</h3>
      <p>{children}</p>
    </div>
  );
}

/** From one explained step to the next. */
function StepButtons(): JSX.Element {
  const t = text.value;
  return (
    <span class="step-buttons">
      <button
        type="button"
        title={t.previousTold}
        aria-label={t.previousTold}
        disabled={toldStep.value < 0}
        onClick={() => goToTold(-1)}
      >
        ‹
      </button>
      <button
        type="button"
        title={t.nextTold}
        aria-label={t.nextTold}
        disabled={toldStep.value >= (recording.value?.steps.length ?? 0) - 1}
        onClick={() => goToTold(1)}
      >
        ›
      </button>
    </span>
  );
}

function PredictToggle(): JSX.Element {
  return (
    <label class="toggle">
      <input
        type="checkbox"
        checked={predictFirst.value === 'on'}
        onChange={({ currentTarget }) => {
          predictFirst.value = currentTarget.checked ? 'on' : 'off';
        }}
      />
      {text.value.predictToggle}
    </label>
  );
}

function Misconceptions(): JSX.Element | null {
  const t = text.value;
  const all = recording.value?.tale.misconceptions ?? [];
  if (all.length === 0) return null;
  return (
    <details class="misconceptions">
      <summary>{t.misconceptions}</summary>
      {all.map(({ said, right, rfc }) => (
        <div key={said.en}>
          <p class="said">
            <b>{t.said}</b>
            {words(said)}
          </p>
          <p class="right">
            <b>{t.right}</b>
            {words(right)} <Rfc source={rfc} />
          </p>
        </div>
      ))}
    </details>
  );
}

function Questions(): JSX.Element | null {
  const t = text.value;
  const all = recording.value?.tale.questions ?? [];
  if (all.length === 0) return null;
  return (
    <details class="questions">
      <summary>{t.questions}</summary>
      {all.map(({ question, answer }) => (
        <details key={question.en}>
          <summary>{words(question)}</summary>
          <p>{words(answer)}</p>
        </details>
      ))}
    </details>
  );
}
