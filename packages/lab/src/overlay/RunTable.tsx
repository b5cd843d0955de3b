/** The run as a table: the same as the ladder, for who reads by ear, or wants to copy it. */
import type { JSX } from 'preact';
import { runLabels } from '../state/derived.ts';
import { closeOverlay } from '../state/overlay.ts';
import { position, recording, stepTo } from '../state/run.ts';
import { sentenceOf } from '../text/narrate.ts';
import { timeText } from '../text/spans.ts';
import { text } from '../text/texts.ts';

/** Longer tables are of no use to anybody. */
const MOST_ROWS = 1000;

export function RunTable(): JSX.Element {
  const t = text.value;
  const run = recording.value;
  if (run === null) return <p>{t.loading}</p>;
  return (
    <>
      <h2>{t.table}</h2>
      <table class="run-table">
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">{t.time} (s)</th>
            <th scope="col">{t.what}</th>
          </tr>
        </thead>
        <tbody>
          {run.moments.slice(0, MOST_ROWS).map(({ time, events }, i) => (
            <tr key={`${time} ${i}`} aria-current={i === position.value ? 'step' : undefined}>
              <td>
                <button
                  type="button"
                  onClick={() => {
                    closeOverlay();
                    stepTo(i);
                  }}
                >
                  {i + 1}
                </button>
              </td>
              <td class="number">{timeText(time)}</td>
              <td>
                {events.map((event) => sentenceOf(event, run, runLabels.value)).join(t.lang === 'en' ? '; ' : '；')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
