/** The timers that run on a connection, as bars that drain. */
import type { JSX } from 'preact';
import type { DueName } from 'synwave';
import type { ConnectionView } from 'synwave/sim';
import { moment, now, position, recording } from '../state/run.ts';
import { spanText } from '../text/spans.ts';
import { text } from '../text/texts.ts';

interface Props {
  readonly host: string;
  readonly view: ConnectionView;
}

export function Timers({ host, view }: Props): JSX.Element | null {
  const t = text.value;
  const all = Object.entries(view.info.timers) as [DueName, number][];
  const passed = now.value - (moment.value?.time ?? now.value);
  if (all.length === 0) return null;
  return (
    <ul class="timers" aria-label={t.timersTitle}>
      {all.map(([name, span]) => {
        const left = Math.max(0, span - passed);
        const whole = Math.max(wholeOf(host, view.connection.id, name), left, 1);
        return (
          <li key={name}>
            <span>{t.timers[name]}</span>
            <span class="number">{spanText(Math.round(left))}</span>
            <i style={{ '--left': String(left / whole) }} />
          </li>
        );
      })}
    </ul>
  );
}

/** How long the timer was set for, when it was set last. */
function wholeOf(host: string, connection: number, timer: DueName): number {
  const moments = recording.value?.moments ?? [];
  for (let i = position.value; i >= 0 && i > position.value - 2000; i--) {
    const set = moments[i]?.events.findLast(
      (event) =>
        event.type === 'timer' &&
        event.what === 'set' &&
        event.host === host &&
        event.timer === timer &&
        event.connection.id === connection,
    );
    if (set?.type === 'timer' && set.at !== null) return set.at - set.time;
  }
  return 0;
}
