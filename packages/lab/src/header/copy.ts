/** Copy: puts a link, or the code of a frame, where it can be pasted from, and says so. */
import { type Signal, signal } from '@preact/signals';
import { embeddedPage } from '../state/embed.ts';
import { shareLink } from '../state/link.ts';
import { recording } from '../state/run.ts';
import { text, words } from '../text/texts.ts';

/** What is said of it for a moment; empty otherwise. */
export const copied: Signal<string> = signal('');

let timer = 0;

export function copyLink(): Promise<void> {
  return copy(shareLink(), text.value.shared);
}

/** A frame for another page: this run, at this point. */
export function copyFrame(): Promise<void> {
  const title = recording.value === null ? 'synwave lab' : words(recording.value.tale.title);
  const link = embeddedPage(shareLink()).replaceAll('&', '&amp;').replaceAll('"', '%22');
  const frame = `<iframe src="${link}" title="${title.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}" width="100%" height="520" loading="lazy" style="border: 0" allow="clipboard-write"></iframe>`;
  return copy(frame, text.value.frameCopied);
}

async function copy(what: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(what);
    copied.value = done;
  } catch {
    copied.value = text.value.shareFailed;
  }
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    copied.value = '';
  }, 3000);
}
