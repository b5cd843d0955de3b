/** Texts: what the page says, in the language that was chosen. */
import { computed, type ReadonlySignal } from '@preact/signals';
import type { Words } from 'synwave/sim';
import { language } from '../state/settings.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

type Same<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...args: infer A) => string
      ? (...args: A) => string
      : Same<T[K]>;
};

/** Both languages say the same things. */
export type Texts = Same<typeof zh>;

export const text: ReadonlySignal<Texts> = computed(() => (language.value === 'zh' ? zh : en));

/** What a scenario says, in the language that was chosen. */
export function words(said: Words): string {
  return said[language.value];
}
