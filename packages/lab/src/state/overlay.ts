/** Overlay: which of the sheets that lie over the page is open. */
import { type Signal, signal } from '@preact/signals';

export type Sheet = 'help' | 'glossary' | 'table' | 'connections';

export const overlay: Signal<Sheet | null> = signal(null);

let before: Element | null = null;

export function openOverlay(sheet: Sheet): void {
  before = document.activeElement;
  overlay.value = sheet;
}

/** Closes it; the focus goes back to where it was. */
export function closeOverlay(): void {
  overlay.value = null;
  if (before instanceof HTMLElement) before.focus();
}
