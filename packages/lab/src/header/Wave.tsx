/** The sign of the project: a wave there, a wave back. */
import type { JSX } from 'preact';

export function Wave(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M6 9h14m-4-4 4 4-4 4M26 23H12m4-4-4 4 4 4" />
    </svg>
  );
}
