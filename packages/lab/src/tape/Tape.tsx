/** The tape: where in the run the reader is, how to go on or back, and what lies where. */
import type { JSX } from 'preact';
import { runLabels } from '../state/derived.ts';
import { faster, pause, play, playing, slower, speed, speeds } from '../state/playing.ts';
import { now, position, recording, stepTo, total } from '../state/run.ts';
import { momentText } from '../text/narrate.ts';
import { spanText } from '../text/spans.ts';
import { text } from '../text/texts.ts';
import { Icon, type IconName } from './icons.tsx';
import { Track } from './Track.tsx';

export function Tape(): JSX.Element {
  const t = text.value;
  const at = position.value;
  const all = total.value;
  const run = recording.value;
  const step = (to: number): void => {
    pause();
    stepTo(to);
  };
  const said = run === null || at < 0 ? t.nothingYet : momentText(run, at, runLabels.value);
  return (
    <section class="tape" aria-label={t.tape}>
      <div class="tape-buttons">
        <Button name={t.first} sign="first" onClick={() => step(-1)} disabled={at < 0} wide />
        <Button name={t.back} sign="back" onClick={() => step(at - 1)} disabled={at < 0} />
        <Button
          name={playing.value ? t.pause : t.play}
          sign={playing.value ? 'pause' : 'play'}
          onClick={() => (playing.value ? pause() : play())}
          main
        />
        <Button name={t.forward} sign="forward" onClick={() => step(at + 1)} disabled={at >= all - 1} />
        <Button name={t.last} sign="last" onClick={() => step(all - 1)} disabled={at >= all - 1} wide />
      </div>
      <output class="counter number">{t.positionShort(at + 1, all)}</output>
      <div class="track">
        <Track />
        <input
          type="range"
          min={0}
          max={all}
          value={at + 1}
          aria-label={t.tape}
          aria-valuetext={t.position(at + 1, all, said)}
          onInput={({ currentTarget }) => {
            pause();
            stepTo(Number(currentTarget.value) - 1);
          }}
        />
      </div>
      <Clock />
      <div class="speed" role="group" aria-label={t.speed}>
        <Button name={t.slower} sign="−" onClick={slower} disabled={speed.value === 0} />
        <span class="number">{speedText(speeds[speed.value] ?? 1)}</span>
        <Button name={t.faster} sign="+" onClick={faster} disabled={speed.value === speeds.length - 1} />
      </div>
    </section>
  );
}

/** By itself: it changes with every frame. */
function Clock(): JSX.Element {
  return <span class="clock number">{clockText(now.value)}</span>;
}

interface ButtonProps {
  readonly name: string;
  readonly sign: IconName | '−' | '+';
  readonly onClick: () => void;
  readonly disabled?: boolean;
  readonly main?: boolean;
  /** Left out where there is little room. */
  readonly wide?: boolean;
}

function Button({ name, sign, onClick, disabled = false, main = false, wide = false }: ButtonProps): JSX.Element {
  const names = [main ? 'main' : '', wide ? 'wide-only' : ''].join(' ').trim();
  return (
    <button type="button" class={names} title={name} aria-label={name} disabled={disabled} onClick={onClick}>
      {sign === '−' || sign === '+' ? <span aria-hidden="true">{sign}</span> : <Icon name={sign} />}
    </button>
  );
}

function speedText(factor: number): string {
  return factor >= 1 ? `${factor}×` : `1/${Math.round(1 / factor)}`;
}

function clockText(time: number): string {
  return time < 600_000_000 ? `${(time / 1_000_000).toFixed(3)} s` : spanText(time);
}
