/** The events of the run in plain sentences, as far as it has come; some sorts can be left out. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { RunEvent } from 'synwave/sim';
import { runLabels } from '../state/derived.ts';
import { position, recording, stepTo } from '../state/run.ts';
import { sentenceOf } from '../text/narrate.ts';
import { timeText } from '../text/spans.ts';
import { text } from '../text/texts.ts';

const sorts = ['packets', 'states', 'timers', 'calls', 'others'] as const;
type Sort = (typeof sorts)[number];

const shown: Signal<ReadonlySet<Sort>> = signal(new Set(sorts));

/** The last ones; earlier ones are found in the table of the run. */
const MOST = 400;

export function Events(): JSX.Element {
  const t = text.value;
  const run = recording.value;
  const at = position.value;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const found: { readonly moment: number; readonly event: RunEvent }[] = [];
  const moments = run?.moments ?? [];
  for (let i = at; i >= 0 && found.length < MOST; i--) {
    for (const event of (moments[i]?.events ?? []).toReversed()) {
      if (shown.value.has(sortOf(event))) found.push({ moment: i, event });
    }
  }
  return (
    <div class="events">
      <div class="chips" role="group" aria-label={t.filter}>
        {sorts.map((sort) => (
          <button key={sort} type="button" aria-pressed={shown.value.has(sort)} onClick={() => toggle(sort)}>
            {t.sorts[sort]}
          </button>
        ))}
      </div>
      <ol ref={list}>
        {run === null
          ? null
          : found.toReversed().map(({ moment, event }, i) => (
              <li key={`${moment} ${i}`} class={`${sortOf(event)}${moment === at ? ' now' : ''}`}>
                <button type="button" class="number" onClick={() => stepTo(moment)}>
                  {timeText(event.time)}
                </button>
                {sentenceOf(event, run, runLabels.value)}
              </li>
            ))}
      </ol>
    </div>
  );
}

function toggle(sort: Sort): void {
  const next = new Set(shown.value);
  if (!next.delete(sort)) next.add(sort);
  shown.value = next;
}

function sortOf({ type }: RunEvent): Sort {
  switch (type) {
    case 'sent':
    case 'arrived':
    case 'lost':
      return 'packets';
    case 'state':
    case 'tcb':
      return 'states';
    case 'timer':
      return 'timers';
    case 'call':
    case 'return':
      return 'calls';
    default:
      return 'others';
  }
}
