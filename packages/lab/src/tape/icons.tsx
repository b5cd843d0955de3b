/** Signs for buttons, drawn: not every font has them. */
import type { JSX } from 'preact';

const paths = {
  first: 'M4 4v12M17 4 7 10l10 6z',
  back: 'M15 4 6 10l9 6z',
  play: 'M6 3.5 16.5 10 6 16.5z',
  pause: 'M5.5 4h3v12h-3zM11.5 4h3v12h-3z',
  forward: 'M5 4l9 6-9 6z',
  last: 'M16 4v12M3 4l10 6-10 6z',
  drop: 'M5 5l10 10M15 5 5 15',
  delay: 'M10 3a7 7 0 1 0 .01 0zM10 6.5V10l2.5 2',
  duplicate: 'M7.5 7.5h8v8h-8zM4.5 12.5v-8h8',
  hold: 'M7 4v12M13 4v12',
  corrupt: 'M11 3 5.5 11H10l-1 6 5.5-8H10z',
  inspect: 'M4 6h12M4 10h12M4 14h8',
  share: 'M11 4h5v5M16 4l-7 7M8 5H4v11h11v-4',
  download: 'M10 3v9M6.5 9l3.5 3.5L13.5 9M4 16h12',
  open: 'M10 13V4M6.5 7.5 10 4l3.5 3.5M4 16h12',
  view: 'M4 6h7M15 6h1M4 14h1M9 14h7M13 4v4M7 12v4',
} as const;

/** Those that are filled; the others are lines. */
const filled: ReadonlySet<string> = new Set(['first', 'back', 'play', 'pause', 'forward', 'last']);

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class={filled.has(name) ? 'sign filled' : 'sign'} viewBox="0 0 20 20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
