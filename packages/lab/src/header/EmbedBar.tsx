/** The header of an embedded page: what is shown, and the way to the whole page. */
import type { JSX } from 'preact';
import { wholePage } from '../state/embed.ts';
import { position, recording } from '../state/run.ts';
import { text, words } from '../text/texts.ts';
import { Wave } from './Wave.tsx';

export function EmbedBar(): JSX.Element {
  const t = text.value;
  const run = recording.value;
  void position.value; // the address follows it
  return (
    <header class="embed-bar">
      <Wave />
      <h1>{run === null ? 'synwave lab' : words(run.tale.title)}</h1>
      <a
        href={wholePage()}
        target="_blank"
        rel="noopener"
        title={`${t.real}. ${t.realMore}`}
        onPointerDown={({ currentTarget }) => {
          currentTarget.href = wholePage();
        }}
        onFocus={({ currentTarget }) => {
          currentTarget.href = wholePage();
        }}
      >
        {t.openWhole} ↗
      </a>
    </header>
  );
}
