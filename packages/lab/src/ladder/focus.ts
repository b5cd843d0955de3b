/** Focus: one packet of the ladder can be reached by Tab; the arrow keys go from one to the next. */
import { layout } from '../state/derived.ts';
import { position, selected } from '../state/run.ts';

/** 0: the packet is the one that Tab reaches; otherwise -1. */
export function focusOf(packet: number): 0 | -1 {
  const { arrows } = layout.value;
  const there = selected.value;
  if (there !== null) return packet === there ? 0 : -1;
  const last = arrows.findLast(({ sent }) => sent <= position.value);
  return last?.packet.id === packet ? 0 : -1;
}

/** Goes to the next or the previous packet that is drawn. */
export function moveFocus(from: Element, by: 1 | -1): void {
  const all = [...(from.parentElement?.querySelectorAll<SVGGElement>('[data-packet]') ?? [])];
  const next = all[all.findIndex((each) => each === from) + by];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
