/** Drawer: which of the views below the ladder is open. */
import { type Signal, signal } from '@preact/signals';

export const tabs = [
  'diagram',
  'bytes',
  'graph',
  'timers',
  'events',
  'tcb',
  'packets',
  'code',
  'web',
  'terminal',
  'build',
] as const;
export type Tab = (typeof tabs)[number];

/** Null: it is closed. */
export const drawer: Signal<Tab | null> = signal(null);

export function openDrawer(tab: Tab): void {
  drawer.value = tab;
}

export function toggleDrawer(tab: Tab): void {
  drawer.value = drawer.value === tab ? null : tab;
}
