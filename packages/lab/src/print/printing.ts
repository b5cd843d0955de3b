/** Printing: while the browser prints, the page is another one: the whole run on one sheet of paper. */
import { type Signal, signal } from '@preact/signals';
import type { ComponentType } from 'preact';

/** What is printed; null: nothing is, just now. */
export const printed: Signal<ComponentType | null> = signal(null);

let page: ComponentType | null = null;

/** The sheet has to be there when the browser asks: it cannot be waited for then. */
export function preparePrinting(): void {
  addEventListener('beforeprint', () => {
    printed.value = page;
  });
  addEventListener('afterprint', () => {
    printed.value = null;
  });
  addEventListener('load', () => setTimeout(() => void load(), 1000));
}

/** Prints, as the browser's own command does. */
export async function printPage(): Promise<void> {
  await load();
  print();
}

async function load(): Promise<void> {
  page ??= (await import('./PrintPage.tsx')).PrintPage;
}
