/** The legend of a ladder: what its letters stand for, or where its numbers begin. */
import type { LabelMode, Labels } from 'synwave/sim';
import type { Text } from '../text/text.ts';

/** `x = 3799, y = 17, u = x+5`; empty where there is nothing to say. `hosts`: who opens, who is called. */
export function legendOf(labels: Labels, mode: LabelMode, hosts: readonly [string, string], text: Text): string {
  if (mode === 'raw') return '';
  if (mode === 'relative') {
    const [near, far] = hosts.map((host) => String(labels.initialOf(host) ?? '?'));
    return text.initialNumbers(near as string, far as string);
  }
  return labels
    .meanings()
    .map(({ name, base, value }) => `${name} = ${base === null ? value : value === 0 ? base : `${base}+${value}`}`)
    .join(', ');
}
