/** A link that shows others the same: this run, with all that was done to it, at this point. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { shareLink } from '../state/link.ts';
import { Icon } from '../tape/icons.tsx';
import { text } from '../text/texts.ts';

export function ShareButton(): JSX.Element {
  const t = text.value;
  const said = useSignal('');
  const share = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(shareLink());
      said.value = t.shared;
    } catch {
      said.value = t.shareFailed;
    }
    setTimeout(() => {
      said.value = '';
    }, 3000);
  };
  return (
    <span class="share">
      <button type="button" class="icon" title={t.share} aria-label={t.share} onClick={() => void share()}>
        <Icon name="share" />
        <span class="wide-only">{t.share}</span>
      </button>
      <span class={said.value === '' ? 'toast' : 'toast shown'} role="status">
        {said.value}
      </span>
    </span>
  );
}
