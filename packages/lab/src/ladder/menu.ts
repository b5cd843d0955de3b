/** Menu: which packet's menu is open, and where. */
import { type Signal, signal } from '@preact/signals';
import { selected } from '../state/run.ts';

export interface MenuPlace {
  readonly packet: number;
  readonly x: number;
  readonly y: number;
}

export const menu: Signal<MenuPlace | null> = signal(null);

export function openMenu(packet: number, x: number, y: number): void {
  selected.value = packet;
  menu.value = { packet, x, y };
}

/** Closes it; the packet has the focus again. */
export function closeMenu(): void {
  const open = menu.value;
  menu.value = null;
  if (open !== null) document.querySelector<SVGGElement>(`[data-packet="${open.packet}"]`)?.focus();
}
