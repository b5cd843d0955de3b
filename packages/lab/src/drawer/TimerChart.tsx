/** The timers of all connections over the run: from when each is set to when it goes off, or is turned off. */
import { computed } from '@preact/signals';
import type { JSX } from 'preact';
import { position, recording, stepTo, total } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { spanText } from '../text/spans.ts';
import { text } from '../text/texts.ts';
import type { Recording } from '../worker/protocol.ts';

interface Span {
  readonly begin: number;
  readonly end: number | null;
  readonly fired: boolean;
  /** For how long it was set. */
  readonly length: number;
}

interface Lane {
  readonly host: string;
  readonly timer: string;
  readonly connection: number;
  readonly spans: readonly Span[];
}

/** Lanes beyond this are not drawn. */
const MOST_LANES = 40;

const lanes = computed(() => (recording.value === null ? [] : lanesOf(recording.value)));

export function TimerChart(): JSX.Element {
  const t = text.value;
  const run = recording.value;
  const count = Math.max(total.value, 1);
  const all = lanes.value.filter(({ spans }) => (spans[0]?.begin ?? 0) <= position.value);
  if (run === null || all.length === 0) return <p class="quiet">{t.noTimers}</p>;
  return (
    <div class="timer-chart">
      {all.slice(0, MOST_LANES).map(({ host, timer, connection, spans }) => (
        <div key={`${host} ${timer} ${connection}`} class="lane">
          <span>
            {hostTitle(run, host)} · {t.timers[timer as keyof typeof t.timers]}
          </span>
          <div class="lane-bar">
            {spans
              .filter(({ begin }) => begin <= position.value)
              .map(({ begin, end, fired, length }) => {
                const last = Math.min(end ?? count - 1, position.value);
                const isOver = end !== null && end <= position.value;
                return (
                  <button
                    key={begin}
                    type="button"
                    tabIndex={-1}
                    class={isOver ? (fired ? 'fired' : 'stopped') : 'runs'}
                    style={{
                      left: `${(100 * begin) / count}%`,
                      width: `${Math.max((100 * (last - begin)) / count, 0.4)}%`,
                    }}
                    title={`${spanText(length)}${isOver ? ` · ${fired ? t.timerFired : t.timerStopped}` : ''}`}
                    onClick={() => stepTo(begin)}
                  >
                    {spanText(length)}
                  </button>
                );
              })}
            <i style={{ left: `${(100 * (position.value + 1)) / count}%` }} />
          </div>
        </div>
      ))}
    </div>
  );
}

function lanesOf(run: Recording): Lane[] {
  const found = new Map<string, { lane: Lane; spans: Span[]; open: { begin: number; length: number } | null }>();
  for (const [i, { events }] of run.moments.entries()) {
    for (const event of events) {
      if (event.type === 'state' && event.to === 'CLOSED') {
        for (const entry of found.values()) {
          if (entry.lane.host === event.host && entry.lane.connection === event.connection.id) close(entry, i, false);
        }
      }
      if (event.type !== 'timer') continue;
      const { host, timer, connection, what, at, time } = event;
      const key = `${host} ${timer} ${connection.id}`;
      let entry = found.get(key);
      if (entry === undefined) {
        const spans: Span[] = [];
        entry = { lane: { host, timer, connection: connection.id, spans }, spans, open: null };
        found.set(key, entry);
      }
      close(entry, i, what === 'fired');
      if (what === 'set' && at !== null) entry.open = { begin: i, length: at - time };
    }
  }
  for (const entry of found.values()) close(entry, null, false);
  return [...found.values()].map(({ lane }) => lane).filter(({ spans }) => spans.length > 0);
}

function close(
  entry: { readonly spans: Span[]; open: { begin: number; length: number } | null },
  end: number | null,
  fired: boolean,
): void {
  if (entry.open !== null) entry.spans.push({ ...entry.open, end, fired });
  entry.open = null;
}
