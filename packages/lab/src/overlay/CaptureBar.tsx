/** What is shown was read from a capture: which connection of it, and why its arrows are flat. */
import type { JSX } from 'preact';
import { isOver, reading } from '../header/files.ts';
import { openOverlay } from '../state/overlay.ts';
import { recording } from '../state/run.ts';
import { text } from '../text/texts.ts';

export function CaptureBar(): JSX.Element {
  const t = text.value.capture;
  const source = recording.value?.capture ?? null;
  return (
    <>
      {isOver.value ? <p class="notice">{t.drop}</p> : null}
      {reading.value === null ? null : (
        <p class="notice" role="status">
          {t.reading(Math.round(reading.value * 100))}
        </p>
      )}
      {source === null ? null : (
        <p class="notice from-capture">
          <b title={source.file}>{source.file}</b>
          <span>{t.connection(source.connection + 1, source.connections)}</span>
          {source.connections > 1 ? (
            <button type="button" onClick={() => openOverlay('connections')}>
              {t.choose}
            </button>
          ) : null}
          <details class="changes">
            <summary>{t.flat}</summary>
            {t.flatMore}
          </details>
        </p>
      )}
    </>
  );
}
