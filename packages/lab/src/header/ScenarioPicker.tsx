/** The list of scenarios: found by typing, by number, or by looking. */

import { list, type ScenarioEntry } from 'virtual:scenarios';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { recording } from '../state/run.ts';
import { text, words } from '../text/texts.ts';
import { chooseScenario, pickerOpen } from './picker.ts';

export function ScenarioPicker(): JSX.Element {
  const t = text.value;
  const button = useRef<HTMLButtonElement>(null);
  const id = recording.value?.id;
  const entry = list.find((each) => each.id === id);
  const close = (): void => {
    pickerOpen.value = false;
    button.current?.focus();
  };
  return (
    <div class="picker">
      <button
        ref={button}
        type="button"
        class="picker-button"
        aria-haspopup="listbox"
        aria-expanded={pickerOpen.value}
        title={`${t.search} (/)`}
        onClick={() => {
          pickerOpen.value = !pickerOpen.value;
        }}
      >
        <span class="picker-name">{t.scenario}</span>
        {entry === undefined ? (
          (recording.value?.capture?.file ?? '…')
        ) : (
          <b>
            {entry.number} {words(entry.title)}
          </b>
        )}
        <span aria-hidden="true">▾</span>
      </button>
      {pickerOpen.value ? <Panel close={close} /> : null}
    </div>
  );
}

function Panel({ close }: { readonly close: () => void }): JSX.Element {
  const t = text.value;
  const typed = useSignal('');
  const lit = useSignal(
    Math.max(
      0,
      list.findIndex(({ id }) => id === recording.value?.id),
    ),
  );
  const panel = useRef<HTMLDivElement>(null);
  const found = list.filter((entry) => matches(entry, typed.value));
  const at = Math.min(lit.value, Math.max(found.length - 1, 0));
  useEffect(() => panel.current?.querySelector('input')?.focus(), []);
  useEffect(
    () => panel.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }),
    [at, typed.value],
  );
  const choose = (entry: ScenarioEntry | undefined): void => {
    if (entry === undefined) return;
    close();
    chooseScenario(entry.id);
  };
  return (
    <div
      class="picker-panel"
      ref={panel}
      onFocusOut={({ relatedTarget }) => {
        if (!(relatedTarget instanceof Node && panel.current?.contains(relatedTarget) === true))
          pickerOpen.value = false;
      }}
    >
      <input
        type="text"
        placeholder={t.search}
        aria-label={t.search}
        role="combobox"
        aria-expanded="true"
        aria-controls="scenarios"
        aria-activedescendant={found[at] === undefined ? undefined : `scenario-${found[at].id}`}
        value={typed.value}
        onInput={({ currentTarget }) => {
          typed.value = currentTarget.value;
          lit.value = 0;
        }}
        onKeyDown={(event) => {
          const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
          if (by !== 0) {
            event.preventDefault();
            lit.value = (at + by + found.length) % Math.max(found.length, 1);
          } else if (event.key === 'Enter') {
            event.preventDefault(); // the button that has the focus then would be pressed
            choose(found[at]);
          } else if (event.key === 'Escape') close();
        }}
      />
      {found.length === 0 ? <p class="quiet">{t.noneFound}</p> : null}
      <ul role="listbox" id="scenarios" aria-label={t.scenario}>
        {found.map((entry, i) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <li
            key={entry.id}
            id={`scenario-${entry.id}`}
            role="option"
            aria-selected={i === at}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(entry)}
          >
            <span class="number">{entry.number}</span>
            <span>
              <b>{words(entry.title)}</b>
              <small>{words(entry.summary)}</small>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** In either language, by number or by name: each word that was typed must be there. */
function matches({ id, number, title, summary }: ScenarioEntry, typed: string): boolean {
  const all = [String(number ?? ''), id, title.zh, title.en, summary.zh, summary.en].join(' ').toLowerCase();
  const asked = typed.trim().toLowerCase();
  if (/^\d+$/.test(asked)) return String(number ?? '').startsWith(asked);
  return asked.split(/\s+/).every((word) => all.includes(word));
}
