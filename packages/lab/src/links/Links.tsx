/** The cables below the ladder: what each does to packets, and sliders that change it from the present moment on. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { pause } from '../state/playing.ts';
import { act, now, position, recording } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { text } from '../text/texts.ts';
import type { LinkRecord, Recording } from '../worker/protocol.ts';
import { impairmentsNow } from './now.ts';
import { changeOf, type ImpairmentName, impairmentNames, stopsOf, valueOf, valueText } from './scales.ts';

/** Which cable's sliders are shown, by its number. */
const chosenLink: Signal<number> = signal(0);

const isOpen: Signal<boolean> = signal(false);

export function Links(): JSX.Element | null {
  const run = recording.value;
  const t = text.value;
  if (run === null || run.links.length === 0) return null;
  const at = Math.min(chosenLink.value, run.links.length - 1);
  const link = run.links[at];
  if (link === undefined) return null;
  return (
    <details
      class="links"
      open={isOpen.value}
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>
        <b>{t.link}</b>{' '}
        <span class="links-now">
          {run.links.length > 1 ? nameOf(run, link) : ''} {summaryOf(at)}
        </span>
      </summary>
      {run.links.length > 1 ? (
        <div class="chips" role="group" aria-label={t.link}>
          {run.links.map((each, i) => (
            <button
              key={each.name}
              type="button"
              aria-pressed={i === at}
              onClick={() => {
                chosenLink.value = i;
              }}
            >
              {nameOf(run, each)}
            </button>
          ))}
        </div>
      ) : null}
      <div class="sliders">
        {impairmentNames.map((name) => (
          <Slider
            key={name}
            name={name}
            value={valueOf(impairmentsNow.value[at] ?? {}, name)}
            onChange={(value) => change(link, name, value, at)}
          />
        ))}
      </div>
      <p class="quiet">{t.linkNote}</p>
    </details>
  );
}

interface SliderProps {
  readonly name: ImpairmentName;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** One thing that a cable does; told when the reader lets it go. */
function Slider({ name, value, onChange }: SliderProps): JSX.Element {
  const title = text.value.impairments[name];
  const stops = stopsOf(name, value);
  return (
    <label class="slider">
      <span>{title}</span>
      <output class="number">{valueText(name, value)}</output>
      <input
        type="range"
        data-impairment={name}
        min={0}
        max={stops.length - 1}
        value={stops.indexOf(value)}
        aria-label={title}
        aria-valuetext={valueText(name, value)}
        onInput={({ currentTarget }) => {
          const said = currentTarget.parentElement?.querySelector('output');
          if (said) said.textContent = valueText(name, stops[Number(currentTarget.value)] ?? value);
        }}
        onChange={({ currentTarget }) => {
          const wanted = stops[Number(currentTarget.value)];
          if (wanted !== undefined && wanted !== value) onChange(wanted);
        }}
      />
    </label>
  );
}

function change({ between: [who, peer] }: LinkRecord, name: ImpairmentName, value: number, at: number): void {
  pause();
  const impairments = changeOf(name, value, impairmentsNow.peek()[at] ?? {});
  const deed = { do: 'link', peer, impairments } as const;
  void act({ type: 'deed', moment: position.value, time: now.value, who, deed });
}

function nameOf(run: Recording, { between: [a, b] }: Pick<LinkRecord, 'between'>): string {
  return `${hostTitle(run, a)} – ${hostTitle(run, b)}`;
}

/** What is out of the ordinary, and the delay. */
function summaryOf(at: number): string {
  const impairments = impairmentsNow.value[at] ?? {};
  const told = impairmentNames.filter((name) => name === 'delay' || valueOf(impairments, name) !== valueOf({}, name));
  return told
    .map((name) => `${text.value.impairments[name]} ${valueText(name, valueOf(impairments, name))}`)
    .join(' · ');
}
