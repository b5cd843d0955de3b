/** A link that shows others the same: this run, with all that was done to it, at this point. */
import type { JSX } from 'preact';
import { Icon } from '../tape/icons.tsx';
import { text } from '../text/texts.ts';
import { copied, copyLink } from './copy.ts';

export function ShareButton(): JSX.Element {
  const t = text.value;
  return (
    <span class="share">
      <button type="button" class="icon" title={t.shareHint} aria-label={t.share} onClick={() => void copyLink()}>
        <Icon name="share" />
        <span class="wide-only">{t.share}</span>
      </button>
    </span>
  );
}

/** Says that something was copied, or that it could not be. */
export function Toast(): JSX.Element {
  const said = copied.value;
  return (
    <span class={said === '' ? 'toast' : 'toast shown'} role="status">
      {said}
    </span>
  );
}
