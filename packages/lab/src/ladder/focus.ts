/** Focus: one packet of the ladder can be reached by Tab; the arrow keys go from one to the next. */
import { computed, type ReadonlySignal } from '@preact/signals';
import { layout } from '../state/derived.ts';
import { position, selected } from '../state/run.ts';

/** The packet that Tab reaches: the one that is selected, or the last one that was sent; -1 where there is none. */
export const focused: ReadonlySignal<number> = computed(() => {
  const { arrows } = layout.value;
  if (selected.value !== null) return selected.value;
  let low = 0;
  let high = arrows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((arrows[middle]?.sent ?? 0) > position.value) high = middle;
    else low = middle + 1;
  }
  return arrows[low - 1]?.packet.id ?? -1;
});

/** Goes to the next or the previous packet that is drawn. */
export function moveFocus(from: Element, by: 1 | -1): void {
  const all = [...(from.parentElement?.querySelectorAll<SVGGElement>('[data-packet]') ?? [])];
  const next = all[all.findIndex((each) => each === from) + by];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
