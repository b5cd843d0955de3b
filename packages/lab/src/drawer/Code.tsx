/** The programs of the scenario, as somebody would write them: with synwave/net in TypeScript, and in Python. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { recording } from '../state/run.ts';
import { hostTitle } from '../text/narrate.ts';
import { text } from '../text/texts.ts';
import { pythonOf } from './python.ts';
import { typescriptOf } from './typescript.ts';

const tongue: Signal<'typescript' | 'python'> = signal('typescript');

export function Code(): JSX.Element {
  const t = text.value;
  const run = recording.value;
  if (run === null) return <p class="quiet">{t.loading}</p>;
  const write = tongue.value === 'typescript' ? typescriptOf : pythonOf;
  const hosts = run.hosts.filter(({ name }) => run.script.some(({ who }) => who === name));
  return (
    <div class="code">
      <div class="chips" role="group" aria-label={t.tabs.code}>
        {(['typescript', 'python'] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={tongue.value === each}
            onClick={() => {
              tongue.value = each;
            }}
          >
            {each === 'typescript' ? 'TypeScript · synwave/net' : 'Python · socket'}
          </button>
        ))}
        <span class="quiet">{t.codeNote}</span>
      </div>
      <div class="code-hosts">
        {hosts.map(({ name }) => (
          <section key={name}>
            <h3>{hostTitle(run, name)}</h3>
            <pre>{write(run, name)}</pre>
          </section>
        ))}
      </div>
    </div>
  );
}
