/** On a phone: the states of all hosts on top of the ladder; a touch opens the host's card. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { hosts, recording } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { stateOf } from './connections.ts';
import { StatePill } from './StatePill.tsx';

/** The host whose card is open; null: none is. */
export const openCard: Signal<string | null> = signal(null);

export function Chips(): JSX.Element {
  const run = recording.value;
  return (
    <div class="chips-bar">
      {run === null
        ? null
        : hosts.value.map((view) => (
            <button
              key={view.name}
              type="button"
              aria-expanded={openCard.value === view.name}
              onClick={() => {
                openCard.value = openCard.value === view.name ? null : view.name;
              }}
            >
              <span>{hostTitle(run, view.name)}</span>
              <StatePill state={stateOf(view)} small />
            </button>
          ))}
    </div>
  );
}
